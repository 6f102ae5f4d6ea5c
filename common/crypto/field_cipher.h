// Encryption of single database fields (national id, phone number), and the index by which they are
// found again.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/crypto/key_ring.h"
#include "common/crypto/secret_bytes.h"

namespace yilian::crypto {

// The place a value belongs to. A ciphertext that is moved to another row or column does not open.
struct FieldPlace {
  std::string_view column;  // "patient.national_id"
  base::Uuid row_id;
};

// Thread-safe. One a service, over its `field_keys_folder`.
class FieldCipher {
 public:
  static absl::StatusOr<std::unique_ptr<FieldCipher>> Open(const std::string& folder);
  explicit FieldCipher(std::unique_ptr<KeyRing> ring) : ring_(std::move(ring)) {}

  // Bytes for a VARBINARY column: 62 bytes more than the value at most (AeadSeal).
  absl::StatusOr<std::string> Encrypt(const FieldPlace& place, std::string_view value) const;
  // DATA_LOSS when it was changed or moved; FAILED_PRECONDITION when its key is gone.
  absl::StatusOr<std::string> Decrypt(const FieldPlace& place, std::string_view ciphertext) const;
  // True when it was written with an older key: a rotation job encrypts it again.
  bool IsStale(std::string_view ciphertext) const;

 private:
  std::unique_ptr<KeyRing> ring_;
};

// Finds rows by an encrypted value: 16 bytes that only the holder of the key can compute. Equal
// values of one column have equal bytes; the key never changes without a new index. Thread-safe.
class BlindIndex {
 public:
  // Reads `blind-index.key` of the folder.
  static absl::StatusOr<std::unique_ptr<BlindIndex>> Open(const std::string& folder);
  explicit BlindIndex(SecretBytes key) : key_(std::move(key)) {}

  // `value` in its one normal form (the caller's: upper case, no blanks); "patient.national_id"
  // keeps columns apart.
  std::string Of(std::string_view column, std::string_view value) const;

 private:
  SecretBytes key_;
};

}  // namespace yilian::crypto
