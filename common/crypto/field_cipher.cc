#include "common/crypto/field_cipher.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/crypto/key_files.h"

namespace yilian::crypto {
namespace {

constexpr std::string_view kUse =
    "field";  // keeps field ciphertexts apart from sealed tokens of the same key
constexpr size_t kBlindIndexBytes = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<FieldCipher>> FieldCipher::Open(const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<KeyRing> ring, KeyRing::Open(folder));
  return std::make_unique<FieldCipher>(std::move(ring));
}

absl::StatusOr<std::string> FieldCipher::Encrypt(const FieldPlace& place,
                                                 std::string_view value) const {
  return AeadSeal(*ring_, {kUse, place.column, place.row_id.view()}, value);
}

absl::StatusOr<std::string> FieldCipher::Decrypt(const FieldPlace& place,
                                                 std::string_view ciphertext) const {
  absl::StatusOr<std::string> value =
      AeadOpen(*ring_, {kUse, place.column, place.row_id.view()}, ciphertext);
  if (!value.ok()) {
    return absl::Status(value.status().code(),
                        fmt::format("{} of row {}: {}", place.column, place.row_id.ToString(),
                                    std::string(value.status().message())));
  }
  return value;
}

bool FieldCipher::IsStale(std::string_view ciphertext) const {
  return AeadKeyId(ciphertext) != ring_->Newest()->kid;
}

absl::StatusOr<std::unique_ptr<BlindIndex>> BlindIndex::Open(const std::string& folder) {
  ASSIGN_OR_RETURN(SecretBytes key,
                   ReadKeyFile(fmt::format("{}/{}.key", folder, kBlindIndexKeyName)));
  return std::make_unique<BlindIndex>(std::move(key));
}

std::string BlindIndex::Of(std::string_view column, std::string_view value) const {
  // A column's name holds no NUL, so that the first one ends it: (column, value) has one reading.
  return HmacSha256(key_.view(), {column, std::string_view("\0", 1), value})
      .substr(0, kBlindIndexBytes);
}

}  // namespace yilian::crypto
