#include "services/directory/domain/team.h"

#include <algorithm>

#include "common/base/name_table.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

constexpr auto kRoles = base::Names<TeamRole>({
    {TeamRole::kLeader, "LEADER"},
    {TeamRole::kPhysician, "PHYSICIAN"},
    {TeamRole::kNurse, "NURSE"},
    {TeamRole::kPublicHealth, "PUBLIC_HEALTH"},
    {TeamRole::kSpecialist, "SPECIALIST"},
    {TeamRole::kOther, "OTHER"},
});

TeamMember* LiveMember(Team& team, PractitionerId practitioner, absl::Time at) {
  for (TeamMember& one : team.members) {
    if (one.practitioner == practitioner && one.period().Holds(at)) return &one;
  }
  return nullptr;
}

// Nobody has two entries that begin at one moment: what began just now is changed in place.
void Begin(Team& team, PractitionerId practitioner, TeamRole role, absl::Time at) {
  for (TeamMember& one : team.members) {
    if (one.practitioner == practitioner && one.started_at == at) {
      one.role = role;
      one.ended_at.reset();
      return;
    }
  }
  if (TeamMember* const before = LiveMember(team, practitioner, at)) before->ended_at = at;
  team.members.push_back({.practitioner = practitioner, .role = role, .started_at = at});
}

std::optional<PractitionerId> LeaderAt(const Team& team, absl::Time at) {
  for (const TeamMember& one : team.members) {
    if (one.role == TeamRole::kLeader && one.period().Holds(at)) return one.practitioner;
  }
  return std::nullopt;
}

}  // namespace

std::string_view Name(TeamRole role) { return kRoles.NameOf(role); }
std::optional<TeamRole> TeamRoleFromName(std::string_view name) { return kRoles.ValueOf(name); }

std::vector<TeamMember> MembersIn(const Team& team, const Period& period) {
  std::vector<TeamMember> members;
  for (const TeamMember& one : team.members) {
    if (Overlap(one.period(), period)) members.push_back(one);
  }
  std::stable_partition(members.begin(), members.end(),
                        [](const TeamMember& one) { return one.role == TeamRole::kLeader; });
  return members;
}

std::optional<TeamRole> RoleOf(const Team& team, PractitionerId practitioner, absl::Time at) {
  for (const TeamMember& one : team.members) {
    if (one.practitioner == practitioner && one.period().Holds(at)) return one.role;
  }
  return std::nullopt;
}

Team Founded(Team team, PractitionerId leader, absl::Time at) {
  team.members = {{.practitioner = leader, .role = TeamRole::kLeader, .started_at = at}};
  return team;
}

absl::StatusOr<Team> WithMember(Team team, PractitionerId practitioner, TeamRole role,
                                absl::Time at) {
  const std::optional<PractitionerId> leader = LeaderAt(team, at);
  const bool leads = leader && *leader == practitioner;
  if (leads && role != TeamRole::kLeader) {
    return errors::FieldInvalid({{"role", "of the leader goes to somebody else first"}});
  }
  ++team.version;
  if (RoleOf(team, practitioner, at) == role) return team;
  if (role == TeamRole::kLeader && leader) Begin(team, *leader, TeamRole::kPhysician, at);
  Begin(team, practitioner, role, at);
  return team;
}

absl::StatusOr<Team> WithoutMember(Team team, PractitionerId practitioner, absl::Time at) {
  TeamMember* const member = LiveMember(team, practitioner, at);
  if (member == nullptr || member->role == TeamRole::kLeader) {
    return errors::FieldInvalid({{"practitioner_id", "is of a member who does not lead the team"}});
  }
  member->ended_at = at;
  ++team.version;
  return team;
}

}  // namespace yilian::directory
