// Patients in `directory`, for inbound messages.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "services/gateway/domain/inbound/delivery.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::gateway {

// Thread-safe. Calls as this service, for the sender's organization.
class DirectoryClient : public inbound::PatientDirectory {
 public:
  explicit DirectoryClient(std::shared_ptr<grpc::Channel> channel);
  std::variant<base::Uuid, inbound::DeliveryFailure> Register(
      const inbound::Request& request, const inbound::Hl7Patient& patient) override;
  std::optional<inbound::DeliveryFailure> Merge(const inbound::Request& request,
                                                const base::Uuid& surviving,
                                                const base::Uuid& merged) override;

 private:
  const std::unique_ptr<directory::v1::DirectoryService::Stub> stub_;
};

// What is sent for a patient; apart from the call so that a test can look at it.
directory::v1::RegisterPatientRequest ToRegisterRequest(const inbound::Request& request,
                                                        const inbound::Hl7Patient& patient);

}  // namespace yilian::gateway
