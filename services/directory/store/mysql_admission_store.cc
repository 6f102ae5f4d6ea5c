#include "services/directory/store/mysql_admission_store.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/access_events.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/duplicate.h"
#include "services/directory/store/mysql_organization_store.h"

namespace yilian::directory {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

#define YILIAN_ADMISSION_COLUMNS                                                          \
  "admission_id, patient_id, organization_id, admitted_at, discharged_at, cancelled_at, " \
  "admission_recorded_at, discharge_recorded_at, version"

// Index: uq_admission__visit. Locked: an admission and its discharge may come at the same moment.
constexpr Query kLock{"directory.LockAdmission",
                      "SELECT " YILIAN_ADMISSION_COLUMNS
                      " FROM admission WHERE organization_id = ? AND visit_index = ? FOR UPDATE"};
constexpr Query kInsert{"directory.InsertAdmission",
                        "INSERT INTO admission (" YILIAN_ADMISSION_COLUMNS
                        ", visit_index) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key. The row is locked; the version stays where others see no change.
constexpr Query kUpdate{"directory.UpdateAdmission",
                        "UPDATE admission SET patient_id = ?, admitted_at = ?, discharged_at = ?, "
                        "cancelled_at = ?, admission_recorded_at = ?, discharge_recorded_at = ?, "
                        "version = ? WHERE admission_id = ? AND version = ?"};

Blob IndexOf(const crypto::BlindIndex& index, const Visit& visit) {
  return Blob{index.Of("admission.visit",
                       fmt::format("{} {}", visit.organization.ToString(), visit.number))};
}

absl::StatusOr<std::optional<Admission>> Lock(Session& session, const crypto::BlindIndex& index,
                                              const Visit& visit) {
  return session.SelectOne<Admission>(
      kLock,
      [](const Row& row) {
        return Admission{.id = row.Id<AdmissionId>(0),
                         .patient = row.Id<PatientId>(1),
                         .organization = row.Id<OrganizationId>(2),
                         .admitted_at = row.Time(3),
                         .discharged_at = row.OptionalTime(4),
                         .cancelled_at = row.OptionalTime(5),
                         .admission_recorded_at = row.OptionalTime(6),
                         .discharge_recorded_at = row.OptionalTime(7),
                         .version = row.Int(8)};
      },
      visit.organization, IndexOf(index, visit));
}

absl::Status Insert(Session& session, const Admission& stay, const Blob& visit) {
  const auto inserted =
      session.Execute(kInsert, stay.id, stay.patient, stay.organization, stay.admitted_at,
                      stay.discharged_at, stay.cancelled_at, stay.admission_recorded_at,
                      stay.discharge_recorded_at, stay.version, visit);
  if (inserted.ok()) return absl::OkStatus();
  // Another call tells of the same visit at this moment; the repeated one finds it.
  return DuplicateKeyOf(inserted.status()).empty() ? inserted.status() : errors::Contention();
}

absl::Status Update(Session& session, const Admission& before, const Admission& after) {
  ASSIGN_OR_RETURN(
      const int64_t matched,
      session.Execute(kUpdate, after.patient, after.admitted_at, after.discharged_at,
                      after.cancelled_at, after.admission_recorded_at, after.discharge_recorded_at,
                      after.version, after.id, before.version));
  if (matched == 1) return absl::OkStatus();
  return absl::InternalError("a locked admission changed under its lock");
}

// Both name one person: the same record, or one that was merged into the other.
absl::StatusOr<bool> AreOne(Session& session, PatientId one, PatientId other) {
  if (one == other) return true;
  ASSIGN_OR_RETURN(const std::vector<PatientId> records, care::RecordsOf(session, one));
  ASSIGN_OR_RETURN(const std::vector<PatientId> others, care::RecordsOf(session, other));
  return records.back() == others.back();
}

// Brings what the hospital may see to `stage`.
absl::Status Relate(unit::Scope& scope, const Admission& stay, CareStage stage, absl::Time at) {
  CareParties parties{.source = CareSource::kAdmission,
                      .source_id = stay.id.uuid(),
                      .organizations = {stay.organization},
                      .stage = stage};
  ASSIGN_OR_RETURN(parties.patients, care::RecordsOf(scope.sql(), stay.patient));
  ASSIGN_OR_RETURN(std::vector<outbox::NewEvent> events, care::Apply(scope.sql(), parties, at));
  for (outbox::NewEvent& event : events) scope.Append(std::move(event));
  return absl::OkStatus();
}

// What the stay gives the hospital, from `before` (nothing: there was no stay) to now.
absl::Status RelateAll(unit::Scope& scope, const std::optional<Admission>& before,
                       const Admission& after) {
  const CareStage stage = StageOf(after);
  const bool was_there = before && !before->cancelled_at;
  if (stage == CareStage::kVoid) return Relate(scope, after, stage, scope.now());
  // A stay that is heard of by its end has begun, too; one that ended later goes on first.
  const bool later = was_there && before->discharged_at < after.discharged_at;
  if (stage == CareStage::kOpen || !was_there || later) {
    RETURN_IF_ERROR(Relate(scope, after, CareStage::kOpen, after.admitted_at));
  }
  if (stage == CareStage::kOpen) return absl::OkStatus();
  return Relate(scope, after, stage, *after.discharged_at);
}

outbox::NewEvent EventOf(StayNews::Kind kind, const Admission& stay, absl::Time at) {
  switch (kind) {
    case StayNews::Kind::kAdmitted:
      return events::Admitted(stay, at);
    case StayNews::Kind::kAdmissionCancelled:
      return events::AdmissionCancelled(stay, at);
    case StayNews::Kind::kDischarged:
      return events::DischargedFrom(stay, at);
    case StayNews::Kind::kDischargeCancelled:
      return events::DischargeCancelled(stay, at);
  }
  return events::Admitted(stay, at);
}

}  // namespace

absl::StatusOr<Admission> MysqlAdmissionStore::Hear(unit::Scope& scope, const StayNews& news,
                                                    const Actor& actor) {
  Session& session = scope.sql();
  if (!actor.is_service && !news.patient.is_nil()) {
    // Whoever is admitted is registered first: else a patient's id would be enough to see their
    // data.
    ASSIGN_OR_RETURN(const bool holds,
                     care::Holds(session, news.patient, news.visit.organization, scope.now()));
    if (!holds) return errors::NotFound("patient");
  }
  ASSIGN_OR_RETURN(const std::optional<Admission> there, Lock(session, index_, news.visit));
  if (!there) return HearFirst(scope, news);
  scope.Subject("admission", there->id.uuid(), there->patient.uuid());
  if (!news.patient.is_nil()) {
    ASSIGN_OR_RETURN(const bool same, AreOne(session, there->patient, news.patient));
    const bool given_anew = there->cancelled_at && news.kind == StayNews::Kind::kAdmitted;
    if (!same && !given_anew) return errors::IdentifierTaken("visit_number");
    if (!same) RETURN_IF_ERROR(care::RequireLivePatient(session, news.patient));
  }
  ASSIGN_OR_RETURN(const Admission after, Told(*there, news));
  RETURN_IF_ERROR(Update(session, *there, after));
  if (after.version == there->version) return after;
  RETURN_IF_ERROR(RelateAll(scope, there, after));
  scope.Append(EventOf(news.kind, after, scope.now()));
  return after;
}

absl::StatusOr<Admission> MysqlAdmissionStore::HearFirst(unit::Scope& scope, const StayNews& news) {
  if (news.patient.is_nil()) return errors::NotFound("admission");
  Session& session = scope.sql();
  RETURN_IF_ERROR(care::RequireLivePatient(session, news.patient));
  RETURN_IF_ERROR(RequireOrganization(session, news.visit.organization));
  ASSIGN_OR_RETURN(const Admission stay, FirstHeard(news, scope.now()));
  scope.Subject("admission", stay.id.uuid(), stay.patient.uuid());
  RETURN_IF_ERROR(Insert(session, stay, IndexOf(index_, news.visit)));
  RETURN_IF_ERROR(RelateAll(scope, std::nullopt, stay));
  scope.Append(EventOf(news.kind, stay, scope.now()));
  return stay;
}

}  // namespace yilian::directory
