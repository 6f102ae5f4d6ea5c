#include "tests/chaos/storm/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace yilian::chaos {
namespace {

constexpr size_t kShown = 20;

}  // namespace

std::vector<std::string> List(const Arguments& arguments, const std::string& name) {
  const std::string& text = arguments.at(name);
  return text.empty() ? std::vector<std::string>() : absl::StrSplit(text, ',');
}

absl::StatusOr<absl::Duration> LengthOf(const Arguments& arguments) {
  int seconds = 0;
  if (!absl::SimpleAtoi(arguments.at("--seconds"), &seconds)) {
    return absl::InvalidArgumentError("--seconds is a number");
  }
  return absl::Seconds(seconds);
}

void Show(const std::vector<std::string>& findings) {
  for (size_t i = 0; i < std::min(findings.size(), kShown); ++i) {
    fmt::print("  {}\n", findings[i]);
  }
  if (findings.size() > kShown) fmt::print("  ... and {} more\n", findings.size() - kShown);
}

absl::Status Conclude(const Arguments& arguments, int64_t acknowledged, const Proof& proof,
                      const Faults& faults, const Weather& weather, const std::string& more) {
  Show(proof.findings);
  const std::vector<std::string> unexpected = weather.journal.unexpected();
  Show(unexpected);
  std::ofstream(arguments.at("--result")) << fmt::format(
      "{{\"chaos\":\"{}\",\"acknowledged\":{},\"lost\":{},\"duplicated\":{},\"recovered_s\":{:.2f},"
      "\"strikes\":{}{},\"findings\":{}}}\n",
      arguments.at("--name"), acknowledged, proof.lost, proof.doubled,
      absl::ToDoubleSeconds(faults.longest()), faults.strikes(), more,
      proof.findings.size() + unexpected.size());
  if (!proof.sound()) return absl::DataLossError("what is there is not what clients were told");
  if (!unexpected.empty()) return absl::InternalError("clients got answers that they must not get");
  return absl::OkStatus();
}

int RunProgram(int argc, char** argv, const std::string& name,
               absl::Status (*run)(const Arguments&)) {
  Arguments arguments = {{"--seconds", "30"}, {"--name", name}};
  for (int i = 1; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  for (const char* option : {"--region", "--result", "--replicas", "--strike", "--victims"}) {
    if (arguments.count(option) > 0) continue;
    fmt::print(stderr, "yilian-{}-storm: {} is missing\n", name, option);
    return 2;
  }
  const absl::Status status = run(arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "yilian-{}-storm: {}\n", name, status.ToString());
  return 1;
}

}  // namespace yilian::chaos
