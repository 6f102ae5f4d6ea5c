// The methods of yilian.directory.v1.AccessService: who may see a patient's data, and who did.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/admission.h"
#include "services/directory/domain/broken_glass.h"
#include "services/directory/domain/consent.h"
#include "services/directory/domain/record_access.h"
#include "yilian/directory/v1/access.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class AccessHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    AccessDirectory& directory;
    AdmissionStore& admissions;
    ConsentStore& consents;
    BrokenGlassStore& glasses;
    GlassRules glass_rules;
    std::vector<AccessTrail*> trails;
    const crypto::Sealer& sealer;
  };
  explicit AccessHandlers(Deps deps) : deps_(std::move(deps)) {}

  absl::StatusOr<v1::ListCareRelationshipsResponse> ListCareRelationships(
      const rpc::Call& call, const v1::ListCareRelationshipsRequest& request);
  absl::StatusOr<v1::Admission> RecordAdmission(const rpc::Call& call,
                                                const v1::RecordAdmissionRequest& request);
  absl::StatusOr<v1::Admission> RecordDischarge(const rpc::Call& call,
                                                const v1::RecordDischargeRequest& request);
  absl::StatusOr<v1::Admission> CancelAdmission(const rpc::Call& call,
                                                const v1::CancelAdmissionRequest& request);
  absl::StatusOr<v1::Admission> CancelDischarge(const rpc::Call& call,
                                                const v1::CancelDischargeRequest& request);
  absl::StatusOr<v1::Consent> RecordConsent(const rpc::Call& call,
                                            const v1::RecordConsentRequest& request);
  absl::StatusOr<v1::Consent> RevokeConsent(const rpc::Call& call,
                                            const v1::RevokeConsentRequest& request);
  absl::StatusOr<v1::ListConsentsResponse> ListConsents(const rpc::Call& call,
                                                        const v1::ListConsentsRequest& request);
  absl::StatusOr<v1::CheckConsentResponse> CheckConsent(const rpc::Call& call,
                                                        const v1::CheckConsentRequest& request);
  absl::StatusOr<v1::BrokenGlass> BreakGlass(const rpc::Call& call,
                                             const v1::BreakGlassRequest& request);
  absl::StatusOr<v1::ListGlassReviewsResponse> ListGlassReviews(
      const rpc::Call& call, const v1::ListGlassReviewsRequest& request);
  absl::StatusOr<v1::BrokenGlass> ReviewGlass(const rpc::Call& call,
                                              const v1::ReviewGlassRequest& request);
  absl::StatusOr<v1::ListRecordAccessesResponse> ListRecordAccesses(
      const rpc::Call& call, const v1::ListRecordAccessesRequest& request);

 private:
  // The four methods about stays: what is told is checked, heard and answered alike.
  template <typename Request>
  absl::StatusOr<v1::Admission> Hear(const rpc::Call& call, const Request& request);

  const Deps deps_;
};

rpc::Dispatch Bind(AccessHandlers& handlers);

}  // namespace yilian::directory
