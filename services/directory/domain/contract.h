// Contracts of residents with family-doctor teams 家庭医生签约: one at a time, renewed without a
// gap, ended by their date or before it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/directory/domain/period.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

using TeamId = base::Id<struct TeamTag>;

// Numbers are those of the proto's enums.
enum class ContractState { kPending = 1, kActive, kExpired, kTerminated };
enum class TerminationReason {
  kResidentWish = 1,
  kMovedAway,
  kOtherTeam,
  kDeceased,
  kTeamUnable,
  kOther
};

std::string_view Name(ContractState state);
std::string_view Name(TerminationReason reason);
std::optional<TerminationReason> TerminationReasonFromName(std::string_view name);

struct Contract {
  ContractId id;
  PatientId patient;
  OrganizationId organization;
  PractitionerId practitioner;
  TeamId team;  // nil: with the doctor alone
  std::string service_package;
  absl::CivilDay start_date;
  absl::CivilDay end_date;  // the last day
  ContractId renews;        // nil: none
  // What it comes after: the resident's contract before it, or, for the first one, the resident.
  // Nil for one of an earlier release.
  base::Uuid follows;
  std::optional<absl::Time> terminated_at;
  std::optional<TerminationReason> reason;
  int64_t version = 1;

  ContractState state(absl::Time at) const;
  bool IsOver(absl::Time at) const {
    return state(at) == ContractState::kExpired || state(at) == ContractState::kTerminated;
  }
};

// FOREIGN_ORGANIZATION, FIELD_INVALID (dates).
absl::Status Check(const Contract& contract, const Actor& actor);

// Whether a resident who has `present`, all contracts of the record, may sign `added`: no day has
// two. A terminated contract leaves its days from the day of its end on. CONTRACT_OVERLAPS.
absl::Status CheckSigned(const std::vector<Contract>& present, const Contract& added);

// What the resident's next contract comes after. However many sign at once, one comes after it: the
// store has a unique key.
base::Uuid LastOf(PatientId patient, const std::vector<Contract>& present);

struct RenewContract {
  ContractId contract;
  int64_t version = 0;
  absl::CivilDay end_date;
  PractitionerId practitioner;  // nil, nil, "": as before
  TeamId team;
  std::string service_package;
};
// The contract that follows `now` on the day after its last one. CONTRACT_ENDED, FIELD_INVALID.
absl::StatusOr<Contract> Renewed(const Contract& now, const RenewContract& command, absl::Time at);

// The contract after it has ended. CONTRACT_ENDED.
absl::StatusOr<Contract> Terminated(Contract now, TerminationReason reason, absl::Time at);

// Of a team, by last day, without terminated ones.
struct TeamContractsQuery {
  TeamId team;
  absl::CivilDay from;
  absl::CivilDay until;
  // Those after this one; nothing for the first page.
  std::optional<std::pair<absl::CivilDay, ContractId>> after;
  int limit = 50;
};

// Where contracts are kept. Writes lock the resident's record and keep the care relationship in
// step; the caller appends the contract's own event. A read, or a write but Add, by whoever may not
// know of the contract is NOT_FOUND. Thread-safe.
class ContractStore {
 public:
  virtual ~ContractStore() = default;
  // Opens the care relationship for the contract's period. NOT_FOUND for a patient whom a person's
  // organization has no relationship with, for a practitioner who does not practise there, and for
  // a team of another organization; FIELD_INVALID for a practitioner outside the team;
  // PATIENT_MERGED; CONTRACT_OVERLAPS.
  virtual absl::Status Add(unit::Scope& scope, const Contract& contract, const Actor& actor) = 0;
  // Answers the new one. Errors of Renewed and Add; ETAG_STALE.
  virtual absl::StatusOr<Contract> Renew(unit::Scope& scope, const RenewContract& command,
                                         const Actor& actor) = 0;
  // Answers what has ended: it, then what renews it. Errors of Terminated; ETAG_STALE.
  virtual absl::StatusOr<std::vector<Contract>> Terminate(unit::Scope& scope, ContractId id,
                                                          int64_t version, TerminationReason reason,
                                                          const Actor& actor) = 0;

  virtual absl::StatusOr<Contract> Get(ContractId id, const Actor& actor, absl::Time now,
                                       absl::Time deadline) = 0;
  // The latest first, at most 100.
  virtual absl::StatusOr<std::vector<Contract>> ListOf(PatientId patient, const Actor& actor,
                                                       absl::Time now, absl::Time deadline) = 0;
  // NOT_FOUND (team, also one of another organization).
  virtual absl::StatusOr<std::vector<Contract>> ListOf(const TeamContractsQuery& query,
                                                       const Actor& actor, absl::Time deadline) = 0;
};

}  // namespace yilian::directory
