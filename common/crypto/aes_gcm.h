// AES-256-GCM by itself: one message, its nonce given. aead.h gives nonces and keys; nothing else
// calls this.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace yilian::crypto {

inline constexpr size_t kGcmNonceBytes = 12;
inline constexpr size_t kGcmTagBytes = 16;

// Ciphertext || tag; nothing when the library fails. A (key, nonce) pair must never be used twice.
std::optional<std::string> AesGcmSeal(std::string_view key, std::string_view nonce,
                                      std::string_view additional, std::string_view plaintext);

// The plaintext; nothing when anything does not fit.
std::optional<std::string> AesGcmOpen(std::string_view key, std::string_view nonce,
                                      std::string_view additional,
                                      std::string_view ciphertext_and_tag);

}  // namespace yilian::crypto
