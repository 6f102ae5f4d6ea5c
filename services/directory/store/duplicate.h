// Which key a refused row met.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/status/error.h"

namespace yilian::directory {

// The name of the unique key, or "" when `status` is not about one.
inline std::string DuplicateKeyOf(const absl::Status& status) {
  if (status::ReasonOf(status) != "DUPLICATE_KEY") return "";
  return status::InfoOf(status)->metadata().at("key");
}

}  // namespace yilian::directory
