// Membership of consortia 医联体 over time. Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/organization.h"

namespace yilian::directory {

struct ConsortiumMembership {
  OrganizationId organization;
  OrganizationId lead;  // the organization itself for a lead
  absl::Time started_at;
  std::optional<absl::Time> ended_at;
};

// The organization after it has joined the consortium of `lead`; `found`: the lead, where there is
// such an organization. ORGANIZATION_OUTSIDE, FIELD_INVALID.
absl::StatusOr<Organization> Join(const Organization& now, OrganizationId lead,
                                  const std::optional<Organization>& found);
// The organization after it has left. `members`: of its consortium, itself among them.
// FIELD_INVALID.
absl::StatusOr<Organization> Leave(const Organization& now, int64_t members);

// Where memberships are kept. Writes run in the transaction of their scope and append the event of
// the organization. Thread-safe.
class ConsortiumStore {
 public:
  virtual ~ConsortiumStore() = default;
  // `version`: of the organization, as the caller has read it. NOT_FOUND, ETAG_STALE, and what Join
  // and Leave refuse.
  virtual absl::StatusOr<Organization> Join(unit::Scope& scope, OrganizationId organization,
                                            int64_t version, OrganizationId lead) = 0;
  virtual absl::StatusOr<Organization> Leave(unit::Scope& scope, OrganizationId organization,
                                             int64_t version) = 0;
  // The latest first, at most 200. NOT_FOUND.
  virtual absl::StatusOr<std::vector<ConsortiumMembership>> List(OrganizationId organization,
                                                                 absl::Time deadline) = 0;
};

}  // namespace yilian::directory
