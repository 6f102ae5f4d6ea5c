// The methods of yilian.directory.v1.PractitionerService.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/practitioner.h"
#include "yilian/directory/v1/practitioner.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class PractitionerHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    PractitionerStore& practitioners;
    const crypto::Sealer& sealer;
  };
  explicit PractitionerHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Practitioner> AwardTitle(const rpc::Call& call,
                                              const v1::AwardTitleRequest& request);
  absl::StatusOr<v1::Practitioner> RecordQualification(
      const rpc::Call& call, const v1::RecordQualificationRequest& request);
  absl::StatusOr<v1::Practitioner> EndQualification(const rpc::Call& call,
                                                    const v1::EndQualificationRequest& request);
  absl::StatusOr<v1::Practitioner> BeginPractice(const rpc::Call& call,
                                                 const v1::BeginPracticeRequest& request);
  absl::StatusOr<v1::Practitioner> EndPractice(const rpc::Call& call,
                                               const v1::EndPracticeRequest& request);
  absl::StatusOr<v1::PractitionerProfile> GetPractitionerProfile(
      const rpc::Call& call, const v1::GetPractitionerProfileRequest& request);
  absl::StatusOr<v1::ListPractitionersResponse> ListPractitioners(
      const rpc::Call& call, const v1::ListPractitionersRequest& request);
  absl::StatusOr<v1::Practitioner> FindPractitioner(const rpc::Call& call,
                                                    const v1::FindPractitionerRequest& request);

 private:
  const Deps deps_;
};

// Outlives the server.
rpc::Dispatch Bind(PractitionerHandlers& handlers);

}  // namespace yilian::directory
