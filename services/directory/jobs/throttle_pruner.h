// Deletes counts of failed sign-ins that are old enough to be forgotten.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/repeated.h"
#include "services/directory/domain/account.h"

namespace yilian::directory {

// Every ten minutes, on a thread of its own. Every replica may run one: deleting twice is harmless.
// Names that do not exist are counted like others, so that without it a guesser fills the table.
class ThrottlePruner {
 public:
  // Both outlive it.
  ThrottlePruner(AccountStore& accounts, const base::Clock& clock, const ThrottleRules& rules);

  // For tests: deletes all there is to delete now, returns how many rows.
  absl::StatusOr<int64_t> RunOnce() {
    return Run([] { return false; });
  }

 private:
  absl::StatusOr<int64_t> Run(const std::function<bool()>& stopping);

  AccountStore& accounts_;
  const base::Clock& clock_;
  const absl::Duration forget_after_;
  base::Repeated repeated_;
};

}  // namespace yilian::directory
