// Signing in: one answer, in one time, for whatever is wrong.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "services/directory/domain/account.h"

namespace yilian::directory {

// Owned by the service. Thread-safe: many people sign in at once, but only `checks_at_once`
// passwords are computed at a time, because each takes 19 MiB and a core.
class SignIn {
 public:
  SignIn(AccountStore& accounts, const base::Clock& clock, ThrottleRules rules, int checks_at_once)
      : accounts_(accounts), clock_(clock), rules_(rules), free_checks_(checks_at_once) {}

  // The account of the name and password. UNAUTHENTICATED SIGN_IN_FAILED for a wrong name, a wrong
  // password and a disabled account alike; RESOURCE_EXHAUSTED SIGN_IN_THROTTLED while the name is
  // blocked, whether or not it exists; DEADLINE_EXCEEDED when too many others sign in.
  absl::StatusOr<Account> Check(const std::string& user_name, const std::string& password,
                                absl::Time deadline);

 private:
  absl::StatusOr<bool> PasswordMatches(const std::string& password, const Account* account,
                                       absl::Time deadline);
  void RefreshHash(const Account& account, const std::string& password, absl::Time deadline);

  AccountStore& accounts_;
  const base::Clock& clock_;
  const ThrottleRules rules_;
  absl::Mutex mutex_;
  int free_checks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::directory
