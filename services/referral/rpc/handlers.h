// The methods of yilian.referral.v1.ReferralService: convert, one use case, convert back.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/referral/domain/deadlines.h"
#include "services/referral/domain/ports.h"
#include "services/referral/domain/referral_store.h"
#include "services/referral/domain/required_items.h"
#include "services/referral/rpc/reach.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {

// Thread-safe; owned by the service's context.
class ReferralHandlers {
 public:
  struct Deps {
    ReferralStore& store;
    const Deadlines& deadlines;
    ReceiverDirectory& receivers;
    OrganizationDirectory& organizations;
    OpinionDirectory& opinions;
    CitedReports& cited_reports;
    RequiredItems& required_items;
    AttachmentCount& attachments;
    relationship::Check& relationships;
    const crypto::Sealer& sealer;
    std::function<void()> wake_sagas;  // a saga was started: run it now, not at the next poll
    bool across_consortia = false;     // receivers may be outside the referrer's consortium
  };
  explicit ReferralHandlers(Deps deps) : deps_(std::move(deps)) {}

  absl::StatusOr<v1::Referral> Create(const rpc::Call& call,
                                      const v1::CreateReferralRequest& request);
  absl::StatusOr<v1::Referral> Submit(const rpc::Call& call,
                                      const v1::SubmitReferralRequest& request);
  absl::StatusOr<v1::Referral> Get(const rpc::Call& call, const v1::GetReferralRequest& request);
  absl::StatusOr<v1::ListReferralsResponse> List(const rpc::Call& call,
                                                 const v1::ListReferralsRequest& request);
  absl::StatusOr<v1::Referral> Return(const rpc::Call& call,
                                      const v1::ReturnReferralRequest& request);
  absl::StatusOr<v1::Referral> Accept(const rpc::Call& call,
                                      const v1::AcceptReferralRequest& request);
  absl::StatusOr<v1::Referral> Reject(const rpc::Call& call,
                                      const v1::RejectReferralRequest& request);
  absl::StatusOr<v1::Referral> Redirect(const rpc::Call& call,
                                        const v1::RedirectReferralRequest& request);
  absl::StatusOr<v1::Referral> Schedule(const rpc::Call& call,
                                        const v1::ScheduleReferralRequest& request);
  absl::StatusOr<v1::Referral> Reschedule(const rpc::Call& call,
                                          const v1::RescheduleReferralRequest& request);
  absl::StatusOr<v1::Referral> Arrive(const rpc::Call& call,
                                      const v1::MoveReferralRequest& request);
  absl::StatusOr<v1::Referral> MarkNoShow(const rpc::Call& call,
                                          const v1::MoveReferralRequest& request);
  absl::StatusOr<v1::Referral> BeginCare(const rpc::Call& call,
                                         const v1::MoveReferralRequest& request);
  absl::StatusOr<v1::Referral> EndStay(const rpc::Call& call,
                                       const v1::MoveReferralRequest& request);
  absl::StatusOr<v1::Referral> ContinueStay(const rpc::Call& call,
                                            const v1::MoveReferralRequest& request);
  absl::StatusOr<v1::CompleteReferralResponse> Complete(const rpc::Call& call,
                                                        const v1::CompleteReferralRequest& request);
  absl::StatusOr<v1::Referral> Withdraw(const rpc::Call& call,
                                        const v1::WithdrawReferralRequest& request);
  absl::StatusOr<v1::Referral> RequestCancellation(const rpc::Call& call,
                                                   const v1::RequestCancellationRequest& request);
  absl::StatusOr<v1::Referral> ConfirmCancellation(const rpc::Call& call,
                                                   const v1::MoveReferralRequest& request);
  absl::StatusOr<v1::Referral> RefuseCancellation(const rpc::Call& call,
                                                  const v1::RefuseCancellationRequest& request);
  absl::StatusOr<v1::ListAvailableActionsResponse> ListAvailableActions(
      const rpc::Call& call, const v1::ListAvailableActionsRequest& request);
  absl::StatusOr<v1::DraftDischargeResponse> DraftDischarge(
      const rpc::Call& call, const v1::DraftDischargeRequest& request);
  absl::StatusOr<v1::WithdrawDischargeResponse> WithdrawDischarge(
      const rpc::Call& call, const v1::WithdrawDischargeRequest& request);
  absl::StatusOr<v1::ListNotActedResponse> ListNotActed(const rpc::Call& call,
                                                        const v1::ListNotActedRequest& request);
  absl::StatusOr<v1::Referral> RescheduleFollowUp(const rpc::Call& call,
                                                  const v1::RescheduleFollowUpRequest& request);
  absl::StatusOr<v1::Referral> RecordFollowUp(const rpc::Call& call,
                                              const v1::RecordFollowUpRequest& request);
  absl::StatusOr<v1::Referral> Rate(const rpc::Call& call, const v1::RateReferralRequest& request);
  absl::StatusOr<v1::Referral> RecordPatientRating(const rpc::Call& call,
                                                   const v1::RecordPatientRatingRequest& request);
  absl::StatusOr<v1::Referral> RecordClosingContact(const rpc::Call& call,
                                                    const v1::RecordClosingContactRequest& request);

 private:
  using Command =
      std::function<absl::StatusOr<Change>(const Referral& now, const Actor& by, absl::Time at)>;
  // Every command on one referral: load, check, decide, store, answer.
  absl::StatusOr<v1::Referral> Run(const rpc::Call& call, const std::string& referral_id,
                                   std::optional<std::string_view> etag, const Command& command);
  absl::Status CheckPatient(const rpc::Call& call, PatientId patient);
  // Whether it exists, and may receive from `referrer` that way.
  absl::Status CheckReceiver(const rpc::Call& call, Direction direction, OrganizationId referrer,
                             const Receiver& receiver);
  // What the department that is to receive it wants and takes.
  absl::StatusOr<Requirements> RequirementsOf(const rpc::Call& call, ReferralId referral,
                                              DepartmentId department);
  // Before the patient's referral is handed to `to`: see consent.h.
  absl::Status CheckConsent(const rpc::Call& call, PatientId patient, OrganizationId to,
                            Urgency urgency);
  // As the caller sees it, read before the transaction: what it is decided by never changes, or
  // changes its etag.
  absl::StatusOr<Referral> Read(const rpc::Call& call, const std::string& referral_id);
  absl::Status CheckSource(const rpc::Call& call, const NewReferral& input);

  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(ReferralHandlers& handlers);

}  // namespace yilian::referral
