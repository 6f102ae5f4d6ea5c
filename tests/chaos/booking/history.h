// What every client of a booking storm was told: each answered request, in the order of its client.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::chaos {

using BookingRequest =
    std::variant<scheduling::v1::HoldSeatRequest, scheduling::v1::BookSeatRequest,
                 scheduling::v1::CancelBookingRequest, scheduling::v1::RescheduleBookingRequest>;

struct Answered {
  BookingRequest request;
  size_t client = 0;
  std::string reason;  // of the refusal; "": granted
  scheduling::v1::Booking booking;
  int attempts = 0;
};

// Thread-safe.
class History {
 public:
  void Add(Answered answered) {
    const absl::MutexLock lock(&mutex_);
    if (answered.reason.empty()) ++granted_;
    if (answered.attempts > 1) ++repeated_;
    all_.push_back(std::move(answered));
  }
  std::vector<Answered> all() const {
    const absl::MutexLock lock(&mutex_);
    return all_;
  }
  int64_t granted() const {
    const absl::MutexLock lock(&mutex_);
    return granted_;
  }
  int64_t repeated() const {
    const absl::MutexLock lock(&mutex_);
    return repeated_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<Answered> all_ ABSL_GUARDED_BY(mutex_);
  int64_t granted_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t repeated_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace yilian::chaos
