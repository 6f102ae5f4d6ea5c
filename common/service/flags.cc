#include "common/service/flags.h"

#include <fmt/format.h>

#include <string_view>

namespace yilian::service {

absl::StatusOr<Flags> ParseFlags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--help" || flag == "-h") {
      flags.mode = Flags::Mode::kHelp;
    } else if (flag == "--help-config") {
      flags.mode = Flags::Mode::kHelpConfig;
    } else if (flag == "--migrate") {
      flags.mode = Flags::Mode::kMigrate;
    } else if (flag == "--check-config") {
      flags.mode = Flags::Mode::kCheckConfig;
    } else if (flag == "--config" && i + 1 < argc) {
      flags.config_file = argv[++i];
    } else if (flag.starts_with("--config=")) {
      flags.config_file = std::string(flag.substr(9));
    } else {
      return absl::InvalidArgumentError(
          fmt::format("unknown flag or missing value: {} (see --help)", flag));
    }
  }
  const bool needs_file =
      flags.mode != Flags::Mode::kHelp && flags.mode != Flags::Mode::kHelpConfig;
  if (needs_file && flags.config_file.empty()) {
    return absl::InvalidArgumentError("--config FILE is needed (see --help)");
  }
  return flags;
}

std::string Usage(const std::string& binary) {
  return fmt::format(
      "Usage: {0} --config FILE [--check-config | --migrate]\n"
      "       {0} --help | --help-config\n"
      "\n"
      "  --config FILE    configuration, JSON; every key is explained by --help-config\n"
      "  --check-config   reads and checks the configuration and the files it names, and ends\n"
      "  --migrate        brings the database schema up to date, and ends\n"
      "  --help-config    prints every configuration key with its meaning and default\n"
      "\n"
      "Without --check-config or --migrate it serves until SIGTERM, then finishes what it is "
      "doing.\n"
      "Exit code: 0 done, 1 could not start or go on, 2 wrong flags or configuration.\n",
      binary);
}

}  // namespace yilian::service
