#include "tests/chaos/storm/answers.h"

#include "absl/time/clock.h"

namespace yilian::chaos {

void Answers::Note(const std::string& service, absl::Time sent) {
  absl::MutexLock lock(&mutex_);
  ++count_;
  Latest& latest = latest_[service];
  // A late answer to an old attempt says nothing about now.
  if (sent > latest.sent) latest = {sent, absl::Now()};
}

absl::Time Answers::AwaitAnswer(const std::string& service, absl::Time since, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const Latest& latest = latest_[service];
  const auto answered = [&] { return latest.sent > since; };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&answered), deadline))
    return absl::InfiniteFuture();
  return latest.answered;
}

bool Answers::AwaitMore(int64_t count, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const int64_t wanted = count_ + count;
  const auto enough = [&] { return count_ >= wanted; };
  return mutex_.AwaitWithDeadline(absl::Condition(&enough), deadline);
}

int64_t Answers::count() const {
  absl::MutexLock lock(&mutex_);
  return count_;
}

}  // namespace yilian::chaos
