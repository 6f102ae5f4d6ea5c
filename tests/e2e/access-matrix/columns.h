// Everybody who can call: the columns of the matrix.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/e2e/access-matrix/people.h"
#include "tests/support/region_caller.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::e2e {

// One kind of caller. Exactly one of role, system and service is set, or none for a workstation at
// which nobody has signed in.
struct Column {
  std::string name;
  policy::v1::Role role = policy::v1::ROLE_UNSPECIFIED;
  bool system = false;
  std::string service;
  test_support::RegionCaller caller;

  bool is_person() const { return role != policy::v1::ROLE_UNSPECIFIED; }
  // What the policy says, read here a second time in other words than the frame's.
  bool NamedBy(const policy::v1::MethodPolicy& policy) const;
};

// Nobody, each role (by its enum: a new one is here at once), an organization's system, each
// service of the region and one that does not exist.
absl::StatusOr<std::vector<Column>> EveryColumn(People& people);

// Roles that the policy lets in as people.
std::vector<policy::v1::Role> RolesOf(const policy::v1::MethodPolicy& policy);
std::vector<policy::v1::Role> EveryRole();

}  // namespace yilian::e2e
