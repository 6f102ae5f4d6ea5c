// Accounts of people, and what holds back somebody who guesses passwords.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

struct Account {
  UserId id;
  std::string user_name;
  std::string password_hash;
  OrganizationId organization;
  PractitionerId practitioner;  // nil: the account belongs to none
  std::string display_name;
  std::vector<std::string> roles;  // names of yilian.policy.v1.Role
  bool disabled = false;
  bool password_must_change = false;  // set by an administrator: its owner chooses another one
  absl::Time not_before = absl::InfinitePast();  // of the last revocation
};

// What may become a user name: 1 to 64 of a-z, 0-9, `.`, `_`, `-`.
bool IsUserName(std::string_view text);

// One of the three administrator roles is among them.
bool IsAdministrator(const std::vector<std::string>& roles);

// Roles are known once each, and an administrator's role stands alone: the three administrators are
// separate people, and none of them treats patients.
Violations CheckRoles(const std::vector<std::string>& roles);

// How failed sign-ins are slowed down.
struct ThrottleRules {
  int free_failures = 5;                          // that many fail without a delay
  absl::Duration first_delay = absl::Seconds(5);  // after the last free one; doubles with each
  absl::Duration longest_delay = absl::Minutes(15);
  absl::Duration forget_after = absl::Hours(24);  // without a failure, the count starts anew
  // One failure is forgiven for each such span since the last one.
  absl::Duration forgive_every = absl::InfiniteDuration();
};

// By the certificate that sign-ins come with: behind one stand many people who mistype, so that
// many failures pass and each is soon forgiven; a guesser of many names meets it all the same.
inline constexpr ThrottleRules kSourceRules = {.free_failures = 100,
                                               .first_delay = absl::Seconds(1),
                                               .longest_delay = absl::Minutes(1),
                                               .forget_after = absl::Hours(24),
                                               .forgive_every = absl::Seconds(30)};

// What failures of a source are counted under: no user name.
std::string SourceKey(std::string_view peer);

// What is remembered of the failures under one user name, whether or not there is such an account,
// or of one source.
struct Throttle {
  int failures = 0;
  absl::Time last_failed_at = absl::InfinitePast();
  absl::Time blocked_until = absl::InfinitePast();
};

Throttle AfterFailure(const ThrottleRules& rules, const Throttle& before, absl::Time now);

// Where accounts are kept. Thread-safe.
class AccountStore {
 public:
  virtual ~AccountStore() = default;
  // NOT_FOUND without the organization, or the practitioner there; IDENTIFIER_TAKEN.
  virtual absl::Status Add(unit::Scope& scope, const Account& account) = 0;
  // Refuses every token issued before the scope's time, which it returns. NOT_FOUND.
  virtual absl::StatusOr<absl::Time> Revoke(unit::Scope& scope, UserId id, bool disable) = 0;

  virtual absl::StatusOr<std::optional<Account>> FindByName(const std::string& user_name,
                                                            absl::Time deadline) = 0;
  // The account with its organization's name. NOT_FOUND.
  virtual absl::StatusOr<std::pair<Account, std::string>> Get(UserId id, absl::Time deadline) = 0;
  // Sets a password; NOT_FOUND. Whoever calls ends the account's tokens.
  virtual absl::Status SetPassword(unit::Scope& scope, UserId id, const std::string& hash,
                                   bool must_change) = 0;
  virtual absl::Status Enable(unit::Scope& scope, UserId id) = 0;  // NOT_FOUND
  virtual absl::Status ReplaceHash(UserId id, const std::string& old_hash,
                                   const std::string& new_hash, absl::Time deadline) = 0;

  virtual absl::StatusOr<Throttle> ReadThrottle(const std::string& user_name,
                                                absl::Time deadline) = 0;
  // Counts one failure, in order with those of other replicas.
  virtual absl::StatusOr<Throttle> CountFailure(const ThrottleRules& rules,
                                                const std::string& user_name, absl::Time now,
                                                absl::Time deadline) = 0;
  virtual absl::Status ForgetFailures(unit::Scope& scope, const std::string& user_name) = 0;
  virtual absl::Status ForgetFailures(const std::string& user_name, absl::Time deadline) = 0;
  // Deletes what would be forgotten anyway, at most `limit` rows; returns how many.
  virtual absl::StatusOr<int64_t> PruneThrottles(absl::Time last_failed_before, int limit,
                                                 absl::Time deadline) = 0;
};

}  // namespace yilian::directory
