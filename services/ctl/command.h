// A command of yilianctl, and the words that follow it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ctl/region.h"

namespace yilian::ctl {

// Positional words and `--flag value` pairs. A flag without a value has "".
struct Arguments {
  std::vector<std::string> words;
  std::map<std::string, std::string, std::less<>> flags;

  bool Has(std::string_view flag) const { return flags.contains(flag); }
  std::string Get(std::string_view flag, std::string_view otherwise = "") const;
};

struct Command {
  std::string name;         // "call", "audit verify"
  std::string usage;        // words and flags after the name
  std::string explanation;  // one or two lines
  std::function<absl::Status(const Region&, const Arguments&)> run;
  std::vector<std::string> switches = {};  // flags that take no value
};

// Every command, in the order of --help.
std::vector<Command> AllCommands();

// Each file in commands/ adds its own.
void AddCallCommands(std::vector<Command>& commands);
void AddEventCommands(std::vector<Command>& commands);
void AddInspectCommands(std::vector<Command>& commands);
void AddHealthCommands(std::vector<Command>& commands);
void AddCheckCommands(std::vector<Command>& commands);
void AddDemoCommands(std::vector<Command>& commands);
void AddStatisticsCommands(std::vector<Command>& commands);

// INVALID_ARGUMENT for an unknown flag or one without its value.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words,
                                         const Command& command);

// "reason: message", with every bad field and the remedy; for a person.
std::string Explain(const absl::Status& status);

// Prints rows under a heading, columns aligned; wide characters count twice.
void PrintTable(const std::vector<std::string>& heading,
                const std::vector<std::vector<std::string>>& rows);

// "2026-03-02 17:00:01" in the region's wall clock.
std::string ShowTime(absl::Time time);

}  // namespace yilian::ctl
