#include "services/consultation/store/mysql_consultation_store.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/relationship/consents.h"
#include "common/relationship/merges.h"
#include "common/saga/timer.h"
#include "common/wire/timestamp.h"
#include "services/consultation/domain/errors.h"
#include "services/consultation/store/queries.h"
#include "services/consultation/store/rows.h"
#include "yilian/consultation/v1/consultation.pb.h"
#include "yilian_consultation_migrations.h"

namespace yilian::consultation {
namespace {

// Index: ix_consultation__patient.
constexpr relationship::SubjectTable kPatientTables[] = {
    {.name = "consultation", .row_id = "consultation_id", .subject = "patient_id"},
};

outbox::NewEvent EventOf(const Change& change) {
  const Consultation& c = change.after;
  v1::ConsultationChanged payload;
  payload.set_consultation_id(c.id.ToString());
  payload.set_patient_id(c.patient.ToString());
  payload.set_kind(static_cast<v1::Kind>(c.kind));
  payload.set_state(static_cast<v1::State>(c.state));
  payload.set_requesting_organization_id(c.requesting_organization.ToString());
  payload.set_consulted_organization_id(c.consulted_organization.ToString());
  payload.set_expert_practitioner_id(wire::TextOrEmpty(c.expert));
  for (const Evidence& one : c.evidence) {
    auto* evidence = payload.add_evidence();
    evidence->set_kind(static_cast<v1::Evidence::Kind>(one.kind));
    evidence->set_id(one.id);
  }
  if (c.due_at) wire::SetTime(payload.mutable_due_at(), *c.due_at);
  payload.set_opinion_version(c.opinion ? c.opinion->version : 0);
  outbox::NewEvent event =
      outbox::NewEvent::Of("consultation", c.id.uuid(), c.version, payload, c.updated_at,
                           {c.requesting_organization.uuid(), c.consulted_organization.uuid()});
  event.type = change.event;
  return event;
}

absl::StatusOr<std::optional<Consultation>> Load(mysql::Session& session, const mysql::Query& query,
                                                 ConsultationId id) {
  ASSIGN_OR_RETURN(std::optional<Consultation> found,
                   session.SelectOne<Consultation>(query, rows::FromRow, id));
  if (!found || !found->opinion) return found;
  const int version = found->opinion->version;
  ASSIGN_OR_RETURN(
      found->opinion,
      session.SelectOne<SignedOpinion>(
          queries::kGetOpinion,
          [&](const mysql::Row& row) { return rows::OpinionFromRow(row, version); }, id, version));
  if (!found->opinion) return absl::DataLossError("a consultation's signed opinion is missing");
  return found;
}

absl::Status WriteRows(mysql::Session& session, const Consultation* before, const Change& change) {
  const Consultation& after = change.after;
  if (before == nullptr) {
    RETURN_IF_ERROR(session.ExecuteValues(queries::kInsert, rows::InsertValues(after)).status());
  } else {
    ASSIGN_OR_RETURN(
        const int64_t matched,
        session.ExecuteValues(queries::kUpdate, rows::UpdateValues(after, before->version)));
    // The row was locked when it was read, so this is a defect and not a race.
    if (matched != 1) return absl::InternalError("a locked consultation changed under its lock");
  }
  if (change.opinion) {
    const SignedOpinion& o = *change.opinion;
    ASSIGN_OR_RETURN(const base::Uuid key_id, base::Uuid::Parse(o.key_id));
    RETURN_IF_ERROR(session
                        .Execute(queries::kInsertOpinion, after.id, o.version, o.practitioner,
                                 o.signed_at, mysql::Blob{o.signed_bytes}, mysql::Blob{o.signature},
                                 key_id)
                        .status());
  }
  const bool had_clock = before != nullptr && before->due_at && !before->escalated;
  if (after.due_at && !after.escalated) {
    if (had_clock && before->due_at == after.due_at) return absl::OkStatus();
    return saga::SetTimer(session, {.kind = std::string(kClockTimer),
                                    .aggregate_id = after.id.uuid(),
                                    .due_at = *after.due_at});
  }
  return had_clock ? saga::CancelTimer(session, kClockTimer, after.id.uuid(), "")
                   : absl::OkStatus();
}

}  // namespace

const std::vector<mysql::Migration>& ConsultationMigrations() { return kConsultationMigrations; }

absl::StatusOr<std::string> MysqlConsultationStore::CreateBytes(const unit::WriteContext& context,
                                                                const DecideNew& decide,
                                                                const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const Change created, decide(scope.now()));
    RETURN_IF_ERROR(relationship::HoldLive(scope.sql(), created.after.patient.uuid()));
    RETURN_IF_ERROR(Write(scope, nullptr, created));
    return respond(created.after);
  });
}

absl::StatusOr<std::string> MysqlConsultationStore::UpdateBytes(
    const unit::WriteContext& context, std::optional<ConsultationId> id, OrganizationId party,
    std::optional<std::string_view> etag, const Decide& decide, const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ConsultationId chosen = id.value_or(ConsultationId());
    if (!id) {
      ASSIGN_OR_RETURN(chosen, MostPressing(scope, party));
    }
    ASSIGN_OR_RETURN(const Consultation after, Decided(scope, chosen, party, etag, decide));
    return respond(after);
  });
}

