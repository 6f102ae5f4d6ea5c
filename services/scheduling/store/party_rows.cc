#include "services/scheduling/store/party_rows.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"

namespace yilian::scheduling {
namespace {

using mysql::OrNull;

using mysql::Query;

// Primary key. A row that is not there cannot be locked, so it is made; a plain INSERT would fail
// the second time.
constexpr Query kGuard{"scheduling.Guard",
                       "INSERT INTO booking_guard (kind, subject_id, turn) VALUES (?, ?, 1) ON "
                       "DUPLICATE KEY UPDATE turn = turn + 1"};
constexpr Query kSurvivor{"scheduling.Survivor",
                          "SELECT survivor_id FROM merged_patient WHERE patient_id = ?"};
constexpr Query kSaveMerged{
    "scheduling.SaveMerged",
    "INSERT INTO merged_patient (patient_id, survivor_id, merged_at) VALUES "
    "(?, ?, ?) ON DUPLICATE KEY UPDATE survivor_id = ?"};
constexpr Query kForgetMerged{"scheduling.ForgetMerged",
                              "DELETE FROM merged_patient WHERE patient_id = ?"};
constexpr Query kLoadOrganization{
    "scheduling.LoadOrganization",
    "SELECT organization_id, tier, consortium_id FROM organization WHERE organization_id = ?"};
constexpr Query kSaveOrganization{
    "scheduling.SaveOrganization",
    "INSERT INTO organization (organization_id, tier, consortium_id, updated_at) VALUES (?, ?, ?, "
    "?) ON DUPLICATE KEY UPDATE tier = ?, consortium_id = ?, updated_at = ?"};

absl::StatusOr<std::optional<PatientId>> FindSurvivor(mysql::Session& sql, PatientId patient) {
  return sql.SelectOne<PatientId>(
      kSurvivor, [](const mysql::Row& row) { return row.Id<PatientId>(0); }, patient);
}

}  // namespace

absl::Status GuardPatient(mysql::Session& sql, PatientId patient) {
  return sql.Execute(kGuard, "PATIENT", patient).status();
}

absl::Status GuardExpert(mysql::Session& sql, PractitionerId expert) {
  return sql.Execute(kGuard, "EXPERT", expert).status();
}

absl::Status GuardResource(mysql::Session& sql, OrganizationId site, const Resource& resource) {
  const std::string name = fmt::format("{} {}", Name(resource.kind), resource.code);
  return sql.Execute(kGuard, "RESOURCE", base::Uuid::V5(site.uuid(), name)).status();
}

absl::Status GuardSite(mysql::Session& sql, OrganizationId site) {
  return sql.Execute(kGuard, "SITE", site).status();
}

absl::Status GuardUser(mysql::Session& sql, UserId user) {
  return sql.Execute(kGuard, "USER", user).status();
}

absl::StatusOr<PatientId> GuardSurvivor(mysql::Session& sql, PatientId patient) {
  // A survivor may be merged while its guard is waited for; each turn follows one merge more.
  for (PatientId current = patient;;) {
    RETURN_IF_ERROR(GuardPatient(sql, current));
    ASSIGN_OR_RETURN(const std::optional<PatientId> survivor, FindSurvivor(sql, current));
    if (!survivor) return current;
    current = *survivor;
  }
}

absl::Status SaveMerged(mysql::Session& sql, PatientId survivor, PatientId merged, absl::Time now) {
  // One step a merge, so that each can be undone by itself.
  return sql.Execute(kSaveMerged, merged, survivor, now, survivor).status();
}

absl::Status ForgetMerged(mysql::Session& sql, PatientId merged) {
  return sql.Execute(kForgetMerged, merged).status();
}

absl::StatusOr<Organization> LoadOrganization(mysql::Session& sql, OrganizationId id) {
  ASSIGN_OR_RETURN(const std::optional<Organization> found, sql.SelectOne<Organization>(
                                                                kLoadOrganization,
                                                                [](const mysql::Row& row) {
                                                                  return Organization{
                                                                      row.Id<OrganizationId>(0),
                                                                      static_cast<Tier>(row.Int(1)),
                                                                      row.Id<OrganizationId>(2)};
                                                                },
                                                                id));
  return found.value_or(Organization{.id = id});
}

absl::StatusOr<std::vector<Organization>> LoadReserved(mysql::Session& sql,
                                                       const std::vector<Quota>& quotas) {
  std::vector<Organization> reserved;
  for (const Quota& quota : quotas) {
    if (quota.kind != PoolKind::kOrganization) continue;
    ASSIGN_OR_RETURN(reserved.emplace_back(), LoadOrganization(sql, quota.organization));
  }
  return reserved;
}

absl::Status SaveOrganization(mysql::Session& sql, const Organization& organization,
                              absl::Time now) {
  const int tier = static_cast<int>(organization.tier);
  return sql
      .Execute(kSaveOrganization, organization.id, tier, OrNull(organization.consortium), now, tier,
               OrNull(organization.consortium), now)
      .status();
}

}  // namespace yilian::scheduling
