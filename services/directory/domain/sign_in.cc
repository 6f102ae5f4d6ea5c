#include "services/directory/domain/sign_in.h"

#include <optional>

#include "absl/cleanup/cleanup.h"
#include "common/base/status_macros.h"
#include "common/crypto/password.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {

absl::StatusOr<Account> SignIn::Check(const std::string& user_name, const std::string& password,
                                      absl::Time deadline) {
  ASSIGN_OR_RETURN(const Throttle throttle, accounts_.ReadThrottle(user_name, deadline));
  const absl::Time now = clock_.Now();
  if (throttle.blocked_until > now) return errors::SignInThrottled(throttle.blocked_until - now);

  std::optional<Account> account;
  if (IsUserName(user_name)) {
    ASSIGN_OR_RETURN(account, accounts_.FindByName(user_name, deadline));
  }
  ASSIGN_OR_RETURN(const bool matches,
                   PasswordMatches(password, account ? &*account : nullptr, deadline));
  if (!matches || account->disabled) {
    RETURN_IF_ERROR(accounts_.CountFailure(rules_, user_name, now, deadline).status());
    return errors::SignInFailed();
  }
  if (throttle.failures > 0) RETURN_IF_ERROR(accounts_.ForgetFailures(user_name, deadline));
  RefreshHash(*account, password, deadline);
  return *std::move(account);
}

absl::StatusOr<bool> SignIn::PasswordMatches(const std::string& password, const Account* account,
                                             absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    const auto is_free = [this]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return free_checks_ > 0; };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&is_free), deadline)) {
      return absl::DeadlineExceededError("too many people sign in at the moment");
    }
    --free_checks_;
  }
  const absl::Cleanup release = [this] {
    absl::MutexLock lock(&mutex_);
    ++free_checks_;
  };
  if (account != nullptr) return crypto::VerifyPassword(password, account->password_hash);
  crypto::VerifyNobody(password);
  return false;
}

void SignIn::RefreshHash(const Account& account, const std::string& password, absl::Time deadline) {
  if (!crypto::NeedsRehash(account.password_hash)) return;
  const absl::StatusOr<std::string> hash = crypto::HashPassword(password);
  // The old hash stays good: whoever signs in next tries again.
  if (hash.ok()) {
    accounts_.ReplaceHash(account.id, account.password_hash, *hash, deadline).IgnoreError();
  }
}

}  // namespace yilian::directory
