#include "services/gateway/clients/referral_client.h"

#include "common/rpc/client_call.h"
#include "common/wire/timestamp.h"
#include "services/gateway/clients/failure.h"

namespace yilian::gateway {
namespace {

using Referrals = referral::v1::ReferralService;

hl7::Location LocateInVisit(std::string_view path) {
  if (path == "recorded_at") return {"EVN", 1, 2};
  return {"PV1", 1, 19};
}

// What both requests say.
template <typename Out>
Out About(const inbound::Request& request, const base::Uuid& patient,
          const inbound::DischargeNews& news) {
  Out out;
  out.set_request_id(request.request_id.ToString());
  out.set_organization_id(request.organization_id.ToString());
  out.set_patient_id(patient.ToString());
  out.set_episode(news.episode);
  wire::SetTime(out.mutable_recorded_at(), news.recorded_at);
  return out;
}

}  // namespace

ReferralClient::ReferralClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Referrals::NewStub(std::move(channel))) {}

std::optional<inbound::DeliveryFailure> ReferralClient::Draft(const inbound::Request& request,
                                                              const base::Uuid& patient,
                                                              const inbound::DischargeNews& news) {
  const auto answer =
      rpc::ClientCall::Until(request.deadline)
          .Invoke(*stub_, &Referrals::Stub::DraftDischarge,
                  About<referral::v1::DraftDischargeRequest>(request, patient, news));
  if (answer.ok()) return std::nullopt;
  return FailureOf(answer.status(), LocateInVisit);
}

std::optional<inbound::DeliveryFailure> ReferralClient::Withdraw(
    const inbound::Request& request, const base::Uuid& patient,
    const inbound::DischargeNews& news) {
  const auto answer =
      rpc::ClientCall::Until(request.deadline)
          .Invoke(*stub_, &Referrals::Stub::WithdrawDischarge,
                  About<referral::v1::WithdrawDischargeRequest>(request, patient, news));
  if (answer.ok()) return std::nullopt;
  return FailureOf(answer.status(), LocateInVisit);
}

}  // namespace yilian::gateway
