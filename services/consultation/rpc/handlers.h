// The methods of yilian.consultation.v1.ConsultationService: convert, one use case, convert back.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/crypto/sealed.h"
#include "common/relationship/check.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/consultation/domain/consultation_store.h"
#include "services/consultation/domain/ports.h"
#include "services/consultation/domain/reading_centre_store.h"
#include "yilian/consultation/v1/consultation.pb.h"

namespace yilian::consultation {

// Thread-safe; owned by the service's context.
class ConsultationHandlers {
 public:
  struct Deps {
    ConsultationStore& store;
    SigningKeys& keys;
    ReadingCentreStore& centres;
    relationship::Check& relationships;
    const crypto::Sealer& sealer;
    const Clocks& clocks;
    absl::Duration default_lease;
  };
  explicit ConsultationHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::Consultation> Request(const rpc::Call& call,
                                           const v1::RequestConsultationRequest& request);
  absl::StatusOr<v1::Consultation> Get(const rpc::Call& call,
                                       const v1::GetConsultationRequest& request);
  absl::StatusOr<v1::ListConsultationsResponse> List(const rpc::Call& call,
                                                     const v1::ListConsultationsRequest& request);
  absl::StatusOr<v1::Consultation> Claim(const rpc::Call& call,
                                         const v1::ClaimConsultationRequest& request);
  absl::StatusOr<v1::Consultation> Release(const rpc::Call& call,
                                           const v1::ReleaseClaimRequest& request);
  absl::StatusOr<v1::Consultation> SaveDraft(const rpc::Call& call,
                                             const v1::SaveOpinionDraftRequest& request);
  absl::StatusOr<v1::Consultation> SubmitFirstReading(const rpc::Call& call,
                                                      const v1::SubmitFirstReadingRequest& request);
  absl::StatusOr<v1::Consultation> RecordSecondReading(
      const rpc::Call& call, const v1::RecordSecondReadingRequest& request);
  absl::StatusOr<v1::Consultation> Sign(const rpc::Call& call,
                                        const v1::SignOpinionRequest& request);
  absl::StatusOr<v1::Consultation> Acknowledge(const rpc::Call& call,
                                               const v1::AcknowledgeOpinionRequest& request);
  absl::StatusOr<v1::Consultation> Decline(const rpc::Call& call,
                                           const v1::EndConsultationRequest& request);
  absl::StatusOr<v1::Consultation> Cancel(const rpc::Call& call,
                                          const v1::EndConsultationRequest& request);

 private:
  using Command = ConsultationStore::Decide;
  // Every command on one consultation: load, check, decide, store, answer.
  absl::StatusOr<v1::Consultation> Run(const rpc::Call& call, const std::string& consultation_id,
                                       Standing standing, std::optional<std::string_view> etag,
                                       const Command& command);

  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(ConsultationHandlers& handlers);

}  // namespace yilian::consultation
