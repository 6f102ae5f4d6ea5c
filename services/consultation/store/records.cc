#include "services/consultation/store/records.h"

#include <functional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/saga/timer.h"
#include "common/wire/timestamp.h"
#include "services/consultation/store/centre_queries.h"
#include "services/consultation/store/centre_rows.h"
#include "services/consultation/store/queries.h"
#include "services/consultation/store/rows.h"
#include "yilian/consultation/v1/consultation.pb.h"

namespace yilian::consultation::records {
namespace {

constexpr int kFirst = 1;
constexpr int kSecond = 2;

absl::Status LoadReadings(mysql::Session& session, ConsultationId id, SecondReading& into) {
  return session.SelectValues(queries::kGetReadings, {id}, [&](const mysql::Row& row) {
    auto& reading = row.Int(0) == kFirst ? into.first_reading : into.second_reading;
    reading = rows::ReadingFromRow(row);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<Consultation>> Load(mysql::Session& session, const mysql::Query& query,
                                                 ConsultationId id) {
  ASSIGN_OR_RETURN(std::optional<Consultation> found,
                   session.SelectOne<Consultation>(query, rows::FromRow, id));
  if (!found) return found;
  if (found->second_reading) RETURN_IF_ERROR(LoadReadings(session, id, *found->second_reading));
  if (!found->opinion) return found;
  const int version = found->opinion->version;
  ASSIGN_OR_RETURN(
      found->opinion,
      session.SelectOne<SignedOpinion>(
          queries::kGetOpinion,
          [&](const mysql::Row& row) { return rows::OpinionFromRow(row, version); }, id, version));
  if (!found->opinion) return absl::DataLossError("a consultation's signed opinion is missing");
  return found;
}

absl::Status WriteOpinion(mysql::Session& session, ConsultationId id, const SignedOpinion& o) {
  ASSIGN_OR_RETURN(const base::Uuid key_id, base::Uuid::Parse(o.key_id));
  return session
      .Execute(queries::kInsertOpinion, id, o.version, o.practitioner, o.signed_at,
               mysql::Blob{o.signed_bytes}, mysql::Blob{o.signature}, key_id)
      .status();
}

absl::Status WriteReading(mysql::Session& session, ConsultationId id, int number,
                          const std::optional<Reading>& before,
                          const std::optional<Reading>& after) {
  if (before || !after) return absl::OkStatus();
  const OpinionContent& said = after->content;
  return session
      .Execute(queries::kInsertReading, id, number, after->practitioner, after->read_at,
               said.findings, said.impression, said.advice, said.refer_up)
      .status();
}

// Those that this change hands over: a row that is there stays as it is.
absl::Status WriteReadings(mysql::Session& session, const Consultation& before,
                           const Consultation& after) {
  const SecondReading had = before.second_reading.value_or(SecondReading());
  const SecondReading has = after.second_reading.value_or(SecondReading());
  RETURN_IF_ERROR(WriteReading(session, after.id, kFirst, had.first_reading, has.first_reading));
  return WriteReading(session, after.id, kSecond, had.second_reading, has.second_reading);
}

absl::Status WriteTimer(mysql::Session& session, const Consultation* before,
                        const Consultation& after) {
  const auto had = before == nullptr ? std::nullopt : before->NextStepAt();
  const auto next = after.NextStepAt();
  if (had == next) return absl::OkStatus();
  if (!next) return saga::CancelTimer(session, kClockTimer, after.id.uuid(), "");
  return saga::SetTimer(
      session,
      {.kind = std::string(kClockTimer), .aggregate_id = after.id.uuid(), .due_at = *next});
}

// A new study at a centre that assigns, or a reader who has one less in hand there.
absl::Status WriteOccasion(mysql::Session& session, const Consultation* before,
                           const Consultation& after) {
  if (after.centre.is_nil()) return absl::OkStatus();
  const bool is_new = before == nullptr;
  const bool frees = !is_new && before->lease_until && !after.lease_until;
  if (!is_new && !frees) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::optional<ReadingCentre> centre,
      session.SelectOne<ReadingCentre>(queries::kGetCentre, rows::CentreFromRow, after.centre));
  if (!centre) return absl::OkStatus();
  return WakeAssignment(session, *centre, after.id.uuid(), after.updated_at);
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
    RETURN_IF_ERROR(WriteReadings(session, *before, after));
  }
  if (change.opinion) RETURN_IF_ERROR(WriteOpinion(session, after.id, *change.opinion));
  RETURN_IF_ERROR(WriteTimer(session, before, after));
  return WriteOccasion(session, before, after);
}

// Everything a reader has in hand at a centre, locked one by one in the order of their ids: those
// of others are not waited for.
absl::StatusOr<std::vector<Consultation>> LockHeld(mysql::Session& session, CentreId centre,
                                                   PractitionerId reader, absl::Time at) {
  ASSIGN_OR_RETURN(
      const std::vector<ConsultationId> ids,
      session.SelectAll<ConsultationId>(
          queries::kHeldBy, [](const mysql::Row& row) { return row.Id<ConsultationId>(0); }, centre,
          at, reader));
  std::vector<Consultation> held;
  for (const ConsultationId id : ids) {
    ASSIGN_OR_RETURN(std::optional<Consultation> one, Lock(session, id));
    if (one && one->expert == reader) held.push_back(*std::move(one));
  }
  return held;
}

absl::Status ParkOthers(mysql::Session& session, const Consultation& emergency, absl::Time at,
                        std::vector<Change>& changes) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> minutes,
                   session.SelectOne<int64_t>(
                       queries::kParkingMinutes, [](const mysql::Row& row) { return row.Int(0); },
                       emergency.centre));
  ASSIGN_OR_RETURN(const std::vector<Consultation> held,
                   LockHeld(session, emergency.centre, emergency.expert, at));
  for (const Consultation& one : held) {
    if (one.id == emergency.id) continue;
    std::optional<Change> parked = one.Park(absl::Minutes(minutes.value_or(0)), at);
    if (!parked) continue;
    RETURN_IF_ERROR(WriteRows(session, &one, *parked));
    changes.push_back(*std::move(parked));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<Consultation>> Get(mysql::Session& session, ConsultationId id) {
  return Load(session, queries::kGet, id);
}

absl::StatusOr<std::optional<Consultation>> Lock(mysql::Session& session, ConsultationId id) {
  return Load(session, queries::kGetForUpdate, id);
}

absl::StatusOr<std::vector<Change>> Write(mysql::Session& session, const Consultation* before,
                                          Change change) {
  RETURN_IF_ERROR(WriteRows(session, before, change));
  std::vector<Change> changes;
  changes.push_back(std::move(change));
  if (changes.front().parks_others) {
    const Consultation emergency = changes.front().after;
    RETURN_IF_ERROR(ParkOthers(session, emergency, emergency.updated_at, changes));
  }
  return changes;
}

absl::StatusOr<std::vector<Change>> HandBack(mysql::Session& session, CentreId centre,
                                             PractitionerId reader, absl::Time at) {
  std::vector<Change> changes;
  ASSIGN_OR_RETURN(const std::vector<Consultation> held, LockHeld(session, centre, reader, at));
  for (const Consultation& one : held) {
    std::optional<Change> back = one.HandBack(at);
    if (!back) continue;
    RETURN_IF_ERROR(WriteRows(session, &one, *back));
    changes.push_back(*std::move(back));
  }
  return changes;
}

absl::Status WakeAssignment(mysql::Session& session, const ReadingCentre& centre,
                            const base::Uuid& occasion, absl::Time at) {
  if (centre.plan.assignment != Assignment::kBalanced) return absl::OkStatus();
  return saga::SetTimer(session, {.kind = std::string(kAssignTimer),
                                  .aggregate_id = occasion,
                                  .due_at = at,
                                  .payload = centre.id.uuid().ToBytes()});
}

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
  payload.set_centre_id(wire::TextOrEmpty(c.centre));
  payload.set_escalation_tier(c.tier);
  payload.set_lease_epoch(c.lease_epoch);
  outbox::NewEvent event =
      outbox::NewEvent::Of("consultation", c.id.uuid(), c.version, payload, c.updated_at,
                           {c.requesting_organization.uuid(), c.consulted_organization.uuid()});
  event.type = change.event;
  return event;
}

std::vector<outbox::NewEvent> EventsOf(const std::vector<Change>& changes) {
  std::vector<outbox::NewEvent> events;
  for (const Change& change : changes) events.push_back(EventOf(change));
  return events;
}

}  // namespace yilian::consultation::records
