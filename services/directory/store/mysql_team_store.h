// TeamStore on the tables family_doctor_team and team_member.
#pragma once

#include <string>
#include <vector>

#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/team.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlTeamStore : public TeamStore {
 public:
  explicit MysqlTeamStore(mysql::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Team> Add(unit::Scope& scope, const Team& team, PractitionerId leader,
                           const Actor& actor) override;
  absl::StatusOr<Team> SetMember(unit::Scope& scope, TeamId id, int64_t version,
                                 PractitionerId practitioner, TeamRole role,
                                 const Actor& actor) override;
  absl::StatusOr<Team> RemoveMember(unit::Scope& scope, TeamId id, int64_t version,
                                    PractitionerId practitioner, const Actor& actor) override;
  absl::StatusOr<Team> Get(TeamId id, absl::Time deadline) override;
  absl::StatusOr<std::vector<Team>> List(OrganizationId organization, const std::string& after_name,
                                         int limit, absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

// For contracts: NOT_FOUND unless the team is the organization's; FIELD_INVALID unless the
// practitioner is a member at `at`.
absl::Status RequireMember(mysql::Session& session, TeamId team, OrganizationId organization,
                           PractitionerId practitioner, absl::Time at);
// NOT_FOUND unless the team is the organization's.
absl::Status RequireTeam(mysql::Session& session, TeamId team, OrganizationId organization);

}  // namespace yilian::directory
