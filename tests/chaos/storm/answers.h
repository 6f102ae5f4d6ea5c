// When each service last answered: what tells that it is there again after a kill.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace yilian::chaos {

// Thread-safe.
class Answers {
 public:
  // An attempt that was sent at `sent` has just been answered.
  void Note(const std::string& service, absl::Time sent);
  // Until an attempt that was sent after `since` has been answered; returns when the first one was.
  // InfiniteFuture when none was by `deadline`.
  absl::Time AwaitAnswer(const std::string& service, absl::Time since, absl::Time deadline);
  // Until `count` more answers have come than at the call; false when they had not by `deadline`.
  bool AwaitMore(int64_t count, absl::Time deadline);
  int64_t count() const;

 private:
  struct Answer {
    absl::Time sent;
    absl::Time answered;
  };
  // In the order in which they were answered.
  const Answer* FirstSentAfter(const std::string& service, absl::Time since) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<std::string, std::vector<Answer>> answers_;
  int64_t count_ = 0;
};

}  // namespace yilian::chaos
