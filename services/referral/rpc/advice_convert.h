// Between the wire and the domain, for advice.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/referral/domain/advice.h"
#include "services/referral/domain/advice_store.h"
#include "yilian/referral/v1/advice.pb.h"

namespace yilian::referral::convert {

v1::Advice ToProto(const Advice& advice);
absl::StatusOr<NewAdvice> ToDomain(const v1::AskAdviceRequest& request, absl::Time now);
// The referrer's own part of the draft.
absl::StatusOr<NewReferral> ToDomain(const v1::ConvertAdviceRequest& request, absl::Time now);

}  // namespace yilian::referral::convert
