// ConsortiumStore on the tables organization and consortium_membership.
#pragma once

#include <optional>
#include <vector>

#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/consortium.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlConsortiumStore : public ConsortiumStore {
 public:
  explicit MysqlConsortiumStore(mysql::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Organization> Join(unit::Scope& scope, OrganizationId organization,
                                    int64_t version, OrganizationId lead) override;
  absl::StatusOr<Organization> Leave(unit::Scope& scope, OrganizationId organization,
                                     int64_t version) override;
  absl::StatusOr<std::vector<ConsortiumMembership>> List(OrganizationId organization,
                                                         absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

// The membership that an organization begins with; none without a consortium.
absl::Status BeginMembership(mysql::Session& session, const Organization& organization,
                             absl::Time at);

}  // namespace yilian::directory
