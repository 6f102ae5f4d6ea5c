// Discharges to `referral`, from inbound messages.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "services/gateway/domain/inbound/delivery.h"
#include "yilian/referral/v1/referral.grpc.pb.h"

namespace yilian::gateway {

// Thread-safe. Calls as this service, for the sender's organization.
class ReferralClient : public inbound::DischargeDesk {
 public:
  explicit ReferralClient(std::shared_ptr<grpc::Channel> channel);
  std::optional<inbound::DeliveryFailure> Draft(const inbound::Request& request,
                                                const base::Uuid& patient,
                                                const inbound::DischargeNews& news) override;
  std::optional<inbound::DeliveryFailure> Withdraw(const inbound::Request& request,
                                                   const base::Uuid& patient,
                                                   const inbound::DischargeNews& news) override;

 private:
  const std::unique_ptr<referral::v1::ReferralService::Stub> stub_;
};

}  // namespace yilian::gateway
