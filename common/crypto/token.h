// What an access token says, and who checks it. common/rpc asks a TokenVerifier; jwt.h has the real
// one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::crypto {

// The claims of a verified access token.
struct TokenClaims {
  base::Uuid user_id;              // `sub`; never nil
  base::Uuid practitioner_id;      // nil: the account belongs to no practitioner
  base::Uuid organization_id;      // never nil
  std::vector<std::string> roles;  // names of yilian.policy.v1.Role, e.g. "ROLE_CLINIC_DOCTOR"
  base::Uuid token_id;             // `jti`; never nil
  absl::Time issued_at;
  absl::Time expires_at;
};

// Implementations are thread-safe.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // `token` is the compact form, without "Bearer ". UNAUTHENTICATED with the reason TOKEN_EXPIRED
  // when it was good once, TOKEN_INVALID for everything else (domain "yilian"); the error never
  // says which byte was wrong.
  virtual absl::StatusOr<TokenClaims> Verify(std::string_view token) const = 0;
  // Grows when a token that verified before may not any more (a key was taken back). Who remembers
  // outcomes of Verify asks on every call and forgets them all when it changed. Cheap.
  virtual uint64_t Generation() const { return 0; }
};

}  // namespace yilian::crypto
