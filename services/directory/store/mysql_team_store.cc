#include "services/directory/store/mysql_team_store.h"

#include <map>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/catalog.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/duplicate.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/practitioner_rows.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr Query kInsert{
    "directory.InsertTeam",
    "INSERT INTO family_doctor_team (team_id, organization_id, name, version, created_at) "
    "VALUES (?, ?, ?, ?, ?)"};
constexpr Query kGet{"directory.GetTeam",
                     "SELECT team_id, organization_id, name, version FROM family_doctor_team "
                     "WHERE team_id = ?"};
constexpr Query kLock{"directory.LockTeam",
                      "SELECT team_id, organization_id, name, version FROM family_doctor_team "
                      "WHERE team_id = ? FOR UPDATE"};
constexpr Query kUpdate{"directory.UpdateTeam",
                        "UPDATE family_doctor_team SET version = ? WHERE team_id = ?"};
// Index: uq_family_doctor_team__organization_name.
constexpr Query kList{"directory.ListTeams",
                      "SELECT team_id, organization_id, name, version FROM family_doctor_team "
                      "WHERE organization_id = ? AND name > ? ORDER BY name LIMIT ?"};
// Index: primary key, prefix.
constexpr Query kMembers{"directory.TeamMembers",
                         "SELECT practitioner_id, role, started_at, ended_at, team_id "
                         "FROM team_member WHERE team_id = ? ORDER BY started_at, practitioner_id"};
// Of the teams of a page. Index: uq_family_doctor_team__organization_name, then the primary key.
constexpr Query kMembersOfPage{
    "directory.MembersOfTeams",
    "SELECT m.practitioner_id, m.role, m.started_at, m.ended_at, m.team_id "
    "FROM family_doctor_team t JOIN team_member m ON m.team_id = t.team_id "
    "WHERE t.organization_id = ? AND t.name > ? AND t.name <= ? "
    "ORDER BY m.started_at, m.practitioner_id"};
constexpr Query kWriteMember{
    "directory.WriteTeamMember",
    "INSERT INTO team_member (team_id, practitioner_id, started_at, role, ended_at) "
    "VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE role = ?, ended_at = ?"};
// Index: primary key, prefix.
constexpr Query kIsMember{
    "directory.IsTeamMember",
    "SELECT 1 FROM team_member WHERE team_id = ? AND practitioner_id = ? AND started_at <= ? "
    "AND (ended_at IS NULL OR ended_at > ?)"};
constexpr Query kIsOf{"directory.TeamOf",
                      "SELECT 1 FROM family_doctor_team WHERE team_id = ? AND organization_id = ?"};

Team ToTeam(const Row& row) {
  return {.id = row.Id<TeamId>(0),
          .organization = row.Id<OrganizationId>(1),
          .name = row.Text(2),
          .version = row.Int(3)};
}

absl::StatusOr<TeamMember> ToMember(const Row& row) {
  const std::optional<TeamRole> role = TeamRoleFromName(row.Text(1));
  if (!role) return absl::InternalError("an unknown role in a team is stored");
  return TeamMember{.practitioner = row.Id<PractitionerId>(0),
                    .role = *role,
                    .started_at = row.Time(2),
                    .ended_at = row.OptionalTime(3)};
}

bool Exists(const Row&) { return true; }

absl::Status WriteMembers(Session& session, const std::vector<TeamMember>& before,
                          const Team& after) {
  for (size_t i = 0; i < after.members.size(); ++i) {
    const TeamMember& one = after.members[i];
    if (i < before.size() && before[i] == one) continue;
    RETURN_IF_ERROR(session
                        .Execute(kWriteMember, after.id, one.practitioner, one.started_at,
                                 Name(one.role), one.ended_at, Name(one.role), one.ended_at)
                        .status());
  }
  return absl::OkStatus();
}

// The team as the caller has read it, of an organization that they speak for.
absl::StatusOr<Team> LockAt(Session& session, TeamId id, int64_t version, const Actor& actor) {
  ASSIGN_OR_RETURN(const std::optional<Team> found, session.SelectOne<Team>(kLock, ToTeam, id));
  if (!found) return errors::NotFound("team");
  RETURN_IF_ERROR(MaySpeakFor(actor, found->organization));
  if (found->version != version) return errors::EtagStale(found->version);
  Team team = *found;
  ASSIGN_OR_RETURN(team.members, session.SelectAll<TeamMember>(kMembers, ToMember, id));
  return team;
}

absl::Status Save(unit::Scope& scope, const Team& before, const Team& after) {
  RETURN_IF_ERROR(scope.sql().Execute(kUpdate, after.version, after.id).status());
  RETURN_IF_ERROR(WriteMembers(scope.sql(), before.members, after));
  scope.Subject("team", after.id.uuid(), base::Uuid());
  return absl::OkStatus();
}

}  // namespace

