#include "services/directory/domain/sign_in.h"

#include <optional>

#include "absl/cleanup/cleanup.h"
#include "common/base/status_macros.h"
#include "common/crypto/password.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {

absl::StatusOr<Account> SignIn::Prove(const Credentials& credentials, absl::Time deadline) {
  const absl::Time now = deps_.clock.Now();
  for (const std::string& key : {credentials.user_name, SourceKey(credentials.source)}) {
    ASSIGN_OR_RETURN(const Throttle throttle, deps_.accounts.ReadThrottle(key, deadline));
    if (throttle.blocked_until > now) return errors::SignInThrottled(throttle.blocked_until - now);
  }
  std::optional<Account> account;
  if (IsUserName(credentials.user_name)) {
    ASSIGN_OR_RETURN(account, deps_.accounts.FindByName(credentials.user_name, deadline));
  }
  ASSIGN_OR_RETURN(const bool matches,
                   PasswordMatches(credentials.password, account ? &*account : nullptr, deadline));
  if (!matches || account->disabled) {
    RETURN_IF_ERROR(CountFailure(credentials, deadline));
    return errors::SignInFailed();
  }
  return *std::move(account);
}

absl::Status SignIn::CountFailure(const Credentials& credentials, absl::Time deadline) {
  const absl::Time now = deps_.clock.Now();
  RETURN_IF_ERROR(
      deps_.accounts.CountFailure(rules_, credentials.user_name, now, deadline).status());
  return deps_.accounts.CountFailure(kSourceRules, SourceKey(credentials.source), now, deadline)
      .status();
}

absl::Status SignIn::TakeCode(const Credentials& credentials, const SignedIn& entering,
                              absl::Time deadline) {
  const UserId user = entering.account.id;
  ASSIGN_OR_RETURN(const SecondFactor factor, deps_.factors.Get(user, deadline));
  if (!factor.counts()) {
    return IsAdministrator(entering.as.roles) ? errors::SecondFactorMissing() : absl::OkStatus();
  }
  absl::Status taken = deps_.factors.Take(user, credentials.code, deps_.clock.Now(), deadline);
  if (absl::IsUnauthenticated(taken) && !credentials.code.empty()) {
    RETURN_IF_ERROR(CountFailure(credentials, deadline));
  }
  return taken;
}

absl::StatusOr<SignedIn> SignIn::Enter(const Credentials& credentials, OrganizationId wanted,
                                       absl::Time deadline) {
  SignedIn entering;
  ASSIGN_OR_RETURN(entering.account, Prove(credentials, deadline));
  if (entering.account.password_must_change) return errors::PasswordMustChange();
  ASSIGN_OR_RETURN(entering.live, deps_.affiliations.ListOf(entering.account.id, deadline));
  const absl::Time now = deps_.clock.Now();
  std::erase_if(entering.live, [&](const Affiliation& one) { return !one.IsLive(now); });
  std::optional<Affiliation> as = Choose(entering.live, wanted, now);
  if (!as) return errors::NoAffiliation();
  entering.as = *std::move(as);
  RETURN_IF_ERROR(TakeCode(credentials, entering, deadline));
  RETURN_IF_ERROR(deps_.accounts.ForgetFailures(credentials.user_name, deadline));
  RefreshHash(entering.account, credentials.password, deadline);
  return entering;
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
    deps_.accounts.ReplaceHash(account.id, account.password_hash, *hash, deadline).IgnoreError();
  }
}

}  // namespace yilian::directory
