#include "services/directory/store/mysql_access_directory.h"

#include <map>
#include <optional>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/care_relationships.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

// The record itself first. Index: primary key, ix_patient__merged_into.
constexpr Query kRecords{"directory.RecordsOfPatient",
                         "SELECT patient_id FROM patient WHERE patient_id = ? OR merged_into = ? "
                         "ORDER BY patient_id"};
constexpr Query kOrganizationName{"directory.OrganizationName",
                                  "SELECT name FROM organization WHERE organization_id = ?"};
constexpr Query kDisplayName{"directory.DisplayName",
                             "SELECT display_name FROM user_account WHERE user_id = ?"};
// Index: uq_care_relationship__reason, prefix; a patient has some dozens.
constexpr Query kListCare{
    "directory.ListCareRelationships",
    "SELECT c.care_relationship_id, c.organization_id, c.source, c.source_id, c.started_at, "
    "c.ends_at, c.version, o.name FROM care_relationship c "
    "JOIN organization o ON o.organization_id = c.organization_id "
    "WHERE c.patient_id = ? AND (? = 1 OR c.ends_at IS NULL OR c.ends_at > ?) "
    "AND (c.started_at < ? OR (c.started_at = ? AND c.care_relationship_id < ?)) "
    "ORDER BY c.started_at DESC, c.care_relationship_id DESC LIMIT ?"};

constexpr absl::Time kEndOfTime = absl::FromUnixSeconds(253'402'300'799);  // 9999-12-31

// Each name is read once a report.
class Names {
 public:
  Names(Session& session, const Query& query) : session_(session), query_(query) {}
  absl::StatusOr<std::string> Of(const base::Uuid& id) {
    if (id.is_nil()) return std::string();
    if (const auto known = names_.find(id); known != names_.end()) return known->second;
    ASSIGN_OR_RETURN(const std::optional<std::string> found,
                     session_.SelectOne<std::string>(
                         query_, [](const Row& row) { return row.Text(0); }, id));
    return names_.emplace(id, found.value_or("")).first->second;
  }

 private:
  Session& session_;
  const Query& query_;
  std::map<base::Uuid, std::string> names_;
};

}  // namespace

absl::StatusOr<std::vector<PatientId>> MysqlAccessDirectory::RecordsOf(PatientId patient,
                                                                       const Actor& actor, bool any,
                                                                       absl::Time now,
                                                                       absl::Time deadline) {
  std::vector<PatientId> records;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    if (!any) {
      ASSIGN_OR_RETURN(const bool contracted,
                       care::HasContract(session, patient, actor.organization, now));
      if (!contracted) return errors::NotFound("patient");
    }
    ASSIGN_OR_RETURN(records, session.SelectAll<PatientId>(
                                  kRecords, [](const Row& row) { return row.Id<PatientId>(0); },
                                  patient, patient));
    return absl::OkStatus();
  }));
  if (records.empty()) return errors::NotFound("patient");
  return records;
}

absl::Status MysqlAccessDirectory::AddNames(std::vector<RecordAccess>& accesses,
                                            absl::Time deadline) {
  return mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    Names organizations(session, kOrganizationName);
    Names people(session, kDisplayName);
    for (RecordAccess& one : accesses) {
      ASSIGN_OR_RETURN(one.organization_name, organizations.Of(one.organization.uuid()));
      ASSIGN_OR_RETURN(one.display_name, people.Of(one.user.uuid()));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<NamedCareRelationship>> MysqlAccessDirectory::ListCare(
    const CareQuery& query, const Actor& actor, bool any, absl::Time now, absl::Time deadline) {
  const absl::Time time = query.after ? query.after->first : kEndOfTime;
  const base::Uuid id = query.after ? query.after->second : base::Uuid();
  std::vector<NamedCareRelationship> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    if (!any) {
      ASSIGN_OR_RETURN(const bool reads, care::MayRead(session, query.patient, actor, now));
      if (!reads) return errors::NotFound("patient");
    }
    ASSIGN_OR_RETURN(found,
                     session.SelectAll<NamedCareRelationship>(
                         kListCare,
                         [&](const Row& row) -> absl::StatusOr<NamedCareRelationship> {
                           const auto source = CareSourceFromName(row.Text(2));
                           if (!source) return absl::InternalError("unknown care source is stored");
                           return NamedCareRelationship{
                               .relationship = {.id = row.Id(0),
                                                .patient = query.patient,
                                                .organization = row.Id<OrganizationId>(1),
                                                .source = *source,
                                                .source_id = row.Id(3),
                                                .started_at = row.Time(4),
                                                .ends_at = row.OptionalTime(5),
                                                .version = row.Int(6)},
                               .organization_name = row.Text(7)};
                         },
                         query.patient, query.include_ended, now, time, time, id, query.limit));
    return absl::OkStatus();
  }));
  return found;
}

}  // namespace yilian::directory
