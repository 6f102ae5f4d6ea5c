// Generated from the descriptors: every rule of every field, broken.
#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "services/ctl/methods.h"
#include "tests/e2e/access-matrix/row_fields.h"
#include "tests/e2e/canary/breaches.h"
#include "tests/e2e/canary/story.h"

namespace yilian::e2e {
namespace {

using google::protobuf::MethodDescriptor;
using test_support::RegionCaller;

// Somebody whom the policy lets in.
absl::StatusOr<RegionCaller> CallerOf(People& people, const policy::v1::MethodPolicy& policy) {
  if (policy.anonymous()) return people.Nobody();
  if (policy.roles_size() > 0)
    return people.Person(static_cast<policy::v1::Role>(policy.roles(0)), "taoxi");
  if (policy.any_person()) return people.Person(policy::v1::ROLE_CLINIC_DOCTOR, "taoxi");
  if (policy.organization_systems()) return people.System("taoxi");
  return people.Service(policy.services(0));
}

// Who, and how to reach them: enough to tell anybody who reads it.
std::string Everything(const Canary& person) {
  return person.name() + person.national_id + person.phone;
}

}  // namespace

absl::Status SendUnfitFields(People& people, Witness& witness) {
  ASSIGN_OR_RETURN(const auto methods, ctl::EveryMethod());
  const FieldValues values = ValuesFor("taoxi");
  for (const MethodDescriptor* method : methods) {
    ASSIGN_OR_RETURN(const RegionCaller caller,
                     CallerOf(people, method->options().GetExtension(policy::v1::policy)));
    for (const Canary& person : {Chinese(), Rare()}) {
      ASSIGN_OR_RETURN(const std::vector<Breach> breaches,
                       BreachesOf(*method->input_type(), values, Everything(person)));
      for (const Breach& breach : breaches) {
        ASSIGN_OR_RETURN(const test_support::RawAnswer answer,
                         caller.Ask(ctl::ServersOf(*method).front(), *method, *breach.request));
        witness.Unfit(fmt::format("{}, {}", method->full_name(), breach.clause), answer,
                      breach.path);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace yilian::e2e
