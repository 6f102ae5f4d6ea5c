// Signing in: one answer, in one time, for whatever is wrong.
#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "services/directory/domain/account.h"
#include "services/directory/domain/affiliation.h"
#include "services/directory/domain/second_factor.h"

namespace yilian::directory {

// What somebody shows.
struct Credentials {
  std::string user_name;
  std::string password;
  std::string code;    // of the second factor; may be empty
  std::string source;  // certificate that it came with
};

// Who may enter, and as what.
struct SignedIn {
  Account account;
  Affiliation as;
  std::vector<Affiliation> live;  // all that the person may act by now
};

// Owned by the service. Thread-safe: many people sign in at once, but only `checks_at_once`
// passwords are computed at a time, because each takes 19 MiB and a core.
class SignIn {
 public:
  struct Deps {
    AccountStore& accounts;
    AffiliationStore& affiliations;
    SecondFactorStore& factors;
    const base::Clock& clock;
  };
  SignIn(Deps deps, ThrottleRules rules, int checks_at_once)
      : deps_(deps), rules_(rules), free_checks_(checks_at_once) {}

  // The account and how it acts for `wanted` (nil: for its first organization). UNAUTHENTICATED
  // SIGN_IN_FAILED for a wrong name, a wrong password and a disabled account alike;
  // RESOURCE_EXHAUSTED SIGN_IN_THROTTLED while the name or the source is blocked, whether or not
  // the name exists; DEADLINE_EXCEEDED when too many others sign in; SECOND_FACTOR_WRONG,
  // SECOND_FACTOR_MISSING, PASSWORD_MUST_CHANGE, NO_AFFILIATION once the password is right.
  absl::StatusOr<SignedIn> Enter(const Credentials& credentials, OrganizationId wanted,
                                 absl::Time deadline);

  // Name and password alone, for what people do with their own account without a token.
  absl::StatusOr<Account> Prove(const Credentials& credentials, absl::Time deadline);
  // Counts a failure of the second factor that the caller found.
  absl::Status CountFailure(const Credentials& credentials, absl::Time deadline);

 private:
  absl::StatusOr<bool> PasswordMatches(const std::string& password, const Account* account,
                                       absl::Time deadline);
  absl::Status TakeCode(const Credentials& credentials, const SignedIn& entering,
                        absl::Time deadline);
  void RefreshHash(const Account& account, const std::string& password, absl::Time deadline);

  const Deps deps_;
  const ThrottleRules rules_;
  absl::Mutex mutex_;
  int free_checks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::directory