absl::Status RequireTeam(Session& session, TeamId team, OrganizationId organization) {
  ASSIGN_OR_RETURN(const std::optional<bool> found,
                   session.SelectOne<bool>(kIsOf, Exists, team, organization));
  return found ? absl::OkStatus() : errors::NotFound("team");
}

absl::Status RequireMember(Session& session, TeamId team, OrganizationId organization,
                           PractitionerId practitioner, absl::Time at) {
  RETURN_IF_ERROR(RequireTeam(session, team, organization));
  ASSIGN_OR_RETURN(const std::optional<bool> found,
                   session.SelectOne<bool>(kIsMember, Exists, team, practitioner, at, at));
  if (found) return absl::OkStatus();
  return errors::FieldInvalid({{"practitioner_id", "is of a member of the team"}});
}

absl::StatusOr<Team> MysqlTeamStore::Add(unit::Scope& scope, const Team& team,
                                         PractitionerId leader, const Actor& actor) {
  Session& session = scope.sql();
  RETURN_IF_ERROR(MaySpeakFor(actor, team.organization));
  RETURN_IF_ERROR(RequireOrganization(session, team.organization));
  RETURN_IF_ERROR(RequirePractitioner(session, leader, team.organization, scope.now()));
  const Team founded = Founded(team, leader, scope.now());
  const absl::Status inserted = session
                                    .Execute(kInsert, founded.id, founded.organization,
                                             founded.name, founded.version, scope.now())
                                    .status();
  if (const std::string key = DuplicateKeyOf(inserted); !key.empty()) {
    const bool is_name = key == "uq_family_doctor_team__organization_name";
    return errors::IdentifierTaken(is_name ? "name" : "team_id");
  }
  RETURN_IF_ERROR(inserted);
  RETURN_IF_ERROR(WriteMembers(session, {}, founded));
  scope.Subject("team", founded.id.uuid(), base::Uuid());
  return founded;
}

absl::StatusOr<Team> MysqlTeamStore::SetMember(unit::Scope& scope, TeamId id, int64_t version,
                                               PractitionerId practitioner, TeamRole role,
                                               const Actor& actor) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const Team before, LockAt(session, id, version, actor));
  // A specialist comes from a hospital.
  if (role == TeamRole::kSpecialist) {
    ASSIGN_OR_RETURN(const auto found, practitioners::Read(session, practitioner));
    if (!found) return errors::NotFound("practitioner");
  } else {
    RETURN_IF_ERROR(RequirePractitioner(session, practitioner, before.organization, scope.now()));
  }
  ASSIGN_OR_RETURN(const Team after, WithMember(before, practitioner, role, scope.now()));
  RETURN_IF_ERROR(Save(scope, before, after));
  return after;
}

absl::StatusOr<Team> MysqlTeamStore::RemoveMember(unit::Scope& scope, TeamId id, int64_t version,
                                                  PractitionerId practitioner, const Actor& actor) {
  ASSIGN_OR_RETURN(const Team before, LockAt(scope.sql(), id, version, actor));
  ASSIGN_OR_RETURN(const Team after, WithoutMember(before, practitioner, scope.now()));
  RETURN_IF_ERROR(Save(scope, before, after));
  return after;
}

absl::StatusOr<Team> MysqlTeamStore::Get(TeamId id, absl::Time deadline) {
  std::optional<Team> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, session.SelectOne<Team>(kGet, ToTeam, id));
    if (!found) return errors::NotFound("team");
    ASSIGN_OR_RETURN(found->members, session.SelectAll<TeamMember>(kMembers, ToMember, id));
    return absl::OkStatus();
  }));
  return *std::move(found);
}

absl::StatusOr<std::vector<Team>> MysqlTeamStore::List(OrganizationId organization,
                                                       const std::string& after_name, int limit,
                                                       absl::Time deadline) {
  std::vector<Team> page;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(RequireOrganization(session, organization));
    ASSIGN_OR_RETURN(page, session.SelectAll<Team>(kList, ToTeam, organization, after_name, limit));
    if (page.empty()) return absl::OkStatus();
    std::map<TeamId, Team*> by_id;
    for (Team& one : page) by_id[one.id] = &one;
    return session.SelectValues(kMembersOfPage, {organization, after_name, page.back().name},
                                [&](const Row& row) -> absl::Status {
                                  const auto team = by_id.find(row.Id<TeamId>(4));
                                  if (team == by_id.end()) return absl::OkStatus();
                                  ASSIGN_OR_RETURN(const TeamMember member, ToMember(row));
                                  team->second->members.push_back(member);
                                  return absl::OkStatus();
                                });
  }));
  return page;
}

}  // namespace yilian::directory
