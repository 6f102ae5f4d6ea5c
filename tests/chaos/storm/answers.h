// When each service last answered: what tells that it is there again after a kill.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace yilian::chaos {

// Thread-safe.
class Answers {
 public:
  // An attempt that was sent at `sent` has just been answered.
  void Note(const std::string& service, absl::Time sent);
  // Until an attempt that was sent after `since` has been answered; returns when. InfiniteFuture
  // when none was by `deadline`.
  absl::Time AwaitAnswer(const std::string& service, absl::Time since, absl::Time deadline);
  // Until `count` more answers have come than at the call; false when they had not by `deadline`.
  bool AwaitMore(int64_t count, absl::Time deadline);
  int64_t count() const;

 private:
  struct Latest {
    absl::Time sent = absl::InfinitePast();
    absl::Time answered;
  };

  mutable absl::Mutex mutex_;
  std::map<std::string, Latest> latest_;
  int64_t count_ = 0;
};

}  // namespace yilian::chaos
