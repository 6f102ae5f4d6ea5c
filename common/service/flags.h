// The command line of a service.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace yilian::service {

struct Flags {
  enum class Mode { kServe, kMigrate, kCheckConfig, kHelp, kHelpConfig };
  Mode mode = Mode::kServe;
  std::string config_file;
};

// INVALID_ARGUMENT names the flag and what is allowed.
absl::StatusOr<Flags> ParseFlags(int argc, char** argv);

std::string Usage(const std::string& binary);

}  // namespace yilian::service
