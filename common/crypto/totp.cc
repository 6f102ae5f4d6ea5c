#include "common/crypto/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "common/crypto/hash.h"

namespace yilian::crypto {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr uint32_t kSixDigits = 1'000'000;

// What may stand in a URI as it is (RFC 3986, section 2.3).
bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

int64_t TotpStepOf(absl::Time time) {
  return absl::ToUnixSeconds(time) / absl::ToInt64Seconds(kTotpStep);
}

std::string TotpCode(std::string_view secret, int64_t step) {
  std::array<unsigned char, 8> counter{};
  for (int i = 7; i >= 0; --i) {
    counter[static_cast<size_t>(i)] = static_cast<unsigned char>(step & 0xff);
    step >>= 8;
  }
  std::array<unsigned char, 20> mac{};
  unsigned int length = 0;
  if (HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
           counter.size(), mac.data(), &length) == nullptr) {
    return "";
  }
  // RFC 4226, section 5.3: four bytes at the place that the last half-byte names, without the sign.
  const size_t at = mac[19] & 0xf;
  const uint32_t number = (static_cast<uint32_t>(mac[at] & 0x7f) << 24) |
                          (static_cast<uint32_t>(mac[at + 1]) << 16) |
                          (static_cast<uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
  return fmt::format("{:06}", number % kSixDigits);
}

std::optional<int64_t> MatchTotp(std::string_view secret, std::string_view code, absl::Time now,
                                 int64_t last_step) {
  const int64_t current = TotpStepOf(now);
  std::optional<int64_t> matched;
  for (int64_t step = current - 1; step <= current + 1; ++step) {
    const std::string wanted = TotpCode(secret, step);
    if (!wanted.empty() && ConstantTimeEqual(wanted, code) && step > last_step && !matched) {
      matched = step;
    }
  }
  return matched;
}

std::string TotpUri(std::string_view issuer, std::string_view account, std::string_view secret) {
  return fmt::format(
      "otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits=6&period={3}",
      Escaped(issuer), Escaped(account), Base32(secret), absl::ToInt64Seconds(kTotpStep));
}

std::string Base32(std::string_view bytes) {
  std::string text;
  uint32_t buffer = 0;
  int bits = 0;
  for (const char byte : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[(buffer >> (bits - 5)) & 0x1f];
  }
  if (bits > 0) text += kAlphabet[(buffer << (5 - bits)) & 0x1f];
  return text;
}

std::optional<std::string> FromBase32(std::string_view text) {
  std::string bytes;
  uint32_t buffer = 0;
  int bits = 0;
  for (char c : text) {
    if (c == ' ' || c == '-' || c == '=') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 5) | static_cast<uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((buffer >> bits) & 0xff);
    }
  }
  return bytes;
}

}  // namespace yilian::crypto
