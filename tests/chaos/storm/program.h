// What the programs of storms do alike: their arguments, what they prove, and how they say it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/chaos/storm/caller.h"
#include "tests/chaos/storm/faults.h"

namespace yilian::chaos {

// By their names: "--region".
using Arguments = std::map<std::string, std::string>;

// A list with commas between.
std::vector<std::string> List(const Arguments& arguments, const std::string& name);
absl::StatusOr<absl::Duration> LengthOf(const Arguments& arguments);

// What contradicts what clients were told.
struct Proof {
  int64_t lost = 0;     // told, and not there or not so
  int64_t doubled = 0;  // once asked, with two effects
  std::vector<std::string> findings;

  void Lost(std::string what) {
    ++lost;
    findings.push_back(std::move(what));
  }
  void Doubled(std::string what) {
    ++doubled;
    findings.push_back(std::move(what));
  }
  bool sound() const { return findings.empty(); }
};

// The first of them on standard output, and how many more there are.
void Show(const std::vector<std::string>& findings);

// Shows what was found and writes the result's line; `more`: further members, each with a comma
// before it. DATA_LOSS for what is unsound, INTERNAL for answers that nobody must get.
absl::Status Conclude(const Arguments& arguments, int64_t acknowledged, const Proof& proof,
                      const Faults& faults, const Weather& weather, const std::string& more);

// Of main(): reads the arguments, runs, and says what went wrong. `name`: of the storm, "booking".
int RunProgram(int argc, char** argv, const std::string& name,
               absl::Status (*run)(const Arguments&));

}  // namespace yilian::chaos
