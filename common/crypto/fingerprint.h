// Keyed digests of content that is to be recognized and not stored: of a request, to tell the same
// one from another under the same request_id.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/key_ring.h"

namespace yilian::crypto {

// A plain hash of a request would let whoever reads the database guess a password or an identity
// number in it; without the key a guess cannot be checked. Thread-safe. One a service, over its
// `seal_keys_folder`, which its replicas share.
class Fingerprints {
 public:
  static absl::StatusOr<std::unique_ptr<Fingerprints>> Open(const std::string& folder);
  explicit Fingerprints(std::unique_ptr<KeyRing> ring) : ring_(std::move(ring)) {}

  // 32 raw bytes each: by the newest key, which is to be stored, then by every older key that is
  // still in the folder, for what was stored before the newest one came. `purpose` separates uses.
  std::vector<std::string> Of(std::string_view purpose, std::string_view content) const;

 private:
  std::unique_ptr<KeyRing> ring_;
};

}  // namespace yilian::crypto
