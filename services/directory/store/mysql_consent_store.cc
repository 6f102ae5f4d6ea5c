#include "services/directory/store/mysql_consent_store.h"

#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/access_events.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/mysql_organization_store.h"

namespace yilian::directory {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr std::string_view kEvidenceColumn = "consent.evidence";
constexpr size_t kIdBytes = 16;

constexpr Query kInsert{
    "directory.InsertConsent",
    "INSERT INTO consent (consent_id, patient_id, purpose, organizations, starts_at, ends_at, "
    "evidence_cipher, recorded_by, recorded_by_user, recorded_at, revoked_at, version) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 1)"};
constexpr Query kLock{
    "directory.LockConsent",
    "SELECT consent_id, patient_id, purpose, organizations, starts_at, ends_at, evidence_cipher, "
    "recorded_by, recorded_by_user, recorded_at, revoked_at, version FROM consent "
    "WHERE consent_id = ? FOR UPDATE"};
constexpr Query kRevoke{"directory.RevokeConsent",
                        "UPDATE consent SET revoked_at = ?, version = ? "
                        "WHERE consent_id = ? AND version = ?"};
// Index: ix_consent__patient, for the record and each that was merged into it
// (ix_patient__merged_into).
constexpr Query kList{
    "directory.ListConsents",
    "SELECT c.consent_id, c.patient_id, c.purpose, c.organizations, c.starts_at, c.ends_at, "
    "c.evidence_cipher, c.recorded_by, c.recorded_by_user, c.recorded_at, c.revoked_at, c.version "
    "FROM patient p JOIN consent c ON c.patient_id = p.patient_id "
    "WHERE (p.patient_id = ? OR p.merged_into = ?) "
    "AND (c.recorded_at < ? OR (c.recorded_at = ? AND c.consent_id < ?)) "
    "ORDER BY c.recorded_at DESC, c.consent_id DESC LIMIT ?"};
// Index: as above; a patient has few.
constexpr Query kLive{
    "directory.LiveConsents",
    "SELECT c.organizations FROM patient p JOIN consent c ON c.patient_id = p.patient_id "
    "WHERE (p.patient_id = ? OR p.merged_into = ?) AND c.purpose = ? AND c.starts_at <= ? "
    "AND (c.ends_at IS NULL OR c.ends_at > ?) AND c.revoked_at IS NULL"};

std::string Packed(const std::vector<OrganizationId>& organizations) {
  std::string bytes;
  for (const OrganizationId one : organizations) bytes += one.uuid().ToBytes();
  return bytes;
}

absl::StatusOr<std::vector<OrganizationId>> Unpacked(const std::string& bytes) {
  std::vector<OrganizationId> organizations;
  for (size_t at = 0; at + kIdBytes <= bytes.size(); at += kIdBytes) {
    ASSIGN_OR_RETURN(const base::Uuid id, base::Uuid::FromBytes(bytes.substr(at, kIdBytes)));
    organizations.emplace_back(id);
  }
  return organizations;
}

// After every row, for a first page.
constexpr absl::Time kEndOfTime = absl::FromUnixSeconds(253'402'300'799);  // 9999-12-31

}  // namespace

absl::StatusOr<Consent> MysqlConsentStore::ToConsent(const Row& row) const {
  const auto purpose = ConsentPurposeFromName(row.Text(2));
  if (!purpose) return absl::InternalError("an unknown purpose is stored");
  Consent consent{.id = row.Id<ConsentId>(0),
                  .patient = row.Id<PatientId>(1),
                  .purpose = *purpose,
                  .starts_at = row.Time(4),
                  .ends_at = row.OptionalTime(5),
                  .recorded_by = row.Id<OrganizationId>(7),
                  .recorded_by_user = row.Id<UserId>(8),
                  .recorded_at = row.Time(9),
                  .revoked_at = row.OptionalTime(10),
                  .version = row.Int(11)};
  ASSIGN_OR_RETURN(consent.organizations, Unpacked(row.Bytes(3)));
  ASSIGN_OR_RETURN(consent.evidence,
                   cipher_.Decrypt({kEvidenceColumn, consent.id.uuid()}, row.Bytes(6)));
  return consent;
}

absl::Status MysqlConsentStore::Record(unit::Scope& scope, const Consent& consent,
                                       const Actor& actor) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const bool holds,
                   care::Holds(session, consent.patient, actor.organization, scope.now()));
  if (!holds) return errors::NotFound("patient");
  RETURN_IF_ERROR(care::RequireLivePatient(session, consent.patient));
  for (const OrganizationId one : consent.organizations) {
    RETURN_IF_ERROR(RequireOrganization(session, one));
  }
  ASSIGN_OR_RETURN(std::string evidence,
                   cipher_.Encrypt({kEvidenceColumn, consent.id.uuid()}, consent.evidence));
  RETURN_IF_ERROR(session
                      .Execute(kInsert, consent.id, consent.patient, Name(consent.purpose),
                               Blob{Packed(consent.organizations)}, consent.starts_at,
                               consent.ends_at, Blob{std::move(evidence)}, consent.recorded_by,
                               consent.recorded_by_user, consent.recorded_at)
                      .status());
  scope.Append(events::Recorded(consent, scope.now()));
  scope.Subject("consent", consent.id.uuid(), consent.patient.uuid());
  return absl::OkStatus();
}

