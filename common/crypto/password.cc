#include "common/crypto/password.h"

#include <argon2.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>

#include "common/crypto/hash.h"

namespace yilian::crypto {
namespace {

// OWASP's second choice (19 MiB, 2 passes): the one with the least memory, since several may sign
// in at once.
constexpr uint32_t kMemoryKib = 19 * 1024;
constexpr uint32_t kPasses = 2;
constexpr uint32_t kLanes = 1;
constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;
// Greatest parameters of a stored hash that are still computed.
constexpr uint32_t kMaxMemoryKib = 256 * 1024;
constexpr uint32_t kMaxPasses = 10;

struct Parameters {
  uint32_t memory_kib = 0;
  uint32_t passes = 0;
  uint32_t lanes = 0;
};

// Reads `name` and the number behind it off the front of `text`.
std::optional<uint32_t> TakeNumber(std::string_view& text, std::string_view name) {
  if (text.substr(0, name.size()) != name) return std::nullopt;
  text.remove_prefix(name.size());
  uint32_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(stop - text.data()));
  return number;
}

std::optional<Parameters> ParametersOf(std::string_view encoded) {
  constexpr std::string_view kPrefix = "$argon2id$v=19$";
  if (encoded.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  encoded.remove_prefix(kPrefix.size());
  const auto memory = TakeNumber(encoded, "m=");
  const auto passes = TakeNumber(encoded, ",t=");
  const auto lanes = TakeNumber(encoded, ",p=");
  if (!memory || !passes || !lanes) return std::nullopt;
  return Parameters{*memory, *passes, *lanes};
}

}  // namespace

absl::StatusOr<std::string> HashPassword(std::string_view password) {
  if (password.empty() || password.size() > kMaxPasswordBytes) {
    return absl::InvalidArgumentError(
        fmt::format("a password has 1 to {} bytes", kMaxPasswordBytes));
  }
  const std::string salt = RandomBytes(kSaltBytes);
  std::string encoded(
      argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const int result =
      argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) {
    return absl::ResourceExhaustedError(fmt::format("Argon2id: {}", argon2_error_message(result)));
  }
  encoded.resize(encoded.find('\0') == std::string::npos ? encoded.size() : encoded.find('\0'));
  return encoded;
}

bool VerifyPassword(std::string_view password, const std::string& encoded) {
  const std::optional<Parameters> parameters = ParametersOf(encoded);
  if (!parameters || parameters->memory_kib > kMaxMemoryKib || parameters->passes > kMaxPasses ||
      parameters->lanes > 4 || password.empty() || password.size() > kMaxPasswordBytes) {
    return false;
  }
  return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

void VerifyNobody(std::string_view password) {
  // Not known to anybody: made of random bytes at the first call.
  static const std::string* const nobody =
      new std::string(HashPassword(Hex(RandomBytes(16))).value_or(""));
  VerifyPassword(password, *nobody);
}

bool NeedsRehash(std::string_view encoded) {
  const std::optional<Parameters> parameters = ParametersOf(encoded);
  return !parameters || parameters->memory_kib != kMemoryKib || parameters->passes != kPasses ||
         parameters->lanes != kLanes;
}

}  // namespace yilian::crypto
