// How right and how quick the patient index is: against the public labelled set, and among a
// county's made-up patients. Run by tests/bench/run patient-matching.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/numbers.h"
#include "tests/bench/patient-matching/labelled_set.h"
#include "tests/bench/patient-matching/speed.h"

namespace yilian::bench {
namespace {

std::string Describe(std::string_view what, const Accuracy& one) {
  return fmt::format(
      "{:<34} {:4} true links  {:4} made, {:4} right  sensitivity {:.4f}  precision {:.4f}  "
      "reviews {:4}, {:4} true  sensitivity with review {:.4f}\n",
      what, one.true_links, one.made, one.right, one.sensitivity(), one.precision(), one.review,
      one.reviewed, one.sensitivity_with_review());
}

// JSON fields; nothing where the set is not there.
std::string ScoreSet(const std::string& folder) {
  auto set = ReadLabelledSet(folder);
  if (!set.ok()) {
    fmt::print("skipped: no labelled set: {}\n", set.status().ToString());
    return "";
  }
  const Accuracy all = Score(*set, -1);
  const Accuracy held_out = Score(*set, 1);
  fmt::print("{}", Describe("all", all));
  fmt::print("{}", Describe("tuned on", Score(*set, 0)));
  fmt::print("{}", Describe("held out", held_out));
  // The harder question: the same people without their two identifiers.
  for (LabelledRecord& record : set->records) record.said.identifiers.clear();
  const Accuracy bare = Score(*set, -1);
  const Accuracy bare_held_out = Score(*set, 1);
  fmt::print("{}", Describe("without identifiers, all", bare));
  fmt::print("{}", Describe("without identifiers, tuned on", Score(*set, 0)));
  fmt::print("{}", Describe("without identifiers, held out", bare_held_out));
  fmt::print("how the half that was tuned on agrees, by field and agreement:\n{}",
             AgreementTable(*set, 0));
  return fmt::format(
      R"("true_links":{},"sensitivity":{:.4f},"precision":{:.4f},"held_out_sensitivity":{:.4f},)"
      R"("held_out_precision":{:.4f},"without_identifiers":{{"sensitivity":{:.4f},"precision":{:.4f},)"
      R"("sensitivity_with_review":{:.4f},"held_out_with_review":{:.4f}}},)",
      all.true_links, all.sensitivity(), all.precision(), held_out.sensitivity(),
      held_out.precision(), bare.sensitivity(), bare.precision(), bare.sensitivity_with_review(),
      bare_held_out.sensitivity_with_review());
}

int Run(int argc, char** argv) {
  std::string folder;
  int patients = 430'000;
  int matches = 10'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    bool known = true;
    if (flag == "--set") {
      folder = argv[i + 1];
    } else if (flag == "--patients") {
      known = absl::SimpleAtoi(argv[i + 1], &patients);
    } else if (flag == "--matches") {
      known = absl::SimpleAtoi(argv[i + 1], &matches) && matches > 1;
    } else {
      known = false;
    }
    if (!known) {
      fmt::print(stderr, "usage: {} --set FOLDER [--patients N] [--matches N]\n", argv[0]);
      return 2;
    }
  }
  const std::string score = ScoreSet(folder);
  const auto speed = MeasureSpeed(patients, matches);
  if (!speed.ok()) {
    fmt::print(stderr, "{}\n", speed.status().ToString());
    return 1;
  }
  fmt::print("{} made-up patients loaded in {:.0f} s, {} matches\n", speed->patients,
             speed->load_seconds, speed->matches);
  fmt::print(
      R"({{"bench":"patient-matching",{}"patients":{},"matches":{},"p50_ms":{:.2f},"p99_ms":{:.2f},)"
      R"("worst_ms":{:.2f},"found_or_reviewed":{:.4f},"taken_for_another":{}}})"
      "\n",
      score, speed->patients, speed->matches, speed->p50_ms, speed->p99_ms, speed->worst_ms,
      speed->found_or_reviewed, speed->taken_for_another);
  return 0;
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) { return yilian::bench::Run(argc, argv); }
