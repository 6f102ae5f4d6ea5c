#include "common/crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace yilian::crypto {
namespace {

constexpr size_t kDigestBytes = 32;

// Each means that the crypto library itself is broken: there is no way to go on safely.
void Require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "libcrypto failed at %s\n", what);
  std::abort();
}

// Fetched once: OpenSSL 3 otherwise looks the algorithm up by name at every call, which costs more
// than a short hash.
const EVP_MD* FetchSha256() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Require(md != nullptr, "EVP_MD_fetch");
  return md;
}

EVP_MAC* FetchHmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Require(mac != nullptr, "EVP_MAC_fetch");
  return mac;
}

constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<int8_t, 256> InverseBase64Url() {
  std::array<int8_t, 256> inverse{};
  for (int8_t& value : inverse) value = -1;
  for (size_t i = 0; i < kBase64Url.size(); ++i) {
    inverse[static_cast<uint8_t>(kBase64Url[i])] = static_cast<int8_t>(i);
  }
  return inverse;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Sha256(std::initializer_list<std::string_view> parts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  Require(context != nullptr && EVP_DigestInit_ex(context.get(), FetchSha256(), nullptr) == 1,
          "SHA-256");
  for (const std::string_view part : parts) {
    Require(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1, "SHA-256");
  }
  std::string digest(kDigestBytes, '\0');
  Require(EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                             nullptr) == 1,
          "SHA-256");
  return digest;
}

std::string HmacSha256(std::string_view key, std::initializer_list<std::string_view> parts) {
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
      EVP_MAC_CTX_new(FetchHmac()), EVP_MAC_CTX_free);
  char name[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0),
                               OSSL_PARAM_construct_end()};
  // A null key would mean "keep the one before": an empty key gets a pointer of its own.
  const auto* key_bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
  Require(context != nullptr && EVP_MAC_init(context.get(), key_bytes, key.size(), params) == 1,
          "HMAC");
  for (const std::string_view part : parts) {
    Require(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()),
                           part.size()) == 1,
            "HMAC");
  }
  std::string digest(kDigestBytes, '\0');
  size_t size = 0;
  Require(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                        digest.size()) == 1 &&
              size == kDigestBytes,
          "HMAC");
  return digest;
}

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1,
          "RAND_bytes");
  return bytes;
}

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::optional<std::string> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string Base64Url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<uint8_t>(c);
    for (count += 8; count >= 6; count -= 6) text += kBase64Url[(bits >> (count - 6)) & 63];
  }
  if (count > 0) text += kBase64Url[(bits << (6 - count)) & 63];
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  static constexpr std::array<int8_t, 256> kInverse = InverseBase64Url();
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int8_t value = kInverse[static_cast<uint8_t>(c)];
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>((bits >> count) & 0xFF);
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace yilian::crypto
