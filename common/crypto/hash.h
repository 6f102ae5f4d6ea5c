// SHA-256, HMAC, random bytes and the text forms of bytes.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace yilian::crypto {

// 32 raw bytes; of the parts one after the other, so that a chain needs no copy.
std::string Sha256(std::initializer_list<std::string_view> parts);
inline std::string Sha256(std::string_view data) { return Sha256({data}); }

// 32 raw bytes.
std::string HmacSha256(std::string_view key, std::initializer_list<std::string_view> parts);
inline std::string HmacSha256(std::string_view key, std::string_view message) {
  return HmacSha256(key, {message});
}

// From the system's generator; for keys, nonces and salts. Ends the process when there is no
// randomness to be had.
std::string RandomBytes(size_t count);

// Lower case.
std::string Hex(std::string_view bytes);
// Both cases; nothing when it is not pairs of hexadecimal digits.
std::optional<std::string> FromHex(std::string_view hex);

// RFC 4648 section 5, without padding.
std::string Base64Url(std::string_view bytes);
// Strict: no padding, no white space, unused bits zero, so that one value has one text.
std::optional<std::string> FromBase64Url(std::string_view text);

// Takes as long for any content of equal length.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace yilian::crypto
