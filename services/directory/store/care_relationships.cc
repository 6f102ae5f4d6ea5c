#include "services/directory/store/care_relationships.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/events.h"

namespace yilian::directory::care {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

// Index: uq_care_relationship__reason, prefix.
constexpr Query kHolds{"directory.CareHolds",
                       "SELECT 1 FROM care_relationship WHERE patient_id = ? "
                       "AND organization_id = ? AND started_at <= ? "
                       "AND (ends_at IS NULL OR ends_at > ?) LIMIT 1"};
// Index: uq_care_relationship__reason, prefix.
constexpr Query kOrganizations{"directory.CareOrganizations",
                               "SELECT DISTINCT organization_id FROM care_relationship "
                               "WHERE patient_id = ? AND (ends_at IS NULL OR ends_at > ?) "
                               "ORDER BY organization_id"};
// Index: ix_broken_glass__reader.
constexpr Query kGlass{"directory.GlassHolds",
                       "SELECT 1 FROM broken_glass WHERE patient_id = ? AND user_id = ? "
                       "AND ends_at > ? AND started_at <= ? AND organization_id = ? LIMIT 1"};
// Index: uq_care_relationship__reason, prefix.
constexpr Query kHoldsBySource{"directory.CareHoldsBySource",
                               "SELECT 1 FROM care_relationship WHERE patient_id = ? "
                               "AND organization_id = ? AND source = ? AND started_at <= ? "
                               "AND (ends_at IS NULL OR ends_at > ?) LIMIT 1"};
// Index: uq_care_relationship__reason, prefix.
constexpr Query kOrganizationsBySource{
    "directory.CareOrganizationsBySource",
    "SELECT DISTINCT organization_id FROM care_relationship WHERE patient_id = ? AND source = ? "
    "AND started_at <= ? AND (ends_at IS NULL OR ends_at > ?) ORDER BY organization_id"};
constexpr Query kExists{"directory.CareExists",
                        "SELECT 1 FROM care_relationship WHERE patient_id = ? "
                        "AND organization_id = ? AND source = ? AND source_id = ?"};
constexpr Query kInsert{
    "directory.CareInsert",
    "INSERT INTO care_relationship (care_relationship_id, patient_id, organization_id, source, "
    "source_id, started_at, ends_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: ix_care_relationship__source. Locked: two events of one source decide one after the other.
constexpr Query kOfSource{
    "directory.CareOfSource",
    "SELECT care_relationship_id, patient_id, organization_id, started_at, ends_at, version "
    "FROM care_relationship WHERE source_id = ? AND source = ? FOR UPDATE"};
constexpr Query kOfPatient{"directory.CareOfPatient",
                           "SELECT organization_id, source, source_id, started_at, ends_at "
                           "FROM care_relationship WHERE patient_id = ?"};
constexpr Query kUpdate{"directory.CareUpdate",
                        "UPDATE care_relationship SET ends_at = ?, version = ? "
                        "WHERE care_relationship_id = ? AND version = ?"};
// Locked: else a merge that commits now would copy the relationships without the one to come.
constexpr Query kSurvivor{"directory.CareSurvivor",
                          "SELECT merged_into FROM patient WHERE patient_id = ? FOR UPDATE"};

bool Exists(const Row&) { return true; }

absl::Status Insert(Session& session, const CareRelationship& one) {
  return session
      .Execute(kInsert, one.id, one.patient, one.organization, Name(one.source), one.source_id,
               one.started_at, one.ends_at, one.version)
      .status();
}

// Reconcile has already counted the version up; 1 is a row that is not there yet.
absl::Status Save(Session& session, const CareRelationship& one) {
  if (one.version == 1) return Insert(session, one);
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.Execute(kUpdate, one.ends_at, one.version, one.id, one.version - 1));
  if (matched == 1) return absl::OkStatus();
  return absl::InternalError("a locked care relationship changed under its lock");
}

}  // namespace

absl::StatusOr<bool> Holds(Session& session, PatientId patient, OrganizationId organization,
                           absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<bool> found,
                   session.SelectOne<bool>(kHolds, Exists, patient, organization, at, at));
  return found.has_value();
}

absl::StatusOr<bool> MayRead(Session& session, PatientId patient, const Actor& actor,
                             absl::Time at) {
  if (actor.is_service) return true;
  ASSIGN_OR_RETURN(const bool holds, Holds(session, patient, actor.organization, at));
  if (holds || actor.user.is_nil()) return holds;
  ASSIGN_OR_RETURN(
      const std::optional<bool> glass,
      session.SelectOne<bool>(kGlass, Exists, patient, actor.user, at, at, actor.organization));
  return glass.has_value();
}

