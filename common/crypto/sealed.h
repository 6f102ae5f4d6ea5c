// Tokens that a caller carries and cannot read, change or use for something else: page tokens, hold
// tokens.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/key_ring.h"

namespace yilian::crypto {

// Thread-safe. One a service, over its `seal_keys_folder`, which its replicas share.
class Sealer {
 public:
  static absl::StatusOr<std::unique_ptr<Sealer>> Open(const std::string& folder);
  explicit Sealer(std::unique_ptr<KeyRing> ring) : ring_(std::move(ring)) {}

  // Text for a string field (base64url). `purpose` names the kind ("scheduling.page.ListSeats");
  // `context` is what it is bound to and is not stored: the caller's name and the query, in one
  // form. Sealing twice gives two texts.
  absl::StatusOr<std::string> Seal(std::string_view purpose, std::string_view context,
                                   std::string_view plaintext) const;
  // INVALID_ARGUMENT, reason SEALED_TOKEN_INVALID, for whatever was not sealed here for this
  // purpose and context.
  absl::StatusOr<std::string> Unseal(std::string_view purpose, std::string_view context,
                                     std::string_view token) const;

 private:
  std::unique_ptr<KeyRing> ring_;
};

}  // namespace yilian::crypto
