#include "common/crypto/aead.h"

#include <cstdint>
#include <memory>
#include <optional>

#include "common/crypto/aes_gcm.h"
#include "common/crypto/hash.h"

namespace yilian::crypto {
namespace {

constexpr char kVersion = 1;

std::string AdditionalData(std::string_view header, std::initializer_list<std::string_view> bound) {
  std::string data;
  const auto append = [&data](std::string_view part) {
    const auto size = static_cast<uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8) data += static_cast<char>((size >> shift) & 0xFF);
    data += part;
  };
  append(header);
  for (const std::string_view part : bound) append(part);
  return data;
}

// Version, kid length and kid; empty when `sealed` is too short to have all its parts.
std::string_view HeaderOf(std::string_view sealed) {
  if (sealed.size() < 2 || sealed[0] != kVersion || sealed[1] == 0) return {};
  const size_t header = 2 + static_cast<uint8_t>(sealed[1]);
  if (sealed.size() < header + kGcmNonceBytes + kGcmTagBytes) return {};
  return sealed.substr(0, header);
}

absl::Status Changed() {
  return absl::DataLossError("the sealed bytes were changed, or belong somewhere else");
}

}  // namespace

absl::StatusOr<std::string> AeadSeal(const KeyRing& ring,
                                     std::initializer_list<std::string_view> bound,
                                     std::string_view plaintext) {
  const std::shared_ptr<const KeyRing::Key> key = ring.Newest();
  std::string sealed{kVersion, static_cast<char>(key->kid.size())};
  sealed += key->kid;
  const std::string nonce = RandomBytes(kGcmNonceBytes);
  const std::optional<std::string> body =
      AesGcmSeal(key->bytes.view(), nonce, AdditionalData(sealed, bound), plaintext);
  if (!body) return absl::InternalError("AES-256-GCM failed");
  return sealed + nonce + *body;
}

absl::StatusOr<std::string> AeadOpen(KeyRing& ring, std::initializer_list<std::string_view> bound,
                                     std::string_view sealed) {
  const std::string_view header = HeaderOf(sealed);
  if (header.empty()) return Changed();
  const std::shared_ptr<const KeyRing::Key> key = ring.Find(header.substr(2));
  if (key == nullptr) {
    // Does not name the kid: it is whatever the bytes say.
    return absl::FailedPreconditionError(
        "the key that sealed these bytes is not in the key folder");
  }
  std::optional<std::string> plaintext =
      AesGcmOpen(key->bytes.view(), sealed.substr(header.size(), kGcmNonceBytes),
                 AdditionalData(header, bound), sealed.substr(header.size() + kGcmNonceBytes));
  if (!plaintext) return Changed();
  return *std::move(plaintext);
}

std::string_view AeadKeyId(std::string_view sealed) {
  const std::string_view header = HeaderOf(sealed);
  return header.empty() ? header : header.substr(2);
}

}  // namespace yilian::crypto
