// Reports in `lab`, as far as a referral cites them.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "services/referral/domain/ports.h"
#include "yilian/lab/v1/lab.grpc.pb.h"

namespace yilian::referral {

// Thread-safe. Asks as this service, for the organization that cites; each call takes 2 s at most.
class LabClient : public CitedReports {
 public:
  explicit LabClient(std::shared_ptr<grpc::Channel> channel);
  absl::StatusOr<std::vector<std::string>> Unknown(OrganizationId organization, PatientId patient,
                                                   const std::vector<std::string>& reports,
                                                   absl::Time deadline) override;

 private:
  const std::unique_ptr<lab::v1::LabService::Stub> stub_;
};

}  // namespace yilian::referral
