// Access tokens: JSON Web Tokens in compact form, ES256 and nothing else (RFC 7515, RFC 7519, RFC
// 8725).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/es256.h"
#include "common/crypto/token.h"
#include "common/crypto/verification_keys.h"

namespace yilian::crypto {

// Issues tokens; only `directory` has one. Thread-safe.
class JwtSigner {
 public:
  struct Options {
    std::string
        private_key_file;  // PEM; its public half lies in the verifiers' folder as <kid>.pem
    std::string kid;
    std::string issuer;
    std::string audience;
    absl::Duration lifetime = absl::Minutes(15);
  };
  struct Signed {
    std::string token;
    TokenClaims claims;  // with the token_id and times that were filled in
  };

  // What narrows a token's time beside the signer's lifetime.
  struct Limits {
    // The token is issued at or after it: a revocation in the same second does not meet a token
    // that was given after it. At most a second from now.
    absl::Time not_before = absl::InfinitePast();
    absl::Time not_after = absl::InfiniteFuture();
  };

  // `clock` outlives the signer. INVALID_ARGUMENT for names that do not belong into a token.
  static absl::StatusOr<std::unique_ptr<JwtSigner>> Open(Options options, const base::Clock& clock);

  // Signs for `claims`, with now and now + lifetime; a nil token_id becomes a fresh one.
  absl::StatusOr<Signed> Sign(TokenClaims claims) const {
    return Sign(std::move(claims), Limits());
  }
  absl::StatusOr<Signed> Sign(TokenClaims claims, const Limits& limits) const;

 private:
  JwtSigner(Options options, Es256PrivateKey key, const base::Clock& clock)
      : options_(std::move(options)), key_(std::move(key)), clock_(clock) {}

  const Options options_;
  const Es256PrivateKey key_;
  const base::Clock& clock_;
};

// Checks tokens against the keys of a folder. Every call checks the signature (about 0.1 ms): the
// frame remembers the outcome, and forgets it when Generation() changes. Thread-safe.
class JwtVerifier : public TokenVerifier {
 public:
  struct Options {
    std::string public_keys_folder;
    std::string issuer;
    std::string audience;
    size_t max_token_bytes = 4096;
    absl::Duration clock_leeway =
        absl::Seconds(30);  // a token may seem to be from the future by as much
    absl::Duration max_lifetime = absl::Hours(24);  // a token that claims to live longer is refused
    absl::Duration reload_interval = absl::Seconds(1);
    std::function<void(std::string_view)> on_fault;  // a key file went bad; may be empty
  };
  static absl::StatusOr<std::unique_ptr<JwtVerifier>> Open(Options options,
                                                           const base::Clock& clock);

  absl::StatusOr<TokenClaims> Verify(std::string_view token) const override;
  uint64_t Generation() const override { return keys_->Refresh(); }

 private:
  JwtVerifier(Options options, std::unique_ptr<VerificationKeys> keys, const base::Clock& clock)
      : options_(std::move(options)), keys_(std::move(keys)), clock_(clock) {}

  // Everything but the times. Nothing: not valid.
  std::optional<TokenClaims> Check(std::string_view token) const;
  std::optional<TokenClaims> Parse(std::string_view payload) const;

  const Options options_;
  const std::unique_ptr<VerificationKeys> keys_;
  const base::Clock& clock_;
};

}  // namespace yilian::crypto
