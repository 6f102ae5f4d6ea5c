// The method of yilian.directory.v1.PatientFitService.
#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/directory/domain/patient.h"
#include "yilian/directory/v1/patient_fit.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class PatientFitHandlers {
 public:
  explicit PatientFitHandlers(PatientStore& patients) : patients_(patients) {}

  absl::StatusOr<v1::CheckPatientFitResponse> CheckPatientFit(
      const rpc::Call& call, const v1::CheckPatientFitRequest& request);

 private:
  PatientStore& patients_;
};

// Outlives the server.
rpc::Dispatch Bind(PatientFitHandlers& handlers);

}  // namespace yilian::directory
