#include "services/ctl/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/error.h"

namespace yilian::ctl {
namespace {

// Columns of a terminal: CJK takes two.
size_t Width(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const size_t length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    width += length >= 3 ? 2 : 1;
    i += length;
  }
  return width;
}

}  // namespace

std::string Arguments::Get(std::string_view flag, std::string_view otherwise) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::string(otherwise) : found->second;
}

std::vector<Command> AllCommands() {
  std::vector<Command> commands;
  AddCallCommands(commands);
  AddEventCommands(commands);
  AddInspectCommands(commands);
  AddHealthCommands(commands);
  AddCheckCommands(commands);
  AddStatisticsCommands(commands);
  AddDemoCommands(commands);
  return commands;
}

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words,
                                         const Command& command) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) {
      arguments.words.push_back(words[i]);
      continue;
    }
    std::string flag = words[i].substr(2);
    if (const size_t equals = flag.find('='); equals != std::string::npos) {
      arguments.flags[flag.substr(0, equals)] = flag.substr(equals + 1);
      continue;
    }
    if (std::find(command.switches.begin(), command.switches.end(), flag) !=
        command.switches.end()) {
      arguments.flags[flag] = "";
      continue;
    }
    if (command.usage.find("--" + flag + " ") == std::string::npos) {
      return absl::InvalidArgumentError(
          fmt::format("yilianctl {} knows no --{}: {}", command.name, flag, command.usage));
    }
    if (i + 1 == words.size())
      return absl::InvalidArgumentError(fmt::format("--{} needs a value", flag));
    arguments.flags[flag] = words[++i];
  }
  return arguments;
}

std::string Explain(const absl::Status& status) {
  std::string text =
      fmt::format("{} {}", absl::StatusCodeToString(status.code()), status::ReasonOf(status));
  text += fmt::format(": {}", std::string(status.message()));
  if (const auto localized = status::LocalizedOf(status))
    text += fmt::format("\n  {}", localized->message());
  if (const auto info = status::InfoOf(status)) {
    for (const auto& [key, value] : info->metadata())
      text += fmt::format("\n  {} = {}", key, value);
  }
  if (const auto bad = status::BadRequestOf(status)) {
    for (const auto& violation : bad->field_violations()) {
      text += fmt::format("\n  {} {}", violation.field(), violation.description());
    }
  }
  if (const auto failed = status::PreconditionOf(status)) {
    for (const auto& violation : failed->violations()) {
      text += fmt::format("\n  {}: {}", violation.subject(), violation.description());
    }
  }
  if (const auto retry = status::RetryOf(status)) {
    text += fmt::format("\n  try again in {} ms", retry->retry_delay().seconds() * 1000 +
                                                      retry->retry_delay().nanos() / 1'000'000);
  }
  return text;
}

void PrintTable(const std::vector<std::string>& heading,
                const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(heading.size(), 0);
  std::vector<std::vector<std::string>> lines = {heading};
  lines.insert(lines.end(), rows.begin(), rows.end());
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  for (const auto& line : lines) {
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text += std::string(widths[i] - Width(line[i]) + 2, ' ');
    }
    fmt::print("{}\n", text);
  }
}

std::string ShowTime(absl::Time time) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("Asia/Shanghai", &zone)) zone = absl::UTCTimeZone();
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, zone);
}

}  // namespace yilian::ctl
