#include "services/referral/rpc/command_methods.h"

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/strings/ascii.h"
#include "yilian/policy/v1/policy.pb.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {
namespace {

// END_STAY is EndStay, SUBMIT is SubmitReferral.
const google::protobuf::MethodDescriptor* MethodOf(Command command) {
  std::string name;
  bool begins_word = true;
  for (const char letter : Name(command)) {
    if (letter != '_') name += begins_word ? letter : absl::ascii_tolower(letter);
    begins_word = letter == '_';
  }
  const auto* service = v1::Referral::descriptor()->file()->FindServiceByName("ReferralService");
  const auto* method = service->FindMethodByName(name);
  return method != nullptr ? method : service->FindMethodByName(name + "Referral");
}

}  // namespace

bool MayCall(Command command, const rpc::Caller& caller) {
  const google::protobuf::MethodDescriptor* method = MethodOf(command);
  return method != nullptr && caller.IsNamedBy(method->options().GetExtension(policy::v1::policy));
}

}  // namespace yilian::referral
