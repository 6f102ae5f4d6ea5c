#include "services/directory/rpc/family_doctor_handlers.h"

#include <optional>
#include <string>
#include <vector>

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/directory/rpc/convert.h"
#include "services/directory/rpc/family_doctor_convert.h"

namespace yilian::directory {
namespace {

using convert::ActorOf;
using convert::Moment;
using convert::ToProto;

constexpr absl::CivilDay kLastDay(9999, 12, 31);

// Runs a write of a team, and tells of it.
template <typename Change>
absl::StatusOr<v1::Team> RunChange(unit::UnitOfWork& unit, const rpc::Call& call,
                                   const Change& change) {
  return unit.Run<v1::Team>(call.write_context(),
                            [&](unit::Scope& scope) -> absl::StatusOr<v1::Team> {
                              ASSIGN_OR_RETURN(const Team after, change(scope));
                              scope.Append(convert::ChangedEvent(after, scope.now()));
                              return ToProto(after, Moment(scope.now()));
                            });
}

}  // namespace

rpc::Dispatch Bind(FamilyDoctorHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.FamilyDoctorService");
  dispatch.Unary("CreateTeam", &handlers, &FamilyDoctorHandlers::CreateTeam)
      .Unary("SetTeamMember", &handlers, &FamilyDoctorHandlers::SetTeamMember)
      .Unary("RemoveTeamMember", &handlers, &FamilyDoctorHandlers::RemoveTeamMember)
      .Unary("GetTeam", &handlers, &FamilyDoctorHandlers::GetTeam)
      .Unary("ListTeams", &handlers, &FamilyDoctorHandlers::ListTeams)
      .Unary("RenewContract", &handlers, &FamilyDoctorHandlers::RenewContract)
      .Unary("TerminateContract", &handlers, &FamilyDoctorHandlers::TerminateContract)
      .Unary("GetContract", &handlers, &FamilyDoctorHandlers::GetContract)
      .Unary("ListContracts", &handlers, &FamilyDoctorHandlers::ListContracts)
      .Unary("ListTeamContracts", &handlers, &FamilyDoctorHandlers::ListTeamContracts);
  return dispatch;
}

absl::StatusOr<v1::Team> FamilyDoctorHandlers::CreateTeam(const rpc::Call& call,
                                                          const v1::CreateTeamRequest& request) {
  Team team{.name = request.name()};
  ASSIGN_OR_RETURN(team.id, convert::IdOrNew<TeamId>(request.team_id(), deps_.unit.clock().Now()));
  ASSIGN_OR_RETURN(team.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(const PractitionerId leader,
                   PractitionerId::Parse(request.leader_practitioner_id()));
  return RunChange(deps_.unit, call, [&](unit::Scope& scope) {
    return deps_.teams.Add(scope, team, leader, convert::SpeakerOf(call.caller()));
  });
}

absl::StatusOr<v1::Team> FamilyDoctorHandlers::SetTeamMember(
    const rpc::Call& call, const v1::SetTeamMemberRequest& request) {
  ASSIGN_OR_RETURN(const TeamId team, TeamId::Parse(request.team_id()));
  ASSIGN_OR_RETURN(const PractitionerId practitioner,
                   PractitionerId::Parse(request.practitioner_id()));
  return RunChange(deps_.unit, call, [&](unit::Scope& scope) {
    return deps_.teams.SetMember(scope, team, base::VersionOf(request.etag()), practitioner,
                                 static_cast<TeamRole>(request.role()),
                                 convert::SpeakerOf(call.caller()));
  });
}

absl::StatusOr<v1::Team> FamilyDoctorHandlers::RemoveTeamMember(
    const rpc::Call& call, const v1::RemoveTeamMemberRequest& request) {
  ASSIGN_OR_RETURN(const TeamId team, TeamId::Parse(request.team_id()));
  ASSIGN_OR_RETURN(const PractitionerId practitioner,
                   PractitionerId::Parse(request.practitioner_id()));
  return RunChange(deps_.unit, call, [&](unit::Scope& scope) {
    return deps_.teams.RemoveMember(scope, team, base::VersionOf(request.etag()), practitioner,
                                    convert::SpeakerOf(call.caller()));
  });
}

absl::StatusOr<v1::Team> FamilyDoctorHandlers::GetTeam(const rpc::Call& call,
                                                       const v1::GetTeamRequest& request) {
  ASSIGN_OR_RETURN(const TeamId id, TeamId::Parse(request.team_id()));
  ASSIGN_OR_RETURN(const auto on, convert::OptionalDayIn(request.on(), "on"));
  ASSIGN_OR_RETURN(const Team team, deps_.teams.Get(id, call.deadline()));
  return ToProto(team, on ? PeriodOf(*on) : Period{.start = absl::InfinitePast()});
}

absl::StatusOr<v1::ListTeamsResponse> FamilyDoctorHandlers::ListTeams(
    const rpc::Call& call, const v1::ListTeamsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<std::string> after, pages.AfterText());
  ASSIGN_OR_RETURN(const OrganizationId organization,
                   OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(std::vector<Team> found, deps_.teams.List(organization, after.value_or(""),
                                                             pages.rows(), call.deadline()));
  v1::ListTeamsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Team& last) { return last.name; }));
  const Period now = Moment(deps_.unit.clock().Now());
  for (const Team& one : found) *response.add_teams() = ToProto(one, now);
  return response;
}

