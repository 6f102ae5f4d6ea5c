// Authenticated encryption by a key ring: AES-256-GCM, the key's id in front. field_cipher.h and
// sealed.h stand on it.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/key_ring.h"

namespace yilian::crypto {

// version (1 byte, 1) || length of kid (1 byte) || kid || nonce (12 bytes) || ciphertext || tag (16
// bytes). The header and every part of `bound` are authenticated; parts are length-prefixed, so
// that ("ab", "c") is not ("a", "bc"). Nonces are random: one key is good for 2^32 messages (NIST
// SP 800-38D); take a new one long before.
absl::StatusOr<std::string> AeadSeal(const KeyRing& ring,
                                     std::initializer_list<std::string_view> bound,
                                     std::string_view plaintext);

// DATA_LOSS when the bytes were changed or are bound to something else; FAILED_PRECONDITION when
// the ring lacks the key.
absl::StatusOr<std::string> AeadOpen(KeyRing& ring, std::initializer_list<std::string_view> bound,
                                     std::string_view sealed);

// The kid of sealed bytes; "" when they are none.
std::string_view AeadKeyId(std::string_view sealed);

}  // namespace yilian::crypto
