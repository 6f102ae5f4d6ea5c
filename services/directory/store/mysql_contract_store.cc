#include "services/directory/store/mysql_contract_store.h"

#include <algorithm>
#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/civil_day.h"
#include "services/directory/store/duplicate.h"
#include "services/directory/store/events.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/mysql_team_store.h"
#include "services/directory/store/null_id.h"
#include "services/directory/store/practitioner_rows.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr Query kInsert{
    "directory.InsertContract",
    "INSERT INTO contract (contract_id, patient_id, organization_id, practitioner_id, team_id, "
    "service_package, start_date, end_date, renews_id, follows_id, version, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr Query kGet{
    "directory.GetContract",
    "SELECT contract_id, patient_id, organization_id, practitioner_id, team_id, service_package, "
    "start_date, end_date, renews_id, follows_id, terminated_at, termination_reason, version "
    "FROM contract WHERE contract_id = ?"};
// Index: ix_contract__patient. Locked: what was signed before is seen, whatever was read before.
constexpr Query kLockOfPatient{
    "directory.LockContractsOfPatient",
    "SELECT contract_id, patient_id, organization_id, practitioner_id, team_id, service_package, "
    "start_date, end_date, renews_id, follows_id, terminated_at, termination_reason, version "
    "FROM contract WHERE patient_id = ? FOR UPDATE"};
// Index: ix_contract__patient; a resident has one a year.
constexpr Query kOfPatient{
    "directory.ContractsOfPatient",
    "SELECT contract_id, patient_id, organization_id, practitioner_id, team_id, service_package, "
    "start_date, end_date, renews_id, follows_id, terminated_at, termination_reason, version "
    "FROM contract WHERE patient_id = ? ORDER BY start_date DESC, contract_id DESC LIMIT 100"};
// Index: ix_contract__team.
constexpr Query kOfTeam{
    "directory.ContractsOfTeam",
    "SELECT contract_id, patient_id, organization_id, practitioner_id, team_id, service_package, "
    "start_date, end_date, renews_id, follows_id, terminated_at, termination_reason, version "
    "FROM contract WHERE team_id = ? AND end_date >= ? AND end_date <= ? "
    "AND (end_date > ? OR contract_id > ?) AND terminated_at IS NULL "
    "ORDER BY end_date, contract_id LIMIT ?"};
constexpr Query kTerminate{"directory.TerminateContract",
                           "UPDATE contract SET terminated_at = ?, termination_reason = ?, "
                           "version = ? WHERE contract_id = ? AND version = ?"};

absl::StatusOr<Contract> ToContract(const Row& row) {
  Contract contract{.id = row.Id<ContractId>(0),
                    .patient = row.Id<PatientId>(1),
                    .organization = row.Id<OrganizationId>(2),
                    .practitioner = row.Id<PractitionerId>(3),
                    .team = row.Id<TeamId>(4),
                    .service_package = row.Text(5),
                    .renews = row.Id<ContractId>(8),
                    .follows = row.Id(9),
                    .terminated_at = row.OptionalTime(10),
                    .version = row.Int(12)};
  ASSIGN_OR_RETURN(contract.start_date, FromSqlDate(row.Text(6)));
  ASSIGN_OR_RETURN(contract.end_date, FromSqlDate(row.Text(7)));
  if (!row.IsNull(11)) {
    contract.reason = TerminationReasonFromName(row.Text(11));
    if (!contract.reason) return absl::InternalError("an unknown reason of an end is stored");
  }
  return contract;
}

absl::StatusOr<Contract> Read(Session& session, ContractId id) {
  ASSIGN_OR_RETURN(const std::optional<Contract> found,
                   session.SelectOne<Contract>(kGet, ToContract, id));
  if (!found) return errors::NotFound("contract");
  return *found;
}

// All contracts of a resident, whose record is live and stays locked: whoever signs, renews or
// terminates for them comes one after the other, and a merge waits until the contract is there to
// be moved.
absl::StatusOr<std::vector<Contract>> LockOf(Session& session, PatientId patient) {
  RETURN_IF_ERROR(care::RequireLivePatient(session, patient));
  return session.SelectAll<Contract>(kLockOfPatient, ToContract, patient);
}

// Writes `contract` beside `present`, and opens its relationship.
absl::Status Sign(unit::Scope& scope, const std::vector<Contract>& present, Contract contract) {
  Session& session = scope.sql();
  RETURN_IF_ERROR(RequireOrganization(session, contract.organization));
  RETURN_IF_ERROR(
      RequirePractitioner(session, contract.practitioner, contract.organization, scope.now()));
  if (!contract.team.is_nil()) {
    RETURN_IF_ERROR(RequireMember(session, contract.team, contract.organization,
                                  contract.practitioner, scope.now()));
  }
  RETURN_IF_ERROR(CheckSigned(present, contract));
  contract.follows = LastOf(contract.patient, present);
  const absl::Status inserted =
      session
          .Execute(kInsert, contract.id, contract.patient, contract.organization,
                   contract.practitioner, NullIfNil(contract.team), contract.service_package,
                   ToSqlDate(contract.start_date), ToSqlDate(contract.end_date),
                   NullIfNil(contract.renews), contract.follows, contract.version, scope.now())
          .status();
  if (!DuplicateKeyOf(inserted).empty()) return errors::Contention();
  RETURN_IF_ERROR(inserted);
  const CareRelationship relationship = RelationshipOf(contract);
  RETURN_IF_ERROR(care::AddUnlessThere(session, relationship).status());
  scope.Append(events::Opened(relationship, scope.now()));
  scope.Subject("contract", contract.id.uuid(), contract.patient.uuid());
  return absl::OkStatus();
}

