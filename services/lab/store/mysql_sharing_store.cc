#include "services/lab/store/mysql_sharing_store.h"

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/relationship/merges.h"
#include "services/lab/domain/errors.h"
#include "services/lab/store/sensitivity.h"

namespace yilian::lab {
namespace {

using mysql::Query;

// In the order that CodeFromRow expects.
#define YILIAN_SENSITIVE_CODE_COLUMNS \
  "code_id, code_system, code, class, version, run_seen, run_changed, run_finished_at"

// Index: uq_sensitive_code__code.
constexpr Query kFindCode{"lab.FindSensitiveCode",
                          "SELECT code_id FROM sensitive_code WHERE code_system = ? AND code = ?"};
// Index: primary key.
constexpr Query kLockCode{"lab.LockSensitiveCode",
                          "SELECT " YILIAN_SENSITIVE_CODE_COLUMNS
                          " FROM sensitive_code WHERE code_id = ? FOR UPDATE"};
constexpr Query kInsertCode{
    "lab.InsertSensitiveCode",
    "INSERT INTO sensitive_code (code_id, code_system, code, class, version, run_report_id, "
    "run_seen, run_changed) VALUES (?, ?, ?, ?, 1, ?, 0, 0)"};
// Index: primary key.
constexpr Query kChangeCode{"lab.ChangeSensitiveCode",
                            "UPDATE sensitive_code SET class = ?, version = version + 1, "
                            "run_report_id = ?, run_seen = 0, run_changed = 0, run_finished_at = "
                            "NULL WHERE code_id = ?"};
// Keyset on (code_system, code). Index: uq_sensitive_code__code.
constexpr Query kListCodes{"lab.ListSensitiveCodes",
                           "SELECT " YILIAN_SENSITIVE_CODE_COLUMNS
                           " FROM sensitive_code WHERE code_system > ? OR (code_system = ? AND "
                           "code > ?) ORDER BY code_system, code LIMIT ?"};

// In the order that GrantFromRow expects.
#define YILIAN_GRANT_COLUMNS                                             \
  "grant_id, patient_id, organization_id, classes, "                     \
  "granted_by_organization_id, granted_by_practitioner_id, granted_at, " \
  "ends_at, revoked_at"

// Of which classes an organization ordered or performed a report of the patient. Index:
// ix_report__patient.
constexpr Query kPartyClasses{
    "lab.PartyClasses",
    "SELECT DISTINCT sensitivity FROM report WHERE patient_id = ? AND sensitivity <> 0 AND "
    "(performing_organization_id = ? OR ordering_organization_id = ?)"};
constexpr Query kInsertGrant{"lab.InsertGrant", "INSERT INTO sensitive_grant (" YILIAN_GRANT_COLUMNS
                                                ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)"};
// Index: primary key.
constexpr Query kLockGrant{"lab.LockGrant", "SELECT " YILIAN_GRANT_COLUMNS
                                            " FROM sensitive_grant WHERE grant_id = ? FOR UPDATE"};
constexpr Query kRevokeGrant{"lab.RevokeGrant",
                             "UPDATE sensitive_grant SET revoked_at = ? WHERE grant_id = ?"};
// Index: ix_sensitive_grant__patient; a patient has few. A version 7 UUID tells which is newer.
constexpr Query kGrantsOf{"lab.GrantsOfPatient",
                          "SELECT " YILIAN_GRANT_COLUMNS
                          " FROM sensitive_grant WHERE patient_id = ? AND (organization_id = ? OR "
                          "granted_by_organization_id = ?) ORDER BY grant_id DESC LIMIT 100"};

StoredSensitiveCode CodeFromRow(const mysql::Row& row) {
  StoredSensitiveCode stored;
  int at = 0;
  stored.id = row.Id<SensitiveCodeId>(at++);
  stored.code.system = row.Text(at++);
  stored.code.code = row.Text(at++);
  const std::optional<int64_t> number = row.OptionalInt(at++);
  if (number) stored.code.sensitive_class = static_cast<SensitiveClass>(*number);
  stored.version = row.Int(at++);
  stored.run.seen = row.Int(at++);
  stored.run.changed = row.Int(at++);
  stored.run.finished_at = row.OptionalTime(at);
  return stored;
}

SensitiveGrant GrantFromRow(const mysql::Row& row) {
  SensitiveGrant grant;
  int at = 0;
  grant.id = row.Id<GrantId>(at++);
  grant.patient = row.Id<PatientId>(at++);
  grant.organization = row.Id<OrganizationId>(at++);
  grant.classes.bits = static_cast<uint32_t>(row.Int(at++));
  grant.granted_by = row.Id<OrganizationId>(at++);
  grant.practitioner = PractitionerId(row.OptionalId(at++).value_or(base::Uuid()));
  grant.granted_at = row.Time(at++);
  grant.ends_at = row.Time(at++);
  grant.revoked_at = row.OptionalTime(at);
  return grant;
}

mysql::Value ClassOrNull(const SensitiveCode& code) {
  return code.sensitive_class ? mysql::Value(static_cast<int>(*code.sensitive_class))
                              : mysql::Value(nullptr);
}

absl::StatusOr<ClassSet> PartyClasses(mysql::Session& session, PatientId patient,
                                      OrganizationId party) {
  ClassSet classes;
  RETURN_IF_ERROR(
      session.SelectValues(kPartyClasses, {patient, party, party}, [&](const mysql::Row& row) {
        classes.bits |= static_cast<uint32_t>(row.Int(0));
        return absl::OkStatus();
      }));
  return classes;
}

}  // namespace

absl::StatusOr<std::string> MysqlSharingStore::DefineBytes(
    const unit::WriteContext& context, const SensitiveCode& code, const std::string& etag,
    const wire::RespondBytes<StoredSensitiveCode>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    mysql::Session& sql = scope.sql();
    ASSIGN_OR_RETURN(
        const std::optional<SensitiveCodeId> known,
        sql.SelectOne<SensitiveCodeId>(
            kFindCode, [](const mysql::Row& row) { return row.Id<SensitiveCodeId>(0); },
            code.system, code.code));
    const SensitiveCodeId id = known.value_or(SensitiveCodeId::New(scope.now()));
    // Timer, gate, code: the walk locks them in this order.
    RETURN_IF_ERROR(SetSensitivityTimer(sql, id, scope.now()));
    RETURN_IF_ERROR(ShutSensitiveCodes(sql));
    const auto lock = [&] {
      return sql.SelectOne<StoredSensitiveCode>(kLockCode, CodeFromRow, id);
    };
    ASSIGN_OR_RETURN(const std::optional<StoredSensitiveCode> before, lock());
    const std::string current = before ? before->etag() : "";
    if (etag != current) return errors::EtagStale(current);
    if (before) {
      RETURN_IF_ERROR(sql.Execute(kChangeCode, ClassOrNull(code), ReportId(), id).status());
    } else {
      const absl::Status inserted =
          sql.Execute(kInsertCode, id, code.system, code.code, ClassOrNull(code), ReportId())
              .status();
      // Two who define it at once: the other was first.
      if (absl::IsAlreadyExists(inserted)) return errors::EtagStale("v1");
      RETURN_IF_ERROR(inserted);
    }
    ASSIGN_OR_RETURN(const std::optional<StoredSensitiveCode> after, lock());
    if (!after) return absl::InternalError("a code is gone under its lock");
    return respond(*after);
  });
}

