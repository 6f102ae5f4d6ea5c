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

// Index: uq_admission__visit. Locked: an admission and its discharge may come at the same moment.
constexpr Query kLock{"directory.LockAdmission",
                      "SELECT admission_id, patient_id, organization_id, admitted_at, "
                      "discharged_at, version FROM admission "
                      "WHERE organization_id = ? AND visit_index = ? FOR UPDATE"};
constexpr Query kInsert{
    "directory.InsertAdmission",
    "INSERT INTO admission (admission_id, patient_id, organization_id, visit_index, admitted_at, "
    "discharged_at, version) VALUES (?, ?, ?, ?, ?, NULL, 1)"};
constexpr Query kDischarge{"directory.DischargeAdmission",
                           "UPDATE admission SET discharged_at = ?, version = ? "
                           "WHERE admission_id = ? AND version = ?"};

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
                         .version = row.Int(5)};
      },
      visit.organization, IndexOf(index, visit));
}

// Opens, or ends, what the stay gives the hospital.
absl::Status Relate(unit::Scope& scope, const Admission& admission, CareStage stage,
                    absl::Time at) {
  CareParties parties{.source = CareSource::kAdmission,
                      .source_id = admission.id.uuid(),
                      .organizations = {admission.organization},
                      .stage = stage};
  ASSIGN_OR_RETURN(parties.patients, care::RecordsOf(scope.sql(), admission.patient));
  ASSIGN_OR_RETURN(std::vector<outbox::NewEvent> events, care::Apply(scope.sql(), parties, at));
  for (outbox::NewEvent& event : events) scope.Append(std::move(event));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Admission> MysqlAdmissionStore::Admit(unit::Scope& scope, const Admission& admission,
                                                     const Visit& visit, const Actor& actor) {
  Session& session = scope.sql();
  if (!actor.is_service) {
    // Whoever is admitted is registered first: else a patient's id would be enough to see their
    // data.
    ASSIGN_OR_RETURN(const bool holds,
                     care::Holds(session, admission.patient, admission.organization, scope.now()));
    if (!holds) return errors::NotFound("patient");
  }
  ASSIGN_OR_RETURN(const std::optional<Admission> there, Lock(session, index_, visit));
  scope.Subject("admission", there ? there->id.uuid() : admission.id.uuid(),
                admission.patient.uuid());
  if (there) {
    if (there->patient != admission.patient) return errors::IdentifierTaken("visit_number");
    return *there;
  }
  RETURN_IF_ERROR(care::RequireLivePatient(session, admission.patient));
  RETURN_IF_ERROR(RequireOrganization(session, admission.organization));
  const auto inserted =
      session.Execute(kInsert, admission.id, admission.patient, admission.organization,
                      IndexOf(index_, visit), admission.admitted_at);
  if (!inserted.ok()) {
    // Another call records the same visit at this moment; the repeated one finds it.
    return DuplicateKeyOf(inserted.status()).empty() ? inserted.status() : errors::Contention();
  }
  RETURN_IF_ERROR(Relate(scope, admission, CareStage::kOpen, admission.admitted_at));
  scope.Append(events::Admitted(admission, scope.now()));
  return admission;
}

absl::StatusOr<Admission> MysqlAdmissionStore::Discharge(unit::Scope& scope, const Visit& visit,
                                                         absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<Admission> there, Lock(scope.sql(), index_, visit));
  if (!there) return errors::NotFound("admission");
  scope.Subject("admission", there->id.uuid(), there->patient.uuid());
  ASSIGN_OR_RETURN(const Admission after, Discharged(*there, at));
  if (after.version == there->version) return after;
  ASSIGN_OR_RETURN(const int64_t matched,
                   scope.sql().Execute(kDischarge, after.discharged_at, after.version, after.id,
                                       there->version));
  if (matched != 1) return absl::InternalError("a locked admission changed under its lock");
  RETURN_IF_ERROR(Relate(scope, after, CareStage::kClosed, at));
  scope.Append(events::DischargedFrom(after, scope.now()));
  return after;
}

}  // namespace yilian::directory
