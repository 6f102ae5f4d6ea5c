#include "services/scheduling/store/mysql_rota_store.h"

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/domain/template_errors.h"
#include "services/scheduling/rota/errors.h"
#include "services/scheduling/store/rota_events.h"
#include "services/scheduling/store/rota_known.h"
#include "services/scheduling/store/rota_publication.h"
#include "services/scheduling/store/rota_rows.h"

namespace yilian::scheduling {
namespace {

using rota::Asked;
using rota::Judgement;
using rota::Known;
using rota::Planned;
using rota::Rota;

absl::StatusOr<RotaRow> Own(absl::StatusOr<std::optional<RotaRow>> found, const Actor& by) {
  if (!found.ok()) return found.status();
  if (!*found || !(*found)->rota.IsOwn(by)) return errors::RotaNotFound();
  return **std::move(found);
}

absl::StatusOr<RotaRow> LockOwn(mysql::Session& sql, RotaId id, const Actor& by,
                                const std::string& etag) {
  ASSIGN_OR_RETURN(RotaRow row, Own(LockRota(sql, id), by));
  if (row.rota.etag() != etag) return errors::EtagStale(row.rota.etag());
  return row;
}

}  // namespace

absl::StatusOr<v1::Rota> MysqlRotaStore::Plan(const unit::WriteContext& context,
                                              const rota::NewRota& wanted) {
  return unit_of_work_.Run<v1::Rota>(context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Rota> {
    const Rota rota{.id = RotaId::New(scope.now()),
                    .organization = wanted.organization,
                    .code = wanted.code,
                    .first_day = wanted.first_day,
                    .weeks = wanted.weeks,
                    .created_at = scope.now()};
    RETURN_IF_ERROR(InsertRota(scope.sql(), rota, wanted.problem));
    scope.Subject("rota", rota.id.uuid(), base::Uuid());
    return encoding_.rota(rota);
  });
}

absl::StatusOr<rota::RotaView> MysqlRotaStore::Get(RotaId id, const Actor& by,
                                                   absl::Time deadline) {
  std::optional<RotaRow> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, Own(LoadRota(sql, id), by));
        return absl::OkStatus();
      }));
  return rota::RotaView{.rota = std::move(found->rota),
                        .problem = std::move(found->problem),
                        .plan = std::move(found->plan)};
}

absl::StatusOr<std::vector<Rota>> MysqlRotaStore::List(OrganizationId organization, RotaId before,
                                                       int limit, absl::Time deadline) {
  std::vector<Rota> rotas;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(rotas, ListRotas(sql, organization, before, limit));
        return absl::OkStatus();
      }));
  return rotas;
}

absl::StatusOr<v1::Rota> MysqlRotaStore::Cancel(const unit::WriteContext& context, RotaId id,
                                                const Actor& by) {
  return unit_of_work_.Run<v1::Rota>(context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Rota> {
    ASSIGN_OR_RETURN(const RotaRow row, Own(LockRota(scope.sql(), id), by));
    ASSIGN_OR_RETURN(const Rota after, row.rota.Cancel());
    if (after.version == row.rota.version) return encoding_.rota(after);
    RETURN_IF_ERROR(SaveRota(scope.sql(), after));
    scope.Append(events::RotaChanged(events::kRotaCancelled, after, {}, encoding_, scope.now()));
    scope.Subject("rota", id.uuid(), base::Uuid());
    return encoding_.rota(after);
  });
}

absl::StatusOr<v1::RotaReview> MysqlRotaStore::Edit(const unit::WriteContext& context, RotaId id,
                                                    const Actor& by, const std::string& etag,
                                                    const rota::EditOf& edit) {
  return unit_of_work_.Run<v1::RotaReview>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::RotaReview> {
        mysql::Session& sql = scope.sql();
        ASSIGN_OR_RETURN(RotaRow row, LockOwn(sql, id, by, etag));
        Rota& rota = row.rota;
        RETURN_IF_ERROR(rota.CheckMayEdit());
        ASSIGN_OR_RETURN(const Asked asked, encoding_.read_problem(row.problem));
        ASSIGN_OR_RETURN(Planned planned, encoding_.read_plan(asked, row.plan));
        ASSIGN_OR_RETURN(const rota::Edit wanted, edit(asked));
        ASSIGN_OR_RETURN(planned.visits, Apply(wanted, std::move(planned.visits)));
        ASSIGN_OR_RETURN(const Known known, LoadKnown(sql, rota, asked, parts_.template_rules,
                                                      Standings::kRead, scope.now()));
        planned.judgement = Judge(asked, known, planned.visits, scope.now());
        const rota::Findings& findings = planned.judgement.findings;
        rota.Summarize(findings.cost, findings.unmet, planned.visits.size(),
                       findings.violations.size());
        ++rota.version;
        RETURN_IF_ERROR(SaveRota(sql, rota));
        RETURN_IF_ERROR(SaveRotaPlan(sql, id, encoding_.plan(asked, planned)));
        scope.Subject("rota", id.uuid(), base::Uuid());
        return encoding_.review(rota, asked, planned.visits, planned.judgement);
      });
}

absl::StatusOr<v1::RotaReview> MysqlRotaStore::Check(RotaId id, const Actor& by,
                                                     absl::Time deadline) {
  std::optional<v1::RotaReview> review;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(const RotaRow row, Own(LoadRota(sql, id), by));
        RETURN_IF_ERROR(row.rota.CheckMayCheck());
        const absl::Time now = unit_of_work_.clock().Now();
        ASSIGN_OR_RETURN(const Asked asked, encoding_.read_problem(row.problem));
        ASSIGN_OR_RETURN(const Planned planned, encoding_.read_plan(asked, row.plan));
        ASSIGN_OR_RETURN(const Known known, LoadKnown(sql, row.rota, asked, parts_.template_rules,
                                                      Standings::kRead, now));
        review = encoding_.review(row.rota, asked, planned.visits,
                                  Judge(asked, known, planned.visits, now));
        return absl::OkStatus();
      }));
  return *std::move(review);
}

absl::StatusOr<v1::PublishRotaResponse> MysqlRotaStore::Publish(const unit::WriteContext& context,
                                                                RotaId id, const Actor& by,
                                                                const std::string& etag) {
  return unit_of_work_.Run<v1::PublishRotaResponse>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::PublishRotaResponse> {
        mysql::Session& sql = scope.sql();
        ASSIGN_OR_RETURN(const RotaRow seen, Own(LoadRota(sql, id), by));
        // One after the other with every rota that would take the same place.
        RETURN_IF_ERROR(LockRotaLine(sql, seen.rota));
        ASSIGN_OR_RETURN(RotaRow row, LockOwn(sql, id, by, etag));
        RETURN_IF_ERROR(row.rota.CheckMayPublish());
        RotaPublication publication(scope, parts_, encoding_, std::move(row));
        ASSIGN_OR_RETURN(const rota::Published published, publication.Run());
        scope.Subject("rota", id.uuid(), base::Uuid());
        return encoding_.published(publication.rota(), published);
      });
}

}  // namespace yilian::scheduling
