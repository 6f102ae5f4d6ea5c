// Opinions in `consultation`, from which referrals are made.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "services/referral/domain/ports.h"
#include "yilian/consultation/v1/consultation.grpc.pb.h"

namespace yilian::referral {

// Thread-safe. Asks as the person who makes the referral, so that `consultation` decides what they
// may see.
class ConsultationClient : public OpinionDirectory {
 public:
  explicit ConsultationClient(std::shared_ptr<grpc::Channel> channel);
  absl::StatusOr<std::optional<SignedOpinion>> Find(const std::string& consultation_id,
                                                    std::string_view token,
                                                    absl::Time deadline) override;

 private:
  const std::unique_ptr<consultation::v1::ConsultationService::Stub> stub_;
};

}  // namespace yilian::referral
