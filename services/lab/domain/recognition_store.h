// Where terms of recognition and decisions are kept, as the use cases ask for it. store/ implements
// it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/lab/domain/recognition.h"
#include "services/lab/domain/trend_store.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::lab {

struct RecognitionStatisticsQuery {
  OrganizationId organization;
  absl::CivilMonth from;
  absl::CivilMonth to;  // with it
  // Key of the last row of the page before.
  absl::CivilMonth after_month;
  std::string after_loinc;
  int limit = 50;
};

// Implementations are thread-safe.
class RecognitionStore {
 public:
  virtual ~RecognitionStore() = default;

  // Defines a term, or changes the one of the same key. `etag` as last read; empty: there is none
  // yet. ETAG_STALE.
  template <typename Response, typename Term>
  absl::StatusOr<Response> Define(const unit::WriteContext& context, const Term& term,
                                  const std::string& etag,
                                  const wire::Respond<Response, Stored<Term>>& respond) {
    return wire::ParseAnswer<Response>(DefineBytes(context, term, etag, wire::BytesOf(respond)));
  }
  // Of these items; of each kind the newest first.
  virtual absl::StatusOr<RecognitionTerms> Terms(const std::vector<std::string>& loincs,
                                                 absl::Time deadline) = 0;
  // NOT_FOUND, NOT_RECOGNIZABLE, ALREADY_DECIDED.
  template <typename Response>
  absl::StatusOr<Response> Decide(const unit::WriteContext& context, const NewDecision& decision,
                                  const Sight& sight,
                                  const wire::Respond<Response, RecognitionDecision>& respond) {
    return wire::ParseAnswer<Response>(
        DecideBytes(context, decision, sight, wire::BytesOf(respond)));
  }
  virtual absl::StatusOr<std::vector<RecognitionStatistic>> Statistics(
      const RecognitionStatisticsQuery& query, absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, const RecognitionRule& rule, const std::string& etag,
      const wire::RespondBytes<Stored<RecognitionRule>>& respond) = 0;
  virtual absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, const QualityAssessment& assessment,
      const std::string& etag, const wire::RespondBytes<Stored<QualityAssessment>>& respond) = 0;
  virtual absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, const ItemPrice& price, const std::string& etag,
      const wire::RespondBytes<Stored<ItemPrice>>& respond) = 0;
  virtual absl::StatusOr<std::string> DecideBytes(
      const unit::WriteContext& context, const NewDecision& decision, const Sight& sight,
      const wire::RespondBytes<RecognitionDecision>& respond) = 0;
};

}  // namespace yilian::lab
