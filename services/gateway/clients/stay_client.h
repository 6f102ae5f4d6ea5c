// Stays in hospitals to `directory`, from inbound messages.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "services/gateway/domain/inbound/delivery.h"
#include "yilian/directory/v1/access.grpc.pb.h"

namespace yilian::gateway {

// Thread-safe. Calls as this service, for the sender's organization.
class StayClient : public inbound::StayDesk {
 public:
  explicit StayClient(std::shared_ptr<grpc::Channel> channel);
  std::optional<inbound::DeliveryFailure> Tell(const inbound::Request& request,
                                               const base::Uuid& patient,
                                               const inbound::StayNews& news) override;

 private:
  const std::unique_ptr<directory::v1::AccessService::Stub> stub_;
};

}  // namespace yilian::gateway
