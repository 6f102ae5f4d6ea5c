#include "services/directory/store/mysql_contract_store.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/civil_day.h"
#include "services/directory/store/events.h"
#include "services/directory/store/mysql_organization_store.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;

// Locked: a merge of the record waits until the contract is there to be moved.
constexpr Query kLockPatient{"directory.LockContractPatient",
                             "SELECT merged_into FROM patient WHERE patient_id = ? FOR UPDATE"};
constexpr Query kInsert{
    "directory.InsertContract",
    "INSERT INTO contract (contract_id, patient_id, organization_id, practitioner_id, start_date, "
    "end_date, version, created_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?)"};

}  // namespace

absl::Status MysqlContractStore::Add(unit::Scope& scope, const Contract& contract,
                                     const Actor& actor) {
  mysql::Session& session = scope.sql();
  if (!actor.is_service) {
    // A resident is registered with the centre before they sign: else a patient's id would be
    // enough to see their data.
    ASSIGN_OR_RETURN(const bool holds,
                     care::Holds(session, contract.patient, contract.organization, scope.now()));
    if (!holds) return errors::NotFound("patient");
  }
  ASSIGN_OR_RETURN(
      const std::optional<PatientId> merged_into,
      session.SelectOne<PatientId>(
          kLockPatient, [](const Row& row) { return row.Id<PatientId>(0); }, contract.patient));
  if (!merged_into) return errors::NotFound("patient");
  if (!merged_into->is_nil()) return errors::PatientMerged(*merged_into);
  RETURN_IF_ERROR(RequireOrganization(session, contract.organization));
  RETURN_IF_ERROR(RequirePractitioner(session, contract.practitioner, contract.organization));
  RETURN_IF_ERROR(session
                      .Execute(kInsert, contract.id, contract.patient, contract.organization,
                               contract.practitioner, ToSqlDate(contract.start_date),
                               ToSqlDate(contract.end_date), scope.now())
                      .status());
  const CareRelationship relationship = RelationshipOf(contract);
  RETURN_IF_ERROR(care::AddUnlessThere(session, relationship).status());
  scope.Append(events::Signed(contract, scope.now()));
  scope.Append(events::Opened(relationship, scope.now()));
  scope.Subject("contract", contract.id.uuid(), contract.patient.uuid());
  return absl::OkStatus();
}

}  // namespace yilian::directory
