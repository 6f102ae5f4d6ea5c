#include "services/referral/store/mysql_referral_store.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/relationship/merges.h"
#include "common/status/error.h"
#include "services/referral/domain/errors.h"
#include "services/referral/store/closing_rows.h"
#include "services/referral/store/effects.h"
#include "services/referral/store/queries.h"
#include "services/referral/store/referral_links.h"
#include "services/referral/store/rows.h"
#include "services/referral/store/worklist_store.h"
#include "yilian_referral_migrations.h"

namespace yilian::referral {
namespace {

absl::Status ReadTasks(mysql::Session& session, Referral& referral) {
  if (!referral.care_plan) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      referral.care_plan->tasks,
      session.SelectAll<FollowUpTask>(queries::kGetTasks, rows::TaskFromRow, referral.id));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Referral>> Load(mysql::Session& session, const mysql::Query& query,
                                             ReferralId id) {
  ASSIGN_OR_RETURN(std::optional<Referral> found,
                   session.SelectOne<Referral>(query, rows::FromRow, id));
  if (!found) return found;
  RETURN_IF_ERROR(ReadTasks(session, *found));
  RETURN_IF_ERROR(ReadClosing(session, *found));
  return found;
}

}  // namespace

void MysqlReferralStore::Announce(unit::Scope& scope, const Change& change) {
  for (outbox::NewEvent& event : EventsOf(change, zone_)) scope.Append(std::move(event));
  scope.Subject("referral", change.after.id.uuid(), change.after.patient.uuid());
}

const std::vector<mysql::Migration>& ReferralMigrations() { return kReferralMigrations; }

absl::StatusOr<std::string> MysqlReferralStore::CreateBytes(const unit::WriteContext& context,
                                                            const DecideNew& decide,
                                                            const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(Change created, decide(scope.now()));
    RETURN_IF_ERROR(relationship::HoldLive(scope.sql(), created.after.patient.uuid()));
    RETURN_IF_ERROR(Insert(scope, created));
    return respond({std::move(created)});
  });
}

absl::StatusOr<std::string> MysqlReferralStore::UpdateBytes(const unit::WriteContext& context,
                                                            ReferralId id, OrganizationId party,
                                                            std::optional<std::string_view> etag,
                                                            const Decide& decide,
                                                            const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const std::vector<Change> changes, Decided(scope, id, party, etag, decide));
    return respond(changes);
  });
}

absl::Status MysqlReferralStore::Store(mysql::Session& session, const Referral* before,
                                       const Change& change, absl::Time now) {
  const Referral& after = change.after;
  if (after.key_withheld) {
    // Until the other one is closed, or this one speaks of something else.
    ASSIGN_OR_RETURN(const std::optional<KeyHolder> holder,
                     HolderOf(session, queries::kFindOpen, after.open_key()));
    if (!holder) {
      Change with_key = change;
      with_key.after.key_withheld = false;
      return Store(session, before, with_key, now);
    }
  }
  const absl::StatusOr<int64_t> written =
      before == nullptr
          ? session.ExecuteValues(queries::kInsert, rows::InsertValues(after))
          : session.ExecuteValues(queries::kUpdate, rows::UpdateValues(after, before->version));
  if (status::ReasonOf(written.status()) == "DUPLICATE_KEY") return TakenBy(session, after);
  RETURN_IF_ERROR(written.status());
  // The row was locked when it was read, so this is a defect and not a race.
  if (before != nullptr && *written != 1)
    return absl::InternalError("a locked referral changed under its lock");
  if (change.redirection) RETURN_IF_ERROR(WriteRedirection(session, change));
  RETURN_IF_ERROR(WriteClosing(session, before, after));
  RETURN_IF_ERROR(WriteTasks(session, before, after));
  RETURN_IF_ERROR(WriteOwedTasks(session, before, after));
  RETURN_IF_ERROR(WriteTimers(session, before, after, zone_));
  return StartSagas(session, change, now);
}

