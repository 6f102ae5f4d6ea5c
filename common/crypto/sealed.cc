#include "common/crypto/sealed.h"

#include <fmt/format.h>

#include <optional>

#include "common/base/status_macros.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/status/error.h"

namespace yilian::crypto {
namespace {

constexpr std::string_view kUse = "sealed";
constexpr size_t kMaxTokenBytes = 8 * 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<Sealer>> Sealer::Open(const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<KeyRing> ring, KeyRing::Open(folder));
  return std::make_unique<Sealer>(std::move(ring));
}

absl::StatusOr<std::string> Sealer::Seal(std::string_view purpose, std::string_view context,
                                         std::string_view plaintext) const {
  ASSIGN_OR_RETURN(const std::string sealed, AeadSeal(*ring_, {kUse, purpose, context}, plaintext));
  return Base64Url(sealed);
}

absl::StatusOr<std::string> Sealer::Unseal(std::string_view purpose, std::string_view context,
                                           std::string_view token) const {
  const auto invalid = [] {
    return status::Error(absl::StatusCode::kInvalidArgument, "yilian", "SEALED_TOKEN_INVALID")
        .Message("the token was not issued to this caller for this request");
  };
  if (token.size() > kMaxTokenBytes) return invalid();
  const std::optional<std::string> sealed = FromBase64Url(token);
  if (!sealed) return invalid();
  absl::StatusOr<std::string> plaintext = AeadOpen(*ring_, {kUse, purpose, context}, *sealed);
  if (!plaintext.ok()) return invalid();
  return plaintext;
}

}  // namespace yilian::crypto
