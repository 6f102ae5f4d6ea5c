#include "tests/e2e/access-matrix/columns.h"

#include <algorithm>

#include "common/base/status_macros.h"

namespace yilian::e2e {

using policy::v1::MethodPolicy;
using policy::v1::Role;

std::vector<Role> EveryRole() {
  std::vector<Role> roles;
  const auto* type = policy::v1::Role_descriptor();
  for (int i = 1; i < type->value_count(); ++i)
    roles.push_back(static_cast<Role>(type->value(i)->number()));
  return roles;
}

std::vector<Role> RolesOf(const MethodPolicy& policy) {
  if (policy.any_person()) return EveryRole();
  std::vector<Role> roles;
  for (const int role : policy.roles()) roles.push_back(static_cast<Role>(role));
  return roles;
}

bool Column::NamedBy(const MethodPolicy& policy) const {
  if (policy.anonymous()) return true;
  if (is_person()) {
    const std::vector<Role> roles = RolesOf(policy);
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
  if (system) return policy.organization_systems();
  return std::find(policy.services().begin(), policy.services().end(), service) !=
             policy.services().end() &&
         !service.empty();
}

absl::StatusOr<std::vector<Column>> EveryColumn(People& people) {
  std::vector<Column> columns;
  columns.push_back({.name = "nobody", .caller = people.Nobody()});
  for (const Role role : EveryRole()) {
    ASSIGN_OR_RETURN(auto caller, people.Person(role, "first"));
    columns.push_back(
        {.name = policy::v1::Role_Name(role).substr(5), .role = role, .caller = std::move(caller)});
  }
  ASSIGN_OR_RETURN(auto system, people.System("first"));
  columns.push_back({.name = "a system", .system = true, .caller = std::move(system)});
  std::vector<std::string> services = ctl::ServiceNames();
  services.insert(services.end(), {"ctl", "stranger"});
  for (const std::string& name : services) {
    ASSIGN_OR_RETURN(auto caller, people.Service(name));
    columns.push_back({.name = "service " + name, .service = name, .caller = std::move(caller)});
  }
  return columns;
}

}  // namespace yilian::e2e
