#include "services/directory/domain/contract.h"

#include <algorithm>

#include "common/base/name_table.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

constexpr auto kStates = base::Names<ContractState>({
    {ContractState::kPending, "PENDING"},
    {ContractState::kActive, "ACTIVE"},
    {ContractState::kExpired, "EXPIRED"},
    {ContractState::kTerminated, "TERMINATED"},
});
constexpr auto kReasons = base::Names<TerminationReason>({
    {TerminationReason::kResidentWish, "RESIDENT_WISH"},
    {TerminationReason::kMovedAway, "MOVED_AWAY"},
    {TerminationReason::kOtherTeam, "OTHER_TEAM"},
    {TerminationReason::kDeceased, "DECEASED"},
    {TerminationReason::kTeamUnable, "TEAM_UNABLE"},
    {TerminationReason::kOther, "OTHER"},
});

// The last day that nobody else may sign for.
absl::CivilDay LastTaken(const Contract& contract) {
  if (!contract.terminated_at) return contract.end_date;
  return std::min(contract.end_date, DayOf(*contract.terminated_at) - 1);
}

}  // namespace

std::string_view Name(ContractState state) { return kStates.NameOf(state); }
std::string_view Name(TerminationReason reason) { return kReasons.NameOf(reason); }
std::optional<TerminationReason> TerminationReasonFromName(std::string_view name) {
  return kReasons.ValueOf(name);
}

ContractState Contract::state(absl::Time at) const {
  if (terminated_at && *terminated_at <= at) return ContractState::kTerminated;
  const absl::CivilDay day = DayOf(at);
  if (day < start_date) return ContractState::kPending;
  return day > end_date ? ContractState::kExpired : ContractState::kActive;
}

absl::Status Check(const Contract& contract, const Actor& actor) {
  if (!actor.is_service && actor.organization != contract.organization) {
    return errors::ForeignOrganization();
  }
  if (contract.end_date < contract.start_date) {
    return errors::FieldInvalid({{"end_date", "is not before start_date"}});
  }
  return absl::OkStatus();
}

absl::Status CheckSigned(const std::vector<Contract>& present, const Contract& added) {
  for (const Contract& one : present) {
    if (added.start_date <= LastTaken(one) && one.start_date <= added.end_date) {
      return errors::ContractOverlaps(one.id);
    }
  }
  return absl::OkStatus();
}

base::Uuid LastOf(PatientId patient, const std::vector<Contract>& present) {
  // A merge brings two rows of contracts together: any that nothing follows will do.
  base::Uuid last;
  for (const Contract& one : present) {
    const bool is_followed =
        std::any_of(present.begin(), present.end(),
                    [&](const Contract& other) { return other.follows == one.id.uuid(); });
    if (!is_followed) last = std::max(last, one.id.uuid());
  }
  return last.is_nil() ? patient.uuid() : last;
}

absl::StatusOr<Contract> Renewed(const Contract& now, const RenewContract& command, absl::Time at) {
  if (now.IsOver(at)) return errors::ContractEnded(Name(now.state(at)));
  Contract next = now;
  next.id = ContractId::New(at);
  next.start_date = now.end_date + 1;
  next.end_date = command.end_date;
  next.renews = now.id;
  next.version = 1;
  if (!command.practitioner.is_nil()) next.practitioner = command.practitioner;
  if (!command.team.is_nil()) next.team = command.team;
  if (!command.service_package.empty()) next.service_package = command.service_package;
  if (next.end_date < next.start_date) {
    return errors::FieldInvalid({{"end_date", "is after the last day of the contract"}});
  }
  return next;
}

absl::StatusOr<Contract> Terminated(Contract now, TerminationReason reason, absl::Time at) {
  if (now.IsOver(at)) return errors::ContractEnded(Name(now.state(at)));
  now.terminated_at = at;
  now.reason = reason;
  ++now.version;
  return now;
}

}  // namespace yilian::directory