absl::StatusOr<std::vector<StoredSensitiveCode>> MysqlSharingStore::List(
    const SensitiveCodesQuery& query, absl::Time deadline) {
  std::vector<StoredSensitiveCode> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, session.SelectAll<StoredSensitiveCode>(
                                    kListCodes, CodeFromRow, query.after_system, query.after_system,
                                    query.after_code, query.limit));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::string> MysqlSharingStore::GrantBytes(
    const unit::WriteContext& context, const NewGrant& grant,
    const wire::RespondBytes<SensitiveGrant>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    RETURN_IF_ERROR(grant.Check(scope.now()));
    ASSIGN_OR_RETURN(const ClassSet party, PartyClasses(scope.sql(), grant.patient, grant.by));
    // Who has no report of a class does not learn here whether others have.
    if (!party.Covers(grant.set())) return errors::NotFound();
    RETURN_IF_ERROR(relationship::HoldLive(scope.sql(), grant.patient.uuid()));
    const SensitiveGrant given{.id = GrantId::New(scope.now()),
                               .patient = grant.patient,
                               .organization = grant.organization,
                               .classes = grant.set(),
                               .granted_by = grant.by,
                               .practitioner = grant.practitioner,
                               .granted_at = scope.now(),
                               .ends_at = grant.ends_at};
    RETURN_IF_ERROR(scope.sql()
                        .Execute(kInsertGrant, given.id, given.patient, given.organization,
                                 given.classes.bits, given.granted_by,
                                 mysql::OrNull(given.practitioner), given.granted_at, given.ends_at)
                        .status());
    scope.Subject("sensitive_grant", given.id.uuid(), given.patient.uuid());
    return respond(given);
  });
}

absl::StatusOr<std::string> MysqlSharingStore::RevokeBytes(
    const unit::WriteContext& context, GrantId id, OrganizationId by,
    const wire::RespondBytes<SensitiveGrant>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(std::optional<SensitiveGrant> grant,
                     scope.sql().SelectOne<SensitiveGrant>(kLockGrant, GrantFromRow, id));
    if (!grant || grant->granted_by != by) return errors::GrantNotFound();
    if (!grant->revoked_at) {
      RETURN_IF_ERROR(scope.sql().Execute(kRevokeGrant, scope.now(), id).status());
      grant->revoked_at = scope.now();
    }
    scope.Subject("sensitive_grant", id.uuid(), grant->patient.uuid());
    return respond(*grant);
  });
}

absl::StatusOr<std::vector<SensitiveGrant>> MysqlSharingStore::GrantsOf(PatientId patient,
                                                                        OrganizationId organization,
                                                                        absl::Time deadline) {
  std::vector<SensitiveGrant> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, session.SelectAll<SensitiveGrant>(kGrantsOf, GrantFromRow, patient,
                                                                  organization, organization));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<ClassSet> MysqlSharingStore::GrantedTo(PatientId patient,
                                                      OrganizationId organization,
                                                      absl::Time deadline) {
  ClassSet granted;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(
            granted, lab::GrantedTo(session, patient, organization, unit_of_work_.clock().Now()));
        return absl::OkStatus();
      }));
  return granted;
}

}  // namespace yilian::lab
