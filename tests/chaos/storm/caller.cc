#include "tests/chaos/storm/caller.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/error.h"

namespace yilian::chaos {
namespace {

constexpr absl::Duration kAttempt = absl::Seconds(4);
constexpr absl::Duration kPatience = absl::Seconds(60);

}  // namespace

bool AsksAgain(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return true;
    case absl::StatusCode::kAborted:
      return status::ReasonOf(status) == "CONTENTION";
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
      // The transport's own, when a process dies in mid-answer: a service always gives a reason.
      return status::ReasonOf(status).empty();
    default:
      return false;
  }
}

absl::Status Caller::Repeat(const std::string& service,
                            const std::function<absl::Status(absl::Duration timeout)>& attempt) {
  const absl::Time deadline = absl::Now() + kPatience;
  absl::Duration pause = absl::Milliseconds(50);
  while (true) {
    const absl::Time sent = absl::Now();
    absl::Status status = attempt(kAttempt);
    if (!AsksAgain(status)) {
      weather_.answers.Note(service, sent);
      return status;
    }
    if (absl::Now() >= deadline) return status;
    const auto asked = status::RetryOf(status);
    if (asked) {
      pause = std::max(pause, absl::Seconds(asked->retry_delay().seconds()) +
                                  absl::Nanoseconds(asked->retry_delay().nanos()));
    }
    // Clients that come back all at once would be a second outage.
    absl::SleepFor(pause);  // lint:allow(test-sleep) the client's own backoff, up to `deadline`
    pause = std::min(pause * 2, absl::Milliseconds(500));
  }
}

void Caller::Unexpected(const std::string& what, const absl::Status& status) {
  weather_.journal.Unexpected(fmt::format("{}: {} {} ({})", what,
                                          absl::StatusCodeToString(status.code()),
                                          std::string(status.message()), status::ReasonOf(status)));
}

}  // namespace yilian::chaos
