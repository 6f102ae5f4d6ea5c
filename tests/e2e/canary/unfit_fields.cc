// Generated from the descriptors: text where it does not belong.
#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/rpc/validator.h"
#include "services/ctl/methods.h"
#include "tests/e2e/access-matrix/request_maker.h"
#include "tests/e2e/access-matrix/row_fields.h"
#include "tests/e2e/canary/story.h"

namespace yilian::e2e {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
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

// Sets a text field to what its rule does not allow, and asks with it; false where it is allowed.
absl::StatusOr<bool> AskUnfit(const RegionCaller& caller, const MethodDescriptor& method,
                              const FieldDescriptor& field, const std::string& text,
                              Witness& witness) {
  ASSIGN_OR_RETURN(const auto request, MakeRequest(*method.input_type(), ValuesFor("taoxi")));
  if (field.is_repeated()) {
    request->GetReflection()->AddString(request.get(), &field, text);
  } else {
    request->GetReflection()->SetString(request.get(), &field, text);
  }
  ASSIGN_OR_RETURN(const auto rules, rpc::Validator::Compile(*method.input_type()));
  if (rules->Check(*request).empty()) return false;
  ASSIGN_OR_RETURN(const test_support::RawAnswer answer,
                   caller.Ask(ctl::ServersOf(method).front(), method, *request));
  witness.Look(fmt::format("{} with an unfit {}", method.name(), field.name()), answer);
  return true;
}

}  // namespace

absl::Status SendUnfitFields(People& people, Witness& witness) {
  ASSIGN_OR_RETURN(const auto methods, ctl::EveryMethod());
  for (const MethodDescriptor* method : methods) {
    ASSIGN_OR_RETURN(const RegionCaller caller,
                     CallerOf(people, method->options().GetExtension(policy::v1::policy)));
    for (int i = 0; i < method->input_type()->field_count(); ++i) {
      const FieldDescriptor& field = *method->input_type()->field(i);
      if (field.type() != FieldDescriptor::TYPE_STRING) continue;
      const Canary& person = i % 2 == 0 ? Chinese() : Rare();
      ASSIGN_OR_RETURN(const bool asked,
                       AskUnfit(caller, *method, field, Everything(person), witness));
      if (asked) continue;
      std::string too_long;
      while (too_long.size() < 20000) too_long += Everything(person);
      RETURN_IF_ERROR(AskUnfit(caller, *method, field, too_long, witness).status());
    }
  }
  return absl::OkStatus();
}

}  // namespace yilian::e2e