absl::StatusOr<Consent> MysqlConsentStore::Revoke(unit::Scope& scope, ConsentId id,
                                                  std::string_view etag, const Actor& actor) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const std::optional<Consent> there,
                   session.SelectOne<Consent>(
                       kLock, [this](const Row& row) { return ToConsent(row); }, id));
  if (!there) return errors::NotFound("consent");
  ASSIGN_OR_RETURN(const bool holds,
                   care::Holds(session, there->patient, actor.organization, scope.now()));
  if (!holds) return errors::NotFound("consent");
  ASSIGN_OR_RETURN(const Consent after, Revoked(*there, etag, scope.now()));
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.Execute(kRevoke, after.revoked_at, after.version, id, there->version));
  if (matched != 1) return absl::InternalError("a locked consent changed under its lock");
  scope.Append(events::Revoked(after, scope.now()));
  scope.Subject("consent", id.uuid(), after.patient.uuid());
  return after;
}

absl::StatusOr<std::vector<Consent>> MysqlConsentStore::List(const ConsentsQuery& query,
                                                             const Actor& actor, absl::Time now,
                                                             absl::Time deadline) {
  const absl::Time time = query.after ? query.after->first : kEndOfTime;
  const ConsentId id = query.after ? query.after->second : ConsentId();
  std::vector<Consent> consents;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    if (!query.as_auditor) {
      ASSIGN_OR_RETURN(const bool reads, care::MayRead(session, query.patient, actor, now));
      if (!reads) return errors::NotFound("patient");
    }
    ASSIGN_OR_RETURN(consents, session.SelectAll<Consent>(
                                   kList, [this](const Row& row) { return ToConsent(row); },
                                   query.patient, query.patient, time, time, id, query.limit));
    return absl::OkStatus();
  }));
  return consents;
}

absl::StatusOr<bool> MysqlConsentStore::Allows(PatientId patient, OrganizationId organization,
                                               ConsentPurpose purpose, absl::Time now,
                                               absl::Time deadline) {
  bool allowed = false;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    allowed = false;
    if (!NeedsConsent(purpose)) {
      ASSIGN_OR_RETURN(allowed, care::Holds(session, patient, organization, now));
      return absl::OkStatus();
    }
    return session.SelectValues(kLive, {patient, patient, Name(purpose), now, now},
                                [&](const Row& row) -> absl::Status {
                                  Consent live{.starts_at = absl::InfinitePast()};
                                  ASSIGN_OR_RETURN(live.organizations, Unpacked(row.Bytes(0)));
                                  allowed = allowed || live.Allows(organization, now);
                                  return absl::OkStatus();
                                });
  }));
  return allowed;
}

}  // namespace yilian::directory
