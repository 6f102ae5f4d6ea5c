#include "tests/chaos/storm/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace yilian::chaos {
namespace {

// Enough for writes of every kind to be under way again.
constexpr int64_t kQuietAnswers = 150;
constexpr absl::Duration kLongestQuiet = absl::Seconds(3);
constexpr absl::Duration kRecovery = absl::Seconds(45);

// Kills and restarts it; when it was killed, or nothing when that went wrong.
std::optional<absl::Time> KillAndRestart(const std::string& strike, const std::string& victim) {
  std::FILE* output = popen(fmt::format("'{}' '{}'", strike, victim).c_str(), "r");
  if (output == nullptr) return std::nullopt;
  double killed = 0;
  const int read = std::fscanf(output, "%lf", &killed);
  if (pclose(output) != 0 || read != 1) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(killed);
}

}  // namespace

void Faults::Run(absl::Time end) {
  if (victims_.empty()) {
    weather_.over.WaitForNotificationWithDeadline(end);
    return;
  }
  for (size_t next = 0; absl::Now() < end; next = (next + 1) % victims_.size()) {
    weather_.answers.AwaitMore(kQuietAnswers, std::min(end, absl::Now() + kLongestQuiet));
    if (absl::Now() >= end) return;
    Strike(victims_[next]);
  }
}

void Faults::Strike(const std::string& victim) {
  const int64_t before = weather_.answers.count();
  ++strikes_;
  const std::optional<absl::Time> struck = KillAndRestart(strike_, victim);
  if (!struck) {
    weather_.journal.Unexpected(victim + " could not be killed and started again");
    return;
  }
  const absl::Time killed = *struck;
  const absl::Time restarted = absl::Now();
  std::vector<std::string> services = {victim};
  if (std::find(called_.begin(), called_.end(), victim) == called_.end()) services = called_;
  absl::Time answered = killed;
  for (const std::string& service : services) {
    const absl::Time at = weather_.answers.AwaitAnswer(service, killed, killed + kRecovery);
    if (at == absl::InfiniteFuture()) {
      weather_.journal.Unexpected(fmt::format("{} did not answer within {} s of the kill of {}",
                                              service, absl::ToInt64Seconds(kRecovery), victim));
      answered = absl::Now();
    } else {
      answered = std::max(answered, at);
    }
  }
  longest_ = std::max(longest_, answered - killed);
  fmt::print(
      "  struck {} after {} answers: running again after {:.1f} s, answering after "
      "{:.1f} s\n",
      victim, before, absl::ToDoubleSeconds(restarted - killed),
      absl::ToDoubleSeconds(answered - killed));
  std::fflush(stdout);
}

}  // namespace yilian::chaos
