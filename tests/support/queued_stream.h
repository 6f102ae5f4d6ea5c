// A server stream without a wire; for tests of a handler that writes to one.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/server_stream.h"

namespace yilian::test_support {

// Keeps what is written until Take. Thread-safe.
template <typename Response>
class QueuedStream : public rpc::ServerStream<Response> {
 public:
  bool Write(Response message) override {
    absl::MutexLock lock(&mutex_);
    if (over_ || finished_) return false;
    most_pending_ = std::max(most_pending_, static_cast<int>(queue_.size()) + 1);
    queue_.push_back(std::move(message));
    return true;
  }
  int pending() const override {
    absl::MutexLock lock(&mutex_);
    return static_cast<int>(queue_.size());
  }
  void OnDrained(std::function<void()> callback) override {
    absl::MutexLock lock(&mutex_);
    on_drained_ = std::move(callback);
  }
  void Post(std::function<void()> work) override { work(); }
  void OnDone(std::function<void()> callback) override {
    absl::MutexLock lock(&mutex_);
    on_done_ = std::move(callback);
  }
  void Finish(const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    finished_ = true;
    status_ = status;
  }

  // The next message, as the wire takes it; nullopt when there is none.
  std::optional<Response> Take() {
    std::function<void()> drained;
    std::optional<Response> message;
    {
      absl::MutexLock lock(&mutex_);
      if (queue_.empty()) return std::nullopt;
      message = std::move(queue_.front());
      queue_.pop_front();
      if (queue_.empty()) drained = on_drained_;
    }
    if (drained != nullptr) drained();
    return message;
  }
  // Until there is a message or the handler has ended the stream.
  void Await(absl::Duration patience) {
    absl::MutexLock lock(&mutex_);
    auto ready = [this]()
                     ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !queue_.empty() || finished_; };
    mutex_.AwaitWithTimeout(absl::Condition(&ready), patience);
  }
  // The client goes away.
  void End() {
    std::function<void()> done;
    {
      absl::MutexLock lock(&mutex_);
      over_ = true;
      done = std::exchange(on_done_, nullptr);
    }
    if (done != nullptr) done();
  }
  bool finished() const {
    absl::MutexLock lock(&mutex_);
    return finished_;
  }
  absl::Status status() const {
    absl::MutexLock lock(&mutex_);
    return status_;
  }
  int most_pending() const {
    absl::MutexLock lock(&mutex_);
    return most_pending_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::deque<Response> queue_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> on_drained_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> on_done_ ABSL_GUARDED_BY(mutex_);
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  int most_pending_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::test_support
