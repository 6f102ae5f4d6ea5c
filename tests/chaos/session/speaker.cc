#include "tests/chaos/session/speaker.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/time/clock.h"

namespace yilian::chaos {
namespace {

namespace v1 = consultation::v1;

// A replica that is stopped keeps a stream open and silent; the speaker's patience with one ends.
constexpr absl::Duration kAttempt = absl::Seconds(2);
constexpr absl::Duration kPatience = absl::Seconds(60);
// Below what a participant may write in a second.
constexpr absl::Duration kBreath = absl::Milliseconds(220);

bool Accepts(const consultation::Heard& heard, const std::string& request_id) {
  return std::any_of(heard.accepted.rbegin(), heard.accepted.rend(),
                     [&](const auto& one) { return one.request_id() == request_id; });
}

}  // namespace

void Speaker::Join() {
  ++joins_;
  client_.Join(deps_.replicas[next_++ % deps_.replicas.size()], deps_.session);
}

bool Speaker::Say(const v1::JoinSessionRequest& frame) {
  const absl::Time deadline = absl::Now() + kPatience;
  if (joins_ == 0) Join();
  while (absl::Now() < deadline) {
    const absl::Time sent = absl::Now();
    const size_t refused = client_.heard().refusals.size();
    if (client_.Send(frame)) {
      client_.Await(
          [&](const consultation::Heard& heard) {
            return Accepts(heard, frame.request_id()) || heard.ended.has_value() ||
                   heard.refusals.size() > refused;
          },
          kAttempt);
      const consultation::Heard heard = client_.heard();
      if (Accepts(heard, frame.request_id())) {
        deps_.weather.answers.Note("consultation", sent);
        const auto found =
            std::find_if(heard.accepted.begin(), heard.accepted.end(),
                         [&](const auto& one) { return one.request_id() == frame.request_id(); });
        accepted_.push_back({frame.request_id(), frame.chat().text(), found->number()});
        return true;
      }
      if (heard.ended && !AsksAgain(*heard.ended) && !absl::IsCancelled(*heard.ended) &&
          !absl::IsAborted(*heard.ended)) {
        deps_.weather.journal.Unexpected(
            fmt::format("a session ended: {}", heard.ended->ToString()));
        return false;
      }
    }
    // Refused because the database is away, cut, or silent: another replica, the same request.
    absl::SleepFor(kBreath);  // lint:allow(test-sleep) the client's own backoff, up to `deadline`
    Join();
  }
  return false;
}

void Speaker::Speak() {
  for (int word = 0; !deps_.weather.over.HasBeenNotified(); ++word) {
    const std::string text = fmt::format("{} 说第 {} 句", deps_.number, word);
    if (!Say(consultation::ChatOf(text))) {
      deps_.weather.journal.Unexpected("a word was not accepted within a minute");
      return;
    }
    deps_.weather.over.WaitForNotificationWithTimeout(kBreath);
  }
}

bool Speaker::Hear(int64_t number) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (absl::Now() < deadline) {
    const auto done = [&](const consultation::Heard& heard) {
      return heard.last_number() >= number || heard.ended.has_value();
    };
    client_.Await(done, kAttempt);
    if (client_.heard().last_number() >= number) return true;
    Join();
  }
  return false;
}

}  // namespace yilian::chaos
