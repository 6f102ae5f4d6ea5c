// Who calls: a real account of every role in every organization of the scene, and certificates of
// systems and services.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/ctl/region.h"
#include "tests/support/region_caller.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::e2e {

// UUID of a demo organization or department by its key, "taoxi", "first.cardiology".
std::string OrganizationId(std::string_view key);
std::string DepartmentId(std::string_view key);

// Makes what is missing when it is first asked for, by the account service and by
// deploy/local/certificate, as an administrator would. One thread.
class People {
 public:
  // `certificate`: the program that makes certificates.
  People(const ctl::Region& region, std::string certificate)
      : region_(region),
        certificate_(std::move(certificate)),
        ctl_(region, "ctl"),
        workstation_(region, "yilianctl") {}

  // A person with this one role in this organization, signed in.
  absl::StatusOr<test_support::RegionCaller> Person(policy::v1::Role role,
                                                    const std::string& organization);
  // A system of the organization.
  absl::StatusOr<test_support::RegionCaller> System(const std::string& organization);
  // A service of the region, also one that no policy names.
  absl::StatusOr<test_support::RegionCaller> Service(const std::string& name);
  // An account of the demo.
  absl::StatusOr<test_support::RegionCaller> Demo(const std::string& user);
  // A workstation at which nobody has signed in.
  const test_support::RegionCaller& Nobody() const { return workstation_; }

 private:
  absl::StatusOr<std::string> Token(policy::v1::Role role, const std::string& organization);
  absl::StatusOr<test_support::RegionCaller> Certified(const std::string& name,
                                                       const std::string& path);

  const ctl::Region region_;
  const std::string certificate_;
  const test_support::RegionCaller ctl_;
  const test_support::RegionCaller workstation_;
  std::map<std::pair<policy::v1::Role, std::string>, std::string> tokens_;
  std::map<std::string, test_support::RegionCaller> certified_;
};

}  // namespace yilian::e2e
