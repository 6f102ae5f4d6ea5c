#include "tests/chaos/storm/answers.h"

#include "absl/time/clock.h"

namespace yilian::chaos {

void Answers::Note(const std::string& service, absl::Time sent) {
  absl::MutexLock lock(&mutex_);
  ++count_;
  answers_[service].push_back({sent, absl::Now()});
}

const Answers::Answer* Answers::FirstSentAfter(const std::string& service, absl::Time since) const {
  const auto of_service = answers_.find(service);
  if (of_service == answers_.end()) return nullptr;
  // A late answer to an old attempt says nothing about what is there now. From the end: strikes are
  // seconds apart, and thousands of answers may lie before.
  const Answer* first = nullptr;
  const std::vector<Answer>& all = of_service->second;
  for (auto answer = all.rbegin(); answer != all.rend() && answer->answered > since; ++answer) {
    if (answer->sent > since) first = &*answer;
  }
  return first;
}

absl::Time Answers::AwaitAnswer(const std::string& service, absl::Time since, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto answered = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return FirstSentAfter(service, since) != nullptr;
  };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&answered), deadline))
    return absl::InfiniteFuture();
  return FirstSentAfter(service, since)->answered;
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
