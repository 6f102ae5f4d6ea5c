// What is said of a completed referral. None of it depends on what the caller last read, so nothing
// here asks for an etag.
#include <utility>

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/errors.h"
#include "services/referral/rpc/handlers.h"

namespace yilian::referral {
namespace {

// The receiver is whom the patient speaks of: on its side only those whose task it is to ask.
absl::Status MayAsk(const rpc::Call& call, const Referral& referral, const Actor& by,
                    Command command, bool family_doctor_asks) {
  if (referral.SideOf(by.organization) != Side::kReceiving) return absl::OkStatus();
  const rpc::Caller& caller = call.caller();
  const bool asks = caller.HasRole(policy::v1::ROLE_REFERRAL_COORDINATOR) ||
                    (family_doctor_asks && caller.HasRole(policy::v1::ROLE_FAMILY_DOCTOR));
  return asks ? absl::OkStatus() : errors::NotForWhoIsJudged(command);
}

}  // namespace

absl::StatusOr<v1::Referral> ReferralHandlers::Rate(const rpc::Call& call,
                                                    const v1::RateReferralRequest& request) {
  return Run(call, request.referral_id(), std::nullopt,
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.Rate(by, request.score(), at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::RecordPatientRating(
    const rpc::Call& call, const v1::RecordPatientRatingRequest& request) {
  return Run(
      call, request.referral_id(), std::nullopt,
      [&](const Referral& now, const Actor& by, absl::Time at) -> absl::StatusOr<Change> {
        RETURN_IF_ERROR(MayAsk(call, now, by, referral::Command::kRecordPatientRating, true));
        return now.RecordPatientRating(by, request.score(),
                                       static_cast<Respondent>(request.respondent()), at);
      });
}

absl::StatusOr<v1::Referral> ReferralHandlers::RecordClosingContact(
    const rpc::Call& call, const v1::RecordClosingContactRequest& request) {
  const ClosingContact contact{.contacted_at = wire::ToTime(request.contacted_at()),
                               .reached = request.reached(),
                               .satisfaction = static_cast<Satisfaction>(request.satisfaction()),
                               .remarks = request.remarks()};
  return Run(
      call, request.referral_id(), std::nullopt,
      [&](const Referral& now, const Actor& by, absl::Time at) -> absl::StatusOr<Change> {
        RETURN_IF_ERROR(MayAsk(call, now, by, referral::Command::kRecordClosingContact, false));
        return now.RecordClosingContact(by, contact, at);
      });
}

}  // namespace yilian::referral
