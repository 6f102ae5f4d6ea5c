// What `directory` knows of patients, as scheduling may ask for it.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <vector>

#include "services/scheduling/domain/clinic_rule.h"
#include "yilian/directory/v1/patient_fit.grpc.pb.h"

namespace yilian::scheduling {

// Thread-safe. Asks as this service, 2 s at most. A patient whom the directory does not have is not
// known: whoever asks has been let in by a relationship, and a person decides.
class PatientClient : public PatientDirectory {
 public:
  explicit PatientClient(std::shared_ptr<grpc::Channel> channel);
  absl::StatusOr<std::vector<Fit>> FitsOf(PatientId patient,
                                          const std::vector<FitQuestion>& questions,
                                          absl::Time deadline) override;

 private:
  const std::unique_ptr<directory::v1::PatientFitService::Stub> stub_;
};

}  // namespace yilian::scheduling
