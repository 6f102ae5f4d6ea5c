// The methods of yilian.referral.v1.AdviceService.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/referral/domain/advice_store.h"
#include "services/referral/domain/deadlines.h"
#include "services/referral/domain/ports.h"
#include "yilian/referral/v1/advice.pb.h"

namespace yilian::referral {

// Thread-safe; owned by the service's context.
class AdviceHandlers {
 public:
  struct Deps {
    AdviceStore& store;
    const AdviceDeadlines& answers;
    const Deadlines& deadlines;  // of the referral that a thread becomes
    ReceiverDirectory& receivers;
    OrganizationDirectory& organizations;
    relationship::Check& relationships;
    const crypto::Sealer& sealer;
    absl::TimeZone zone;            // of the times in a transcript
    bool across_consortia = false;  // receivers may be outside the referrer's consortium
  };
  explicit AdviceHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::Advice> Ask(const rpc::Call& call, const v1::AskAdviceRequest& request);
  absl::StatusOr<v1::Advice> Get(const rpc::Call& call, const v1::GetAdviceRequest& request);
  absl::StatusOr<v1::ListAdviceResponse> List(const rpc::Call& call,
                                              const v1::ListAdviceRequest& request);
  absl::StatusOr<v1::Advice> Answer(const rpc::Call& call, const v1::SayAdviceRequest& request);
  absl::StatusOr<v1::Advice> Continue(const rpc::Call& call, const v1::SayAdviceRequest& request);
  absl::StatusOr<v1::Advice> ProposeReferral(const rpc::Call& call,
                                             const v1::SayAdviceRequest& request);
  absl::StatusOr<v1::Advice> DeclineProposal(const rpc::Call& call,
                                             const v1::SayAdviceRequest& request);
  absl::StatusOr<v1::Advice> Close(const rpc::Call& call, const v1::CloseAdviceRequest& request);
  absl::StatusOr<v1::ConvertAdviceResponse> Convert(const rpc::Call& call,
                                                    const v1::ConvertAdviceRequest& request);

 private:
  using Command = std::function<absl::StatusOr<AdviceChange>(const Advice& now, const Actor& by,
                                                             absl::Time at)>;
  // Every command on one thread: load, check, decide, store, answer.
  absl::StatusOr<v1::Advice> Run(const rpc::Call& call, const std::string& advice_id,
                                 const std::string& etag, const Command& command);

  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(AdviceHandlers& handlers);

}  // namespace yilian::referral
