// Between the wire and the domain. Field rules were checked by the frame; what is left to fail is
// an id's text.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "services/referral/domain/referral.h"
#include "services/referral/domain/referral_store.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral::convert {

v1::Referral ToProto(const Referral& referral);
v1::NotActed ToProto(const NotActed& task);

absl::StatusOr<NewReferral> ToDomain(const v1::CreateReferralRequest& request, absl::Time now);
absl::StatusOr<CarePlan> ToDomain(const v1::CarePlan& plan, absl::Time now);
ClinicalSummary ToDomain(const v1::ClinicalSummary& summary);
std::vector<Citation> ToDomain(const google::protobuf::RepeatedPtrField<v1::Citation>& cited);
Actor ActorOf(const rpc::Caller& caller);

}  // namespace yilian::referral::convert
