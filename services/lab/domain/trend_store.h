// Where trends are read, as the use cases ask for it. store/ implements it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/lab/domain/trend.h"

namespace yilian::lab {

// Whose points are asked for, and by whom.
struct TrendReader {
  PatientId patient;
  Sight sight;
};

struct TrendQuery {
  std::string loinc;
  absl::Time from = absl::FromUnixSeconds(-2'208'988'800);  // 1900-01-01
  TrendKey before;                                          // of the last point of the page before
  int limit = 50;
};

// Implementations are thread-safe.
class TrendStore {
 public:
  virtual ~TrendStore() = default;
  // The newest first.
  virtual absl::StatusOr<std::vector<TrendPoint>> Points(const TrendReader& reader,
                                                         const TrendQuery& query,
                                                         absl::Time deadline) = 0;
  // LOINC codes after `after_loinc` of which the patient has a point, in their order.
  virtual absl::StatusOr<std::vector<std::string>> Analytes(const TrendReader& reader,
                                                            const std::string& after_loinc,
                                                            int limit, absl::Time deadline) = 0;
  // The newest points of each analyte, `each` at most, in one read.
  virtual absl::StatusOr<std::vector<TrendPoint>> Newest(const TrendReader& reader,
                                                         const std::vector<std::string>& loincs,
                                                         int each, absl::Time deadline) = 0;
};

}  // namespace yilian::lab
