// Looks a second time at every new patient record.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/repeated.h"
#include "services/directory/store/mysql_patient_index.h"

namespace yilian::directory {

// Every ten seconds, on a thread of its own: records made more than a minute ago get the keys they
// lack and a review beside whoever resembles them. So two records of one person that were
// registered at the same moment, and records of before there were rules, come to review as well.
// Every replica may run one: a record is settled by one of them.
class MatchSettler {
 public:
  // Both outlive it.
  MatchSettler(MysqlPatientIndex& index, const base::Clock& clock);

  // For tests: settles all there is to settle now, returns how many records.
  absl::StatusOr<int> RunOnce() {
    return Run([] { return false; });
  }

 private:
  absl::StatusOr<int> Run(const std::function<bool()>& stopping);

  MysqlPatientIndex& index_;
  const base::Clock& clock_;
  base::Repeated repeated_;
};

}  // namespace yilian::directory
