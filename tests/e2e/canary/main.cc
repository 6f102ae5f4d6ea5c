// yilian-canary: made-up people go through a running region, and are then looked for everywhere.
//
//   yilian-canary story --region FOLDER --certificate PROGRAM
//   yilian-canary search --region FOLDER
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>

#include "common/base/status_macros.h"
#include "tests/e2e/canary/places.h"
#include "tests/e2e/canary/story.h"

namespace yilian::e2e {
namespace {

absl::Status Report(const std::vector<std::string>& findings) {
  for (const std::string& finding : findings) fmt::print("✗ {}\n", finding);
  if (findings.empty()) return absl::OkStatus();
  return absl::DataLossError(fmt::format("{} findings", findings.size()));
}

absl::Status Tell(const ctl::Region& region, const std::string& certificate, const Finder& finder) {
  People people(region, certificate);
  Witness witness(finder);
  Story story(region, people, witness);
  const absl::Status played = story.Play();
  fmt::print("  the story: {} refusals and {} fields of answers were read\n", witness.refusals(),
             witness.fields());
  if (played.ok()) {
    RETURN_IF_ERROR(SendUnfitFields(people, witness));
    fmt::print("  with every field of every method: {}\n", witness.refusals());
  }
  const absl::Status silent = Report(witness.findings());
  RETURN_IF_ERROR(played);
  RETURN_IF_ERROR(silent);
  fmt::print("✓ no refusal names anybody, nor a field that is not declared to\n");
  return absl::OkStatus();
}

absl::Status Search(const ctl::Region& region, const Finder& finder) {
  Places places(finder);
  RETURN_IF_ERROR(places.SearchColumns(region));
  RETURN_IF_ERROR(places.SearchFiles(region.folder(), region.folder() + "/db"));
  fmt::print("  looked into {} columns and {} files\n", places.columns(), places.files());
  RETURN_IF_ERROR(Report(places.findings()));
  fmt::print("✓ nobody is found\n");
  return absl::OkStatus();
}

absl::Status Run(const std::string& what, std::map<std::string, std::string> arguments) {
  const bool tell = what == "story";
  if ((!tell && what != "search") || arguments["--region"].empty() ||
      (tell && arguments["--certificate"].empty())) {
    return absl::InvalidArgumentError("story --region FOLDER --certificate PROGRAM, or search");
  }
  const ctl::Region region(arguments["--region"]);
  ASSIGN_OR_RETURN(std::vector<Form> forms, EveryForm(EveryNeedle()));
  const Finder finder(std::move(forms));
  return tell ? Tell(region, arguments["--certificate"], finder) : Search(region, finder);
}

}  // namespace
}  // namespace yilian::e2e

int main(int argc, char** argv) {
  std::map<std::string, std::string> arguments;
  for (int i = 2; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  const absl::Status status = yilian::e2e::Run(argc > 1 ? argv[1] : "", std::move(arguments));
  if (status.ok()) return 0;
  fmt::print(stderr, "yilian-canary: {}\n", status.ToString());
  return absl::IsInvalidArgument(status) ? 2 : 1;
}
