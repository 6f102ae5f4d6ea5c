#include "services/referral/rpc/command_methods.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>

#include "yilian/policy/v1/policy.pb.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {
namespace {

struct CommandMethod {
  Command command;
  const char* method;
};

constexpr std::array kMethods = {
    CommandMethod{Command::kSubmit, "SubmitReferral"},
    CommandMethod{Command::kReturn, "ReturnReferral"},
    CommandMethod{Command::kAccept, "AcceptReferral"},
    CommandMethod{Command::kReject, "RejectReferral"},
    CommandMethod{Command::kSchedule, "ScheduleReferral"},
    CommandMethod{Command::kArrive, "ArriveReferral"},
    CommandMethod{Command::kBeginCare, "BeginCare"},
    CommandMethod{Command::kComplete, "CompleteReferral"},
    CommandMethod{Command::kWithdraw, "WithdrawReferral"},
    CommandMethod{Command::kMarkNoShow, "MarkNoShow"},
    CommandMethod{Command::kRecordFollowUp, "RecordFollowUp"},
    CommandMethod{Command::kRate, "RateReferral"},
    CommandMethod{Command::kRedirect, "RedirectReferral"},
    CommandMethod{Command::kReschedule, "RescheduleReferral"},
    CommandMethod{Command::kRequestCancellation, "RequestCancellation"},
    CommandMethod{Command::kConfirmCancellation, "ConfirmCancellation"},
    CommandMethod{Command::kRefuseCancellation, "RefuseCancellation"},
    CommandMethod{Command::kRescheduleFollowUp, "RescheduleFollowUp"},
    CommandMethod{Command::kRecordPatientRating, "RecordPatientRating"},
    CommandMethod{Command::kRecordClosingContact, "RecordClosingContact"},
    CommandMethod{Command::kEndStay, "EndStay"},
    CommandMethod{Command::kContinueStay, "ContinueStay"},
};
static_assert(kMethods.size() == kLastCommand, "each command is a method");

const policy::v1::MethodPolicy* PolicyOf(Command command) {
  const auto* const at =
      std::find_if(kMethods.begin(), kMethods.end(),
                   [&](const CommandMethod& one) { return one.command == command; });
  if (at == kMethods.end()) return nullptr;
  const google::protobuf::FileDescriptor* file = v1::Referral::descriptor()->file();
  const auto* method = file->FindServiceByName("ReferralService")->FindMethodByName(at->method);
  return method == nullptr ? nullptr : &method->options().GetExtension(policy::v1::policy);
}

}  // namespace

bool MayCall(Command command, const rpc::Caller& caller) {
  const policy::v1::MethodPolicy* policy = PolicyOf(command);
  if (policy == nullptr) return false;
  if (!caller.is_person()) {
    if (!caller.system.empty()) return policy->organization_systems();
    return std::find(policy->services().begin(), policy->services().end(), caller.service) !=
           policy->services().end();
  }
  if (policy->any_person()) return true;
  return std::any_of(policy->roles().begin(), policy->roles().end(),
                     [&](int role) { return caller.HasRole(static_cast<policy::v1::Role>(role)); });
}

}  // namespace yilian::referral