absl::Status MysqlReferralStore::Insert(unit::Scope& scope, Change& change) {
  RETURN_IF_ERROR(LinkEpisode(scope, change.after));
  RETURN_IF_ERROR(WithdrawReplaced(scope, change));
  RETURN_IF_ERROR(Store(scope.sql(), nullptr, change, scope.now()));
  Announce(scope, change);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Change>> MysqlReferralStore::Decided(
    unit::Scope& scope, ReferralId id, OrganizationId party, std::optional<std::string_view> etag,
    const Decide& decide) {
  ASSIGN_OR_RETURN(const std::optional<Referral> now,
                   Load(scope.sql(), queries::kGetForUpdate, id));
  if (!now || !now->SideOf(party)) return errors::NotFound();
  if (etag && *etag != now->etag()) return errors::EtagStale(now->etag());
  ASSIGN_OR_RETURN(std::vector<Change> changes, decide(*now, scope.now()));
  RETURN_IF_ERROR(WithdrawReplaced(scope, changes[0]));
  RETURN_IF_ERROR(Store(scope.sql(), &*now, changes[0], scope.now()));
  Announce(scope, changes[0]);
  for (size_t i = 1; i < changes.size(); ++i) {
    RETURN_IF_ERROR(relationship::HoldBeside(scope.sql(), now->patient.uuid()));
    ASSIGN_OR_RETURN(const bool sent, SendDraft(scope, *now, changes[i]));
    if (!sent) RETURN_IF_ERROR(Insert(scope, changes[i]));
  }
  return changes;
}

absl::StatusOr<Referral> MysqlReferralStore::Get(ReferralId id, OrganizationId party,
                                                 absl::Time deadline) {
  std::optional<Referral> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, Load(session, queries::kGet, id));
        if (!found || found->redirect_count == 0) return absl::OkStatus();
        ASSIGN_OR_RETURN(found->redirections,
                         session.SelectAll<Redirection>(queries::kGetRedirections,
                                                        rows::RedirectionFromRow, id));
        return absl::OkStatus();
      }));
  if (!found || !found->SideOf(party)) return errors::NotFound();
  return *std::move(found);
}

absl::StatusOr<std::vector<Referral>> MysqlReferralStore::List(const WorklistQuery& query,
                                                               absl::Time deadline) {
  const bool received = query.side == Side::kReceiving;
  std::vector<Referral> referrals;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        const absl::Time after = query.after_time;
        if (query.state) {
          ASSIGN_OR_RETURN(referrals,
                           session.SelectAll<Referral>(
                               received ? queries::kListReceivedInState : queries::kListSentInState,
                               rows::FromRow, query.organization, Name(*query.state), after, after,
                               query.after_id, query.limit));
        } else {
          ASSIGN_OR_RETURN(
              referrals,
              session.SelectAll<Referral>(
                  received ? queries::kListReceivedOpen : queries::kListSentOpen, rows::FromRow,
                  query.organization, after, after, query.after_id, query.limit));
        }
        for (Referral& referral : referrals) RETURN_IF_ERROR(ReadTasks(session, referral));
        return absl::OkStatus();
      }));
  return referrals;
}

absl::StatusOr<bool> MysqlReferralStore::ApplyInJob(mysql::Session& session, ReferralId id,
                                                    absl::Time at, const DecideJob& decide) {
  ASSIGN_OR_RETURN(const std::optional<Referral> now, Load(session, queries::kGetForUpdate, id));
  if (!now) return false;
  const std::optional<Change> change = decide(*now, at);
  if (!change) return false;
  RETURN_IF_ERROR(Store(session, &*now, *change, at));
  RETURN_IF_ERROR(outbox::Append(session, EventsOf(*change, zone_)));
  return true;
}

absl::StatusOr<std::optional<Referral>> MysqlReferralStore::Find(mysql::Session& session,
                                                                 ReferralId id) {
  return Load(session, queries::kGet, id);
}

absl::StatusOr<std::optional<Referral>> MysqlReferralStore::Lock(mysql::Session& session,
                                                                 ReferralId id) {
  return Load(session, queries::kGetForUpdate, id);
}

}  // namespace yilian::referral