absl::StatusOr<v1::Contract> FamilyDoctorHandlers::RenewContract(
    const rpc::Call& call, const v1::RenewContractRequest& request) {
  ASSIGN_OR_RETURN(const directory::RenewContract command, convert::ToDomain(request));
  return deps_.unit.Run<v1::Contract>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Contract> {
        ASSIGN_OR_RETURN(const Contract next,
                         deps_.contracts.Renew(scope, command, ActorOf(call.caller())));
        scope.Append(convert::SignedEvent(next, scope.now()));
        return ToProto(next, scope.now());
      });
}

absl::StatusOr<v1::Contract> FamilyDoctorHandlers::TerminateContract(
    const rpc::Call& call, const v1::TerminateContractRequest& request) {
  ASSIGN_OR_RETURN(const ContractId id, ContractId::Parse(request.contract_id()));
  return deps_.unit.Run<v1::Contract>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Contract> {
        ASSIGN_OR_RETURN(const std::vector<Contract> ended,
                         deps_.contracts.Terminate(scope, id, base::VersionOf(request.etag()),
                                                   static_cast<TerminationReason>(request.reason()),
                                                   ActorOf(call.caller())));
        for (const Contract& one : ended) {
          scope.Append(convert::TerminatedEvent(one, scope.now()));
        }
        return ToProto(ended.front(), scope.now());
      });
}

absl::StatusOr<v1::Contract> FamilyDoctorHandlers::GetContract(
    const rpc::Call& call, const v1::GetContractRequest& request) {
  ASSIGN_OR_RETURN(const ContractId id, ContractId::Parse(request.contract_id()));
  const absl::Time now = deps_.unit.clock().Now();
  ASSIGN_OR_RETURN(const Contract contract,
                   deps_.contracts.Get(id, ActorOf(call.caller()), now, call.deadline()));
  call.Subject("contract", contract.id.uuid(), contract.patient.uuid());
  return ToProto(contract, now);
}

absl::StatusOr<v1::ListContractsResponse> FamilyDoctorHandlers::ListContracts(
    const rpc::Call& call, const v1::ListContractsRequest& request) {
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(request.patient_id()));
  const absl::Time now = deps_.unit.clock().Now();
  ASSIGN_OR_RETURN(const std::vector<Contract> found,
                   deps_.contracts.ListOf(patient, ActorOf(call.caller()), now, call.deadline()));
  call.Subject("patient", patient.uuid(), patient.uuid());
  v1::ListContractsResponse response;
  for (const Contract& one : found) *response.add_contracts() = ToProto(one, now);
  return response;
}

absl::StatusOr<v1::ListTeamContractsResponse> FamilyDoctorHandlers::ListTeamContracts(
    const rpc::Call& call, const v1::ListTeamContractsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  const absl::Time now = deps_.unit.clock().Now();
  TeamContractsQuery query{.limit = pages.rows()};
  ASSIGN_OR_RETURN(query.team, TeamId::Parse(request.team_id()));
  ASSIGN_OR_RETURN(const auto from, convert::OptionalDayIn(request.ending_from(), "ending_from"));
  ASSIGN_OR_RETURN(const auto until,
                   convert::OptionalDayIn(request.ending_until(), "ending_until"));
  query.from = from.value_or(DayOf(now));
  query.until = until.value_or(kLastDay);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) query.after = {DayOf(after->time), ContractId(after->id)};
  ASSIGN_OR_RETURN(std::vector<Contract> found,
                   deps_.contracts.ListOf(query, ActorOf(call.caller()), call.deadline()));
  v1::ListTeamContractsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Contract& last) {
                     return wire::PageKey{.time = StartOf(last.end_date), .id = last.id.uuid()};
                   }));
  for (const Contract& one : found) {
    call.Subject("contract", one.id.uuid(), one.patient.uuid());
    *response.add_contracts() = ToProto(one, now);
  }
  return response;
}

}  // namespace yilian::directory
