// Stays and discharges: by a person of the hospital for one referral, by its system for an episode.
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/errors.h"
#include "services/referral/rpc/convert.h"
#include "services/referral/rpc/handlers.h"

namespace yilian::referral {
namespace {

using convert::ToProto;

// What both requests of a hospital's system say; NOT_FOUND for another organization's.
template <typename Request>
absl::StatusOr<Discharge> DischargeOf(const rpc::Call& call, const Request& request) {
  const absl::Time now = absl::Now();
  Discharge discharge{.episode = request.episode()};
  ASSIGN_OR_RETURN(discharge.hospital, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(discharge.patient, PatientId::Parse(request.patient_id()));
  if (!call.caller().is_service() && discharge.hospital.uuid() != call.caller().organization_id) {
    return errors::NotFound();
  }
  const absl::Time recorded = request.has_recorded_at() ? wire::ToTime(request.recorded_at()) : now;
  // As it is stored and compared with what is said next.
  discharge.recorded_at = absl::FromUnixMicros(absl::ToUnixMicros(recorded));
  RETURN_IF_ERROR(Check(discharge, now));
  discharge.draft = ReferralId::New(now);
  discharge.first_task = TaskId::New(now);
  return discharge;
}

}  // namespace

absl::StatusOr<v1::Referral> ReferralHandlers::EndStay(const rpc::Call& call,
                                                       const v1::MoveReferralRequest& request) {
  return Run(call, request.referral_id(), request.etag(),
             [&](const Referral& now, const Actor& by, absl::Time at) {
               return now.EndStay(by, deps_.deadlines, at);
             });
}

absl::StatusOr<v1::Referral> ReferralHandlers::ContinueStay(
    const rpc::Call& call, const v1::MoveReferralRequest& request) {
  return Run(
      call, request.referral_id(), request.etag(),
      [](const Referral& now, const Actor& by, absl::Time at) { return now.ContinueStay(by, at); });
}

absl::StatusOr<v1::DraftDischargeResponse> ReferralHandlers::DraftDischarge(
    const rpc::Call& call, const v1::DraftDischargeRequest& request) {
  ASSIGN_OR_RETURN(const Discharge discharge, DischargeOf(call, request));
  return deps_.store.DraftDischarge<v1::DraftDischargeResponse>(
      call.write_context(), discharge, deps_.deadlines, [](const std::vector<Change>& changes) {
        v1::DraftDischargeResponse response;
        if (!changes.empty()) *response.mutable_draft() = ToProto(changes[0].after);
        return response;
      });
}

absl::StatusOr<v1::WithdrawDischargeResponse> ReferralHandlers::WithdrawDischarge(
    const rpc::Call& call, const v1::WithdrawDischargeRequest& request) {
  ASSIGN_OR_RETURN(const Discharge discharge, DischargeOf(call, request));
  return deps_.store.WithdrawDischarge<v1::WithdrawDischargeResponse>(
      call.write_context(), discharge, [](const std::vector<Change>& changes) {
        v1::WithdrawDischargeResponse response;
        if (!changes.empty()) *response.mutable_draft() = ToProto(changes[0].after);
        return response;
      });
}

}  // namespace yilian::referral
