#include "common/crypto/fingerprint.h"

#include "common/base/status_macros.h"
#include "common/crypto/hash.h"

namespace yilian::crypto {

absl::StatusOr<std::unique_ptr<Fingerprints>> Fingerprints::Open(const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<KeyRing> ring, KeyRing::Open(folder));
  return std::make_unique<Fingerprints>(std::move(ring));
}

std::vector<std::string> Fingerprints::Of(std::string_view purpose,
                                          std::string_view content) const {
  std::vector<std::string> digests;
  for (const auto& key : ring_->All()) {
    // The ring's keys also seal tokens: each use has a key of its own, derived from it.
    const std::string derived = HmacSha256(key->bytes.view(), {"fingerprint ", purpose});
    digests.push_back(HmacSha256(derived, content));
  }
  return digests;
}

}  // namespace yilian::crypto
