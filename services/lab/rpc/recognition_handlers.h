// The methods of yilian.lab.v1.RecognitionService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/lab/domain/recognition_store.h"
#include "services/lab/domain/trend_store.h"
#include "services/lab/rpc/sights.h"
#include "yilian/lab/v1/recognition.pb.h"

namespace yilian::lab {

// Thread-safe; owned by the service's context.
class RecognitionHandlers {
 public:
  struct Deps {
    RecognitionStore& store;
    TrendStore& trends;
    Sights& sights;
    const crypto::Sealer& sealer;
    const base::Clock& clock;
  };
  explicit RecognitionHandlers(const Deps& deps) : deps_(deps) {}

  absl::StatusOr<v1::RecognitionRule> DefineRule(const rpc::Call& call,
                                                 const v1::DefineRecognitionRuleRequest& request);
  absl::StatusOr<v1::QualityAssessment> DefineAssessment(
      const rpc::Call& call, const v1::DefineQualityAssessmentRequest& request);
  absl::StatusOr<v1::ItemPrice> DefinePrice(const rpc::Call& call,
                                            const v1::DefineItemPriceRequest& request);
  absl::StatusOr<v1::RecognitionTerms> ListTerms(const rpc::Call& call,
                                                 const v1::ListRecognitionTermsRequest& request);
  absl::StatusOr<v1::FindRecognizableResultsResponse> Find(
      const rpc::Call& call, const v1::FindRecognizableResultsRequest& request);
  absl::StatusOr<v1::RecognitionDecision> Decide(const rpc::Call& call,
                                                 const v1::DecideRecognitionRequest& request);
  absl::StatusOr<v1::ListRecognitionStatisticsResponse> ListStatistics(
      const rpc::Call& call, const v1::ListRecognitionStatisticsRequest& request);

 private:
  Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(RecognitionHandlers& handlers);

}  // namespace yilian::lab
