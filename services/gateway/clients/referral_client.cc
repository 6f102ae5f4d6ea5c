#include "services/gateway/clients/referral_client.h"

#include "common/rpc/client_call.h"
#include "services/gateway/clients/failure.h"

namespace yilian::gateway {
namespace {

using Referrals = referral::v1::ReferralService;

hl7::Location LocateInVisit(std::string_view) { return {"PV1", 1, 19}; }

}  // namespace

ReferralClient::ReferralClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Referrals::NewStub(std::move(channel))) {}

std::optional<inbound::DeliveryFailure> ReferralClient::Draft(const inbound::Request& request,
                                                              const base::Uuid& patient,
                                                              const std::string& episode) {
  referral::v1::DraftDischargeRequest out;
  out.set_request_id(request.request_id.ToString());
  out.set_organization_id(request.organization_id.ToString());
  out.set_patient_id(patient.ToString());
  out.set_episode(episode);
  const auto answer = rpc::ClientCall::Until(request.deadline)
                          .Invoke(*stub_, &Referrals::Stub::DraftDischarge, out);
  if (answer.ok()) return std::nullopt;
  return FailureOf(answer.status(), LocateInVisit);
}

}  // namespace yilian::gateway