absl::Status MysqlConsultationStore::Write(unit::Scope& scope, const Consultation* before,
                                           const Change& change) {
  RETURN_IF_ERROR(WriteRows(scope.sql(), before, change));
  scope.Append(EventOf(change));
  scope.Subject("consultation", change.after.id.uuid(), change.after.patient.uuid());
  return absl::OkStatus();
}

absl::StatusOr<Consultation> MysqlConsultationStore::Decided(unit::Scope& scope, ConsultationId id,
                                                             OrganizationId party,
                                                             std::optional<std::string_view> etag,
                                                             const Decide& decide) {
  ASSIGN_OR_RETURN(const std::optional<Consultation> now,
                   Load(scope.sql(), queries::kGetForUpdate, id));
  if (!now || !now->SideOf(party)) return errors::NotFound();
  if (etag && *etag != now->etag()) return errors::EtagStale(now->etag());
  ASSIGN_OR_RETURN(Change change, decide(*now, scope.now()));
  RETURN_IF_ERROR(Write(scope, &*now, change));
  return std::move(change.after);
}

absl::StatusOr<ConsultationId> MysqlConsultationStore::MostPressing(unit::Scope& scope,
                                                                    OrganizationId consulted) {
  const auto id = [](const mysql::Row& row) -> absl::StatusOr<ConsultationId> {
    return row.Id<ConsultationId>(0);
  };
  // A claim that ran out has waited longer than anything new.
  ASSIGN_OR_RETURN(
      std::optional<ConsultationId> found,
      scope.sql().SelectOne<ConsultationId>(queries::kTakeLapsed, id, consulted, scope.now()));
  if (!found) {
    ASSIGN_OR_RETURN(found,
                     scope.sql().SelectOne<ConsultationId>(queries::kTakeRequested, id, consulted));
  }
  if (!found) return errors::NothingToClaim();
  return *found;
}

absl::StatusOr<Consultation> MysqlConsultationStore::Get(ConsultationId id, OrganizationId party,
                                                         absl::Time deadline) {
  std::optional<Consultation> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, Load(session, queries::kGet, id));
        return absl::OkStatus();
      }));
  if (!found || !found->SideOf(party)) return errors::NotFound();
  return *std::move(found);
}

absl::StatusOr<std::vector<Consultation>> MysqlConsultationStore::List(const WorklistQuery& query,
                                                                       absl::Time deadline) {
  const mysql::Query* statement = &queries::kListToClaim;
  if (query.worklist == Worklist::kMine) statement = &queries::kListMine;
  if (query.worklist == Worklist::kRequested) statement = &queries::kListRequested;
  if (query.worklist == Worklist::kToAcknowledge) statement = &queries::kListToAcknowledge;
  const base::Uuid owner =
      query.worklist == Worklist::kMine ? query.practitioner.uuid() : query.organization.uuid();
  std::vector<Consultation> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, session.SelectAll<Consultation>(*statement, rows::FromRow, owner,
                                                                query.after_rank, query.after_rank,
                                                                query.after_time, query.after_time,
                                                                query.after_id, query.limit));
        // A list shows that an opinion is there; who wants to read it gets the consultation.
        for (Consultation& one : found) one.opinion.reset();
        return absl::OkStatus();
      }));
  return found;
}

absl::Status MysqlConsultationStore::ApplyInJob(mysql::Session& session, ConsultationId id,
                                                absl::Time at, const DecideJob& decide) {
  ASSIGN_OR_RETURN(const std::optional<Consultation> now,
                   Load(session, queries::kGetForUpdate, id));
  if (!now) return absl::OkStatus();
  const std::optional<Change> change = decide(*now, at);
  if (!change) return absl::OkStatus();
  RETURN_IF_ERROR(WriteRows(session, &*now, *change));
  return outbox::Append(session, {EventOf(*change)});
}

absl::Status MysqlConsultationStore::ApplyConsent(mysql::Session& session,
                                                  const event::v1::Event& event, absl::Time at) {
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> patients,
                   relationship::ApplyConsent(session, event));
  using Waiting = std::pair<ConsultationId, OrganizationId>;
  for (const base::Uuid& patient : patients) {
    ASSIGN_OR_RETURN(const std::vector<Waiting> waiting,
                     session.SelectAll<Waiting>(
                         queries::kWaitingOfPatient,
                         [](const mysql::Row& row) {
                           return Waiting(row.Id<ConsultationId>(0), row.Id<OrganizationId>(1));
                         },
                         patient));
    for (const auto& [id, consulted] : waiting) {
      ASSIGN_OR_RETURN(
          const bool withdrawn,
          relationship::ConsentWithdrawn(session, patient, consulted.uuid(),
                                         directory::v1::CONSENT_PURPOSE_REMOTE_CONSULTATION, at));
      if (!withdrawn) continue;
      RETURN_IF_ERROR(ApplyInJob(session, id, at, [](const Consultation& now, absl::Time when) {
        return now.WithdrawConsent(when);
      }));
    }
  }
  return absl::OkStatus();
}

absl::Status MysqlConsultationStore::MovePatient(mysql::Session& session,
                                                 const event::v1::Event& merge) {
  return relationship::MoveRows(session, merge, kPatientTables);
}

}  // namespace yilian::consultation
