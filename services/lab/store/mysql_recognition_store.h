// Terms of mutual recognition, decisions and what they come to.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/unit/unit_of_work.h"
#include "services/lab/domain/recognition_store.h"

namespace yilian::lab {

// Thread-safe.
class MysqlRecognitionStore : public RecognitionStore {
 public:
  explicit MysqlRecognitionStore(unit::UnitOfWork& unit_of_work) : unit_of_work_(unit_of_work) {}

  absl::StatusOr<RecognitionTerms> Terms(const std::vector<std::string>& loincs,
                                         absl::Time deadline) override;
  absl::StatusOr<std::vector<RecognitionStatistic>> Statistics(
      const RecognitionStatisticsQuery& query, absl::Time deadline) override;

 protected:
  absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, const RecognitionRule& rule, const std::string& etag,
      const wire::RespondBytes<Stored<RecognitionRule>>& respond) override;
  absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, const QualityAssessment& assessment,
      const std::string& etag,
      const wire::RespondBytes<Stored<QualityAssessment>>& respond) override;
  absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, const ItemPrice& price, const std::string& etag,
      const wire::RespondBytes<Stored<ItemPrice>>& respond) override;
  absl::StatusOr<std::string> DecideBytes(
      const unit::WriteContext& context, const NewDecision& decision, const Sight& sight,
      const wire::RespondBytes<RecognitionDecision>& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
};

}  // namespace yilian::lab