struct Held {
  Contract contract;
  std::vector<Contract> present;  // all of the resident, it among them
};

// A contract of the actor's organization, as the caller has read it, locked with its resident.
absl::StatusOr<Held> LockAt(Session& session, ContractId id, int64_t version, const Actor& actor) {
  ASSIGN_OR_RETURN(const Contract seen, Read(session, id));
  if (!actor.is_service && seen.organization != actor.organization) {
    return errors::NotFound("contract");
  }
  ASSIGN_OR_RETURN(std::vector<Contract> present, LockOf(session, seen.patient));
  const auto found = std::find_if(present.begin(), present.end(),
                                  [&](const Contract& one) { return one.id == id; });
  // A merge moved it this moment.
  if (found == present.end()) return errors::Contention();
  if (found->version != version) return errors::EtagStale(found->version);
  return Held{.contract = *found, .present = std::move(present)};
}

// Writes the end of a contract, and ends what its organization, and those of copies of a merge,
// see for it.
absl::Status End(unit::Scope& scope, const Contract& contract) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.Execute(kTerminate, contract.terminated_at, Name(*contract.reason),
                                   contract.version, contract.id, contract.version - 1));
  if (matched != 1) return absl::InternalError("a locked contract changed under its lock");
  ASSIGN_OR_RETURN(const std::vector<outbox::NewEvent> events,
                   care::Apply(session,
                               {.source = CareSource::kContract,
                                .source_id = contract.id.uuid(),
                                .patients = {contract.patient},
                                .organizations = {contract.organization},
                                .stage = CareStage::kClosed},
                               scope.now()));
  for (const outbox::NewEvent& event : events) scope.Append(event);
  scope.Subject("contract", contract.id.uuid(), contract.patient.uuid());
  return absl::OkStatus();
}

}  // namespace

absl::Status MysqlContractStore::Add(unit::Scope& scope, const Contract& contract,
                                     const Actor& actor) {
  Session& session = scope.sql();
  if (!actor.is_service) {
    // A resident is registered with the centre before they sign: else a patient's id would be
    // enough to see their data.
    ASSIGN_OR_RETURN(const bool holds,
                     care::Holds(session, contract.patient, contract.organization, scope.now()));
    if (!holds) return errors::NotFound("patient");
  }
  ASSIGN_OR_RETURN(const std::vector<Contract> present, LockOf(session, contract.patient));
  return Sign(scope, present, contract);
}

absl::StatusOr<Contract> MysqlContractStore::Renew(unit::Scope& scope, const RenewContract& command,
                                                   const Actor& actor) {
  ASSIGN_OR_RETURN(const Held held, LockAt(scope.sql(), command.contract, command.version, actor));
  ASSIGN_OR_RETURN(const Contract next, Renewed(held.contract, command, scope.now()));
  RETURN_IF_ERROR(Sign(scope, held.present, next));
  return next;
}

absl::StatusOr<std::vector<Contract>> MysqlContractStore::Terminate(unit::Scope& scope,
                                                                    ContractId id, int64_t version,
                                                                    TerminationReason reason,
                                                                    const Actor& actor) {
  ASSIGN_OR_RETURN(const Held held, LockAt(scope.sql(), id, version, actor));
  ASSIGN_OR_RETURN(const Contract first, Terminated(held.contract, reason, scope.now()));
  std::vector<Contract> ended = {first};
  // What renews it was promised on top of it; so was what renews that.
  for (size_t i = 0; i < ended.size(); ++i) {
    for (const Contract& one : held.present) {
      if (one.renews != ended[i].id || one.IsOver(scope.now())) continue;
      ASSIGN_OR_RETURN(const Contract renewal, Terminated(one, reason, scope.now()));
      ended.push_back(renewal);
    }
  }
  for (const Contract& one : ended) RETURN_IF_ERROR(End(scope, one));
  return ended;
}

absl::StatusOr<Contract> MysqlContractStore::Get(ContractId id, const Actor& actor, absl::Time now,
                                                 absl::Time deadline) {
  std::optional<Contract> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const Contract contract, Read(session, id));
    if (contract.organization != actor.organization) {
      ASSIGN_OR_RETURN(const bool reads, care::MayRead(session, contract.patient, actor, now));
      if (!reads) return errors::NotFound("contract");
    }
    found = contract;
    return absl::OkStatus();
  }));
  return *std::move(found);
}

absl::StatusOr<std::vector<Contract>> MysqlContractStore::ListOf(PatientId patient,
                                                                 const Actor& actor, absl::Time now,
                                                                 absl::Time deadline) {
  std::vector<Contract> contracts;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const bool reads, care::MayRead(session, patient, actor, now));
    if (!reads) return errors::NotFound("patient");
    ASSIGN_OR_RETURN(contracts, session.SelectAll<Contract>(kOfPatient, ToContract, patient));
    return absl::OkStatus();
  }));
  return contracts;
}

absl::StatusOr<std::vector<Contract>> MysqlContractStore::ListOf(const TeamContractsQuery& query,
                                                                 const Actor& actor,
                                                                 absl::Time deadline) {
  // Before every contract of the first day, for a first page.
  const absl::CivilDay day = query.after ? query.after->first : query.from;
  const ContractId id = query.after ? query.after->second : ContractId();
  std::vector<Contract> contracts;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    if (!actor.is_service) RETURN_IF_ERROR(RequireTeam(session, query.team, actor.organization));
    ASSIGN_OR_RETURN(contracts, session.SelectAll<Contract>(kOfTeam, ToContract, query.team,
                                                            ToSqlDate(day), ToSqlDate(query.until),
                                                            ToSqlDate(day), id, query.limit));
    return absl::OkStatus();
  }));
  return contracts;
}

}  // namespace yilian::directory
