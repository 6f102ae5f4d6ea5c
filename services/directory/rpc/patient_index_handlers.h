// The methods of yilian.directory.v1.PatientIndexService.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/patient.h"
#include "services/directory/domain/patient_index.h"
#include "yilian/directory/v1/patient_index.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class PatientIndexHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    PatientStore& patients;
    PatientIndex& index;
    const crypto::Sealer& sealer;
  };
  explicit PatientIndexHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Patient> AddPatientIdentifier(const rpc::Call& call,
                                                   const v1::AddPatientIdentifierRequest& request);
  absl::StatusOr<v1::Patient> RemovePatientIdentifier(
      const rpc::Call& call, const v1::RemovePatientIdentifierRequest& request);
  absl::StatusOr<v1::ListMatchReviewsResponse> ListMatchReviews(
      const rpc::Call& call, const v1::ListMatchReviewsRequest& request);
  absl::StatusOr<v1::GetMatchReviewResponse> GetMatchReview(
      const rpc::Call& call, const v1::GetMatchReviewRequest& request);
  absl::StatusOr<v1::MatchReview> DecideMatchReview(const rpc::Call& call,
                                                    const v1::DecideMatchReviewRequest& request);
  absl::StatusOr<v1::ListPatientMergesResponse> ListPatientMerges(
      const rpc::Call& call, const v1::ListPatientMergesRequest& request);
  absl::StatusOr<v1::PatientMerge> UnmergePatients(const rpc::Call& call,
                                                   const v1::UnmergePatientsRequest& request);

 private:
  using IdentifierChange = absl::Status (PatientIndex::*)(unit::Scope&, PatientId,
                                                          const Identifier&, const Actor&);
  absl::StatusOr<v1::Patient> ChangeIdentifiers(const rpc::Call& call,
                                                const std::string& patient_id,
                                                const v1::PatientIdentifier& identifier,
                                                IdentifierChange change);

  const Deps deps_;
};

// Outlives the server.
rpc::Dispatch Bind(PatientIndexHandlers& handlers);

}  // namespace yilian::directory
