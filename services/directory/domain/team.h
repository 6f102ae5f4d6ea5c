// Family-doctor teams 家庭医生团队: a leader and members over time. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/contract.h"
#include "services/directory/domain/period.h"
#include "services/directory/domain/types.h"

namespace yilian::directory {

// Numbers are those of the proto's enum.
enum class TeamRole { kLeader = 1, kPhysician, kNurse, kPublicHealth, kSpecialist, kOther };
std::string_view Name(TeamRole role);
std::optional<TeamRole> TeamRoleFromName(std::string_view name);

struct TeamMember {
  PractitionerId practitioner;
  TeamRole role = TeamRole::kPhysician;
  absl::Time started_at;
  std::optional<absl::Time> ended_at;

  Period period() const { return {.start = started_at, .end = ended_at}; }
  bool operator==(const TeamMember&) const = default;
};

struct Team {
  TeamId id;
  OrganizationId organization;
  std::string name;
  std::vector<TeamMember> members;  // all there ever were, in the order in which they came
  int64_t version = 1;
};

// Who is in it at some time of the period, the leader first.
std::vector<TeamMember> MembersIn(const Team& team, const Period& period);
// What somebody is in it at `at`; nothing for one who is no member then.
std::optional<TeamRole> RoleOf(const Team& team, PractitionerId practitioner, absl::Time at);

// A new team.
Team Founded(Team team, PractitionerId leader, absl::Time at);
// The team after somebody has the role. Who leads from now on replaces the leader, who stays as a
// physician. FIELD_INVALID: the leader is given another role.
absl::StatusOr<Team> WithMember(Team team, PractitionerId practitioner, TeamRole role,
                                absl::Time at);
// The team after a member has left. FIELD_INVALID: no member, or the leader.
absl::StatusOr<Team> WithoutMember(Team team, PractitionerId practitioner, absl::Time at);

// Where teams are kept. A write runs in the transaction of its scope; the caller appends its event.
// Thread-safe.
class TeamStore {
 public:
  virtual ~TeamStore() = default;
  // FOREIGN_ORGANIZATION; NOT_FOUND (organization, practitioner there); IDENTIFIER_TAKEN.
  virtual absl::StatusOr<Team> Add(unit::Scope& scope, const Team& team, PractitionerId leader,
                                   const Actor& actor) = 0;
  // `version`: as the caller has read it. FOREIGN_ORGANIZATION, NOT_FOUND (team, practitioner),
  // ETAG_STALE, and what WithMember and WithoutMember refuse.
  virtual absl::StatusOr<Team> SetMember(unit::Scope& scope, TeamId id, int64_t version,
                                         PractitionerId practitioner, TeamRole role,
                                         const Actor& actor) = 0;
  virtual absl::StatusOr<Team> RemoveMember(unit::Scope& scope, TeamId id, int64_t version,
                                            PractitionerId practitioner, const Actor& actor) = 0;
  // NOT_FOUND.
  virtual absl::StatusOr<Team> Get(TeamId id, absl::Time deadline) = 0;
  // By name, those after `after_name`, at most `limit`. NOT_FOUND (organization).
  virtual absl::StatusOr<std::vector<Team>> List(OrganizationId organization,
                                                 const std::string& after_name, int limit,
                                                 absl::Time deadline) = 0;
};

}  // namespace yilian::directory
