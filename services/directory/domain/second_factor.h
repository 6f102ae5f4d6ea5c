// The second factor of an account: an authenticator application (TOTP), with recovery codes for
// when it is lost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

// How long an enrolment waits for its confirmation.
inline constexpr absl::Duration kConfirmWithin = absl::Minutes(15);
inline constexpr int kRecoveryCodes = 10;

struct SecondFactor {
  UserId user;
  std::string secret;          // empty: none counts
  int64_t last_step = 0;       // of the last code that was taken: none up to it is taken again
  uint32_t recovery_used = 0;  // bit n: recovery code n was used
  std::string pending;         // secret that waits for its confirmation; empty: none
  absl::Time pending_since = absl::InfinitePast();
  int64_t version = 0;  // 0: not stored yet

  bool counts() const { return !secret.empty(); }
  bool IsPending(absl::Time at) const {
    return !pending.empty() && at < pending_since + kConfirmWithin;
  }
};

// Ten codes of 80 bits, "ABCD-EFGH-IJKL-MNOP", that follow from the secret: nothing more has to be
// kept, and whoever holds the secret could make codes anyway.
std::vector<std::string> RecoveryCodes(std::string_view secret);
int RecoveryCodesLeft(const SecondFactor& factor);

// What is left after `code` was taken: of the authenticator (each once, one step of 30 s early or
// late) or a recovery code (each once). Nothing: the code is wrong.
std::optional<SecondFactor> AfterCode(const SecondFactor& factor, std::string_view code,
                                      absl::Time now);
// The pending secret counts from now on, its recovery codes unused. Nothing: the code is wrong.
std::optional<SecondFactor> AfterConfirmation(const SecondFactor& factor, std::string_view code,
                                              absl::Time now);

// Where second factors are kept. Secrets are encrypted at rest. Thread-safe.
class SecondFactorStore {
 public:
  virtual ~SecondFactorStore() = default;
  // One without secrets for an account that has none.
  virtual absl::StatusOr<SecondFactor> Get(UserId user, absl::Time deadline) = 0;
  // Takes the code if the factor counts. SECOND_FACTOR_WRONG.
  virtual absl::Status Take(UserId user, std::string_view code, absl::Time now,
                            absl::Time deadline) = 0;
  virtual absl::Status Take(unit::Scope& scope, UserId user, std::string_view code) = 0;

  // Keeps `secret` as the pending one. A factor that counts goes on to do so until it is confirmed.
  virtual absl::Status Enrol(unit::Scope& scope, UserId user, const std::string& secret) = 0;
  // SECOND_FACTOR_WRONG, SECOND_FACTOR_MISSING.
  virtual absl::Status Confirm(unit::Scope& scope, UserId user, std::string_view code) = 0;
  virtual absl::Status Remove(unit::Scope& scope, UserId user) = 0;
};

}  // namespace yilian::directory
