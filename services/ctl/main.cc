// yilianctl: what an operator, or an engineer who integrates a HIS, does from a terminal.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "services/ctl/command.h"

namespace yilian::ctl {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

void PrintHelp(const std::vector<Command>& commands) {
  fmt::print(
      "Usage: yilianctl [--region FOLDER] COMMAND ...\n\n"
      "  --region FOLDER  folder of the region; default: $YILIAN_VAR, else ./var\n\n"
      "Commands:\n");
  for (const Command& command : commands) {
    fmt::print("  {} {}\n      {}\n", command.name, command.usage, command.explanation);
  }
}

// The command whose name the words begin with; the longest wins ("audit verify" before "audit").
const Command* FindCommand(const std::vector<Command>& commands,
                           const std::vector<std::string>& words, size_t* length) {
  const Command* best = nullptr;
  for (const Command& command : commands) {
    const std::vector<std::string> name = absl::StrSplit(command.name, ' ');
    if (name.size() > words.size() || !std::equal(name.begin(), name.end(), words.begin()))
      continue;
    if (best == nullptr || name.size() > *length) {
      best = &command;
      *length = name.size();
    }
  }
  return best;
}

int Run(std::vector<std::string> words) {
  const char* from_environment = std::getenv("YILIAN_VAR");
  std::string folder = from_environment != nullptr ? from_environment : "var";
  if (words.size() >= 2 && words[0] == "--region") {
    folder = words[1];
    words.erase(words.begin(), words.begin() + 2);
  }
  const std::vector<Command> commands = AllCommands();
  if (words.empty() || words[0] == "--help" || words[0] == "help") {
    PrintHelp(commands);
    return words.empty() ? kWrongUse : kDone;
  }
  const bool help = words.back() == "--help";
  if (help) words.pop_back();
  size_t length = 0;
  const Command* command = FindCommand(commands, words, &length);
  if (command == nullptr) {
    bool found = false;
    for (const Command& one : commands) {
      if (!words.empty() && one.name.starts_with(words[0])) {
        fmt::print("yilianctl {} {}\n  {}\n", one.name, one.usage, one.explanation);
        found = true;
      }
    }
    if (!found) fmt::print(stderr, "yilianctl knows no \"{}\": see yilianctl --help\n", words[0]);
    return found && help ? kDone : kWrongUse;
  }
  if (help) {
    fmt::print("yilianctl {} {}\n  {}\n", command->name, command->usage, command->explanation);
    return kDone;
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(length));
  const absl::StatusOr<Arguments> arguments = ParseArguments(words, *command);
  if (!arguments.ok()) {
    fmt::print(stderr, "{}\n", std::string(arguments.status().message()));
    return kWrongUse;
  }
  const absl::Status status = command->run(Region(folder), *arguments);
  if (!status.ok()) fmt::print(stderr, "{}\n", Explain(status));
  return status.ok() ? kDone : kFailed;
}

}  // namespace
}  // namespace yilian::ctl

int main(int argc, char** argv) {
  return yilian::ctl::Run(std::vector<std::string>(argv + 1, argv + argc));
}
