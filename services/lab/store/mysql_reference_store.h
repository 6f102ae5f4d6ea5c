// Reference intervals in the laboratory schema: every method is one transaction or one read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/lab/domain/reference_store.h"

namespace yilian::lab {

// Sets what the service itself says of the report's observations, by the intervals in force; for
// the transaction that takes the report in or maps it anew. One statement where anything is in
// LOINC, else none.
absl::Status JudgeByIntervals(mysql::Session& session, Report& report);

// Thread-safe.
class MysqlReferenceStore : public ReferenceStore {
 public:
  explicit MysqlReferenceStore(unit::UnitOfWork& unit_of_work) : unit_of_work_(unit_of_work) {}

  absl::StatusOr<std::vector<StoredInterval>> List(const IntervalsQuery& query,
                                                   absl::Time deadline) override;

 protected:
  absl::StatusOr<std::string> WriteBytes(const unit::WriteContext& context, Change change,
                                         const ReferenceInterval& interval, const std::string& etag,
                                         const RespondBytes& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
};

}  // namespace yilian::lab
