// Key files: one 32-byte key a file, as 64 hexadecimal digits, that only its owner may read.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/secret_bytes.h"

namespace yilian::crypto {

inline constexpr size_t kKeyBytes = 32;

// Reads a key. Refuses a file that others may read, and one that does not hold a key; errors name
// the file and the remedy.
absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path);

// Writes a fresh random key to a new file of mode 0600 and makes it durable. ALREADY_EXISTS when
// there is one: a key that is overwritten takes everything sealed by it along.
absl::Status CreateKeyFile(const std::string& path);

// Writes a new file with that content, mode and durability; ALREADY_EXISTS as above.
absl::Status CreateFile(const std::string& path, std::string_view content, int mode);

// Key ids are the names of key files without their ending: 1 to 32 of a-z, 0-9, '-', '_', '.';
// first a letter or digit.
bool IsKeyId(std::string_view kid);

}  // namespace yilian::crypto
