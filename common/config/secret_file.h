// Files that hold a secret: passwords, keys. Only their owner may read them.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace yilian::config {

// Refuses (FAILED_PRECONDITION, with the chmod that mends it) a file that its group or others may
// read, one that is no regular file, and (NOT_FOUND / PERMISSION_DENIED) one that cannot be opened.
absl::Status CheckSecretFile(const std::string& path);
absl::Status CheckReadableFile(const std::string& path);

// The file's content without one trailing newline; CheckSecretFile holds for it. `key` names the
// configuration key in the error: "database.password_file". At most 64 KiB; an empty secret is
// refused.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path, std::string_view key);

}  // namespace yilian::config
