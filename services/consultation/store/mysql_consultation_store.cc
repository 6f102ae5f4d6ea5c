#include "services/consultation/store/mysql_consultation_store.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/relationship/consents.h"
#include "common/relationship/merges.h"
#include "services/consultation/domain/errors.h"
#include "services/consultation/store/centre_queries.h"
#include "services/consultation/store/centre_rows.h"
#include "services/consultation/store/offer.h"
#include "services/consultation/store/queries.h"
#include "services/consultation/store/records.h"
#include "services/consultation/store/rows.h"
#include "yilian_consultation_migrations.h"

namespace yilian::consultation {
namespace {

// Index: ix_consultation__patient.
constexpr relationship::SubjectTable kPatientTables[] = {
    {.name = "consultation", .row_id = "consultation_id", .subject = "patient_id"},
};

// What is written leaves its events and its audit record.
absl::Status Write(unit::Scope& scope, const Consultation* before, Change change) {
  ASSIGN_OR_RETURN(const std::vector<Change> changes,
                   records::Write(scope.sql(), before, std::move(change)));
  for (const Change& one : changes) {
    scope.Append(records::EventOf(one));
    scope.Subject("consultation", one.after.id.uuid(), one.after.patient.uuid());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ReadingMember>> OnDuty(mysql::Session& session,
                                                    PractitionerId reader) {
  if (reader.is_nil()) return std::nullopt;
  return session.SelectOne<ReadingMember>(queries::kLockOnDuty, rows::MemberFromRow, reader);
}

absl::StatusOr<ConsultationId> ChooseFor(unit::Scope& scope, const Actor& by) {
  std::optional<ConsultationId> found;
  const bool on_duty = by.membership && by.membership->IsOnDuty(scope.now());
  if (on_duty) {
    ASSIGN_OR_RETURN(found,
                     TakeMostPressing(scope.sql(), by.membership->centre.uuid(),
                                      by.membership->rights.kinds, by.practitioner, scope.now()));
  } else {
    ASSIGN_OR_RETURN(found, TakeMostPressing(scope.sql(), by.organization.uuid(), {},
                                             by.practitioner, scope.now()));
  }
  if (!found) return errors::NothingToClaim();
  return *found;
}

absl::StatusOr<Consultation> Decided(unit::Scope& scope, ConsultationId id, Actor by,
                                     Standing standing, std::optional<std::string_view> etag,
                                     const ConsultationStore::Decide& decide) {
  ASSIGN_OR_RETURN(const std::optional<Consultation> now, records::Lock(scope.sql(), id));
  if (!now || !now->SideOf(by.organization)) return errors::NotFound();
  if (etag && *etag != now->etag()) return errors::EtagStale(now->etag());
  if (standing == Standing::kOfConsultation && !now->centre.is_nil()) {
    ASSIGN_OR_RETURN(by.membership,
                     scope.sql().SelectOne<ReadingMember>(queries::kGetMember, rows::MemberFromRow,
                                                          now->centre, by.practitioner));
  }
  ASSIGN_OR_RETURN(Change change, decide(*now, by, scope.now()));
  Consultation after = change.after;
  RETURN_IF_ERROR(Write(scope, &*now, std::move(change)));
  return after;
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
    const unit::WriteContext& context, std::optional<ConsultationId> id, const Actor& by,
    Standing standing, std::optional<std::string_view> etag, const Decide& decide,
    const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    Actor actor = by;
    if (standing == Standing::kOnDuty) {
      ASSIGN_OR_RETURN(actor.membership, OnDuty(scope.sql(), by.practitioner));
    }
    ConsultationId chosen = id.value_or(ConsultationId());
    if (!id) {
      ASSIGN_OR_RETURN(chosen, ChooseFor(scope, actor));
    }
    ASSIGN_OR_RETURN(const Consultation after,
                     Decided(scope, chosen, std::move(actor), standing, etag, decide));
    return respond(after);
  });
}

absl::StatusOr<Consultation> MysqlConsultationStore::Get(ConsultationId id, OrganizationId party,
                                                         absl::Time deadline) {
  std::optional<Consultation> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, records::Get(session, id));
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
  if (query.worklist == Worklist::kReading) statement = &queries::kListReading;
  base::Uuid owner = query.organization.uuid();
  if (query.worklist == Worklist::kMine) owner = query.practitioner.uuid();
  if (query.worklist == Worklist::kReading) owner = query.centre.uuid();
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
  ASSIGN_OR_RETURN(const std::optional<Consultation> now, records::Lock(session, id));
  if (!now) return absl::OkStatus();
  std::optional<Change> change = decide(*now, at);
  if (!change) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Change> changes,
                   records::Write(session, &*now, *std::move(change)));
  return outbox::Append(session, records::EventsOf(changes));
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