absl::StatusOr<bool> HasContract(Session& session, PatientId patient, OrganizationId organization,
                                 absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<bool> found,
                   session.SelectOne<bool>(kHoldsBySource, Exists, patient, organization,
                                           Name(CareSource::kContract), at, at));
  return found.has_value();
}

absl::StatusOr<std::vector<OrganizationId>> GuardiansOf(Session& session, PatientId patient,
                                                        absl::Time at) {
  std::vector<OrganizationId> guardians;
  for (const CareSource source : {CareSource::kContract, CareSource::kRegistration}) {
    ASSIGN_OR_RETURN(guardians, session.SelectAll<OrganizationId>(
                                    kOrganizationsBySource,
                                    [](const Row& row) { return row.Id<OrganizationId>(0); },
                                    patient, Name(source), at, at));
    if (!guardians.empty()) break;
  }
  return guardians;
}

absl::Status RequireLivePatient(Session& session, PatientId patient) {
  ASSIGN_OR_RETURN(const std::optional<PatientId> merged_into,
                   session.SelectOne<PatientId>(
                       kSurvivor, [](const Row& row) { return row.Id<PatientId>(0); }, patient));
  if (!merged_into) return errors::NotFound("patient");
  return merged_into->is_nil() ? absl::OkStatus() : errors::PatientMerged(*merged_into);
}

absl::StatusOr<std::vector<OrganizationId>> OrganizationsOf(Session& session, PatientId patient,
                                                            absl::Time at) {
  return session.SelectAll<OrganizationId>(
      kOrganizations, [](const Row& row) { return row.Id<OrganizationId>(0); }, patient, at);
}

absl::StatusOr<bool> AddUnlessThere(Session& session, const CareRelationship& relationship) {
  ASSIGN_OR_RETURN(
      const std::optional<bool> there,
      session.SelectOne<bool>(kExists, Exists, relationship.patient, relationship.organization,
                              Name(relationship.source), relationship.source_id));
  if (there) return false;
  RETURN_IF_ERROR(Insert(session, relationship));
  return true;
}

absl::StatusOr<std::vector<outbox::NewEvent>> Apply(Session& session, const CareParties& parties,
                                                    absl::Time at) {
  ASSIGN_OR_RETURN(const std::vector<CareRelationship> now,
                   session.SelectAll<CareRelationship>(
                       kOfSource,
                       [&](const Row& row) {
                         return CareRelationship{.id = row.Id(0),
                                                 .patient = row.Id<PatientId>(1),
                                                 .organization = row.Id<OrganizationId>(2),
                                                 .source = parties.source,
                                                 .source_id = parties.source_id,
                                                 .started_at = row.Time(3),
                                                 .ends_at = row.OptionalTime(4),
                                                 .version = row.Int(5)};
                       },
                       parties.source_id, Name(parties.source)));
  const CareChange change = Reconcile(parties, now, at);
  std::vector<outbox::NewEvent> events;
  for (const CareRelationship& one : change.opened) {
    RETURN_IF_ERROR(Save(session, one));
    events.push_back(events::Opened(one, at));
  }
  for (const CareRelationship& one : change.ended) {
    RETURN_IF_ERROR(Save(session, one));
    events.push_back(events::Ended(one, at));
  }
  return events;
}

absl::StatusOr<std::vector<base::Uuid>> Inherit(Session& session, PatientId survivor,
                                                PatientId merged, absl::Time at) {
  ASSIGN_OR_RETURN(const std::vector<CareRelationship> all,
                   session.SelectAll<CareRelationship>(
                       kOfPatient,
                       [](const Row& row) -> absl::StatusOr<CareRelationship> {
                         const auto source = CareSourceFromName(row.Text(1));
                         if (!source) return absl::InternalError("unknown care source is stored");
                         return CareRelationship{.organization = row.Id<OrganizationId>(0),
                                                 .source = *source,
                                                 .source_id = row.Id(2),
                                                 .started_at = row.Time(3),
                                                 .ends_at = row.OptionalTime(4)};
                       },
                       merged));
  std::vector<base::Uuid> copies;
  for (CareRelationship one : all) {
    one.id = base::Uuid::V7(at);
    one.patient = survivor;
    if (one.source_id == merged.uuid()) one.source_id = survivor.uuid();
    ASSIGN_OR_RETURN(const bool added, AddUnlessThere(session, one));
    if (added) copies.push_back(one.id);
  }
  return copies;
}

absl::StatusOr<std::vector<PatientId>> RecordsOf(Session& session, PatientId patient) {
  ASSIGN_OR_RETURN(const std::optional<PatientId> survivor,
                   session.SelectOne<PatientId>(
                       kSurvivor, [](const Row& row) { return row.Id<PatientId>(0); }, patient));
  std::vector<PatientId> records = {patient};
  if (survivor && !survivor->is_nil()) records.push_back(*survivor);
  return records;
}

}  // namespace yilian::directory::care
