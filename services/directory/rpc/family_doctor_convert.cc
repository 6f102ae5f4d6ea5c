#include "services/directory/rpc/family_doctor_convert.h"

#include "absl/time/civil_time.h"
#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory::convert {

v1::Contract ToProto(const Contract& contract, absl::Time now) {
  v1::Contract message;
  message.set_contract_id(contract.id.ToString());
  message.set_patient_id(contract.patient.ToString());
  message.set_organization_id(contract.organization.ToString());
  message.set_practitioner_id(contract.practitioner.ToString());
  message.set_team_id(wire::TextOrEmpty(contract.team));
  message.set_service_package(contract.service_package);
  message.set_start_date(absl::FormatCivilTime(contract.start_date));
  message.set_end_date(absl::FormatCivilTime(contract.end_date));
  message.set_state(static_cast<v1::ContractState>(contract.state(now)));
  message.set_renews_contract_id(wire::TextOrEmpty(contract.renews));
  if (contract.terminated_at) {
    wire::SetTime(message.mutable_terminated_at(), *contract.terminated_at);
  }
  if (contract.reason) {
    message.set_termination_reason(static_cast<v1::TerminationReason>(*contract.reason));
  }
  message.set_etag(base::EtagOf(contract.version));
  return message;
}

v1::Team ToProto(const Team& team, const Period& period) {
  v1::Team message;
  message.set_team_id(team.id.ToString());
  message.set_organization_id(team.organization.ToString());
  message.set_name(team.name);
  for (const TeamMember& one : MembersIn(team, period)) {
    v1::TeamMember& member = *message.add_members();
    member.set_practitioner_id(one.practitioner.ToString());
    member.set_role(static_cast<v1::TeamRole>(one.role));
    wire::SetTime(member.mutable_started_at(), one.started_at);
    if (one.ended_at) wire::SetTime(member.mutable_ended_at(), *one.ended_at);
  }
  message.set_etag(base::EtagOf(team.version));
  return message;
}

absl::StatusOr<RenewContract> ToDomain(const v1::RenewContractRequest& request) {
  RenewContract command{.version = base::VersionOf(request.etag()),
                        .service_package = request.service_package()};
  ASSIGN_OR_RETURN(command.contract, ContractId::Parse(request.contract_id()));
  ASSIGN_OR_RETURN(command.end_date, DayIn(request.end_date(), "end_date"));
  ASSIGN_OR_RETURN(command.practitioner,
                   wire::OptionalId<PractitionerId>(request.practitioner_id()));
  ASSIGN_OR_RETURN(command.team, wire::OptionalId<TeamId>(request.team_id()));
  return command;
}

outbox::NewEvent SignedEvent(const Contract& contract, absl::Time at) {
  v1::ContractSigned event;
  *event.mutable_contract() = ToProto(contract, at);
  return outbox::NewEvent::Of("contract", contract.id.uuid(), contract.version, event, at,
                              {contract.organization.uuid()});
}

outbox::NewEvent TerminatedEvent(const Contract& contract, absl::Time at) {
  v1::ContractTerminated event;
  *event.mutable_contract() = ToProto(contract, at);
  return outbox::NewEvent::Of("contract", contract.id.uuid(), contract.version, event, at,
                              {contract.organization.uuid()});
}

outbox::NewEvent ChangedEvent(const Team& team, absl::Time at) {
  v1::TeamChanged event;
  *event.mutable_team() = ToProto(team, Moment(at));
  return outbox::NewEvent::Of("team", team.id.uuid(), team.version, event, at,
                              {team.organization.uuid()});
}

Period Moment(absl::Time at) { return {.start = at, .end = at + absl::Microseconds(1)}; }

}  // namespace yilian::directory::convert
