#include "common/rpc/frame.h"

#include "common/rpc/stream_core.h"

namespace yilian::rpc {

Frame::~Frame() {
  std::unique_lock lock(mutex_);
  work_ended_.wait(lock, [this] { return work_ == 0; });
}

void Frame::WorkBegins() {
  std::lock_guard lock(mutex_);
  ++work_;
}

void Frame::WorkEnds() {
  // Told under the lock: the frame may be gone as soon as it is released.
  std::lock_guard lock(mutex_);
  --work_;
  work_ended_.notify_all();
}

void Frame::Drain() {
  draining_.store(true);
  for (const auto& stream : Streams()) stream->EndForDrain();
}

void Frame::Sweep() {
  for (const auto& stream : Streams()) stream->Sweep(absl::Now());
}

void Frame::Add(const std::shared_ptr<StreamCore>& stream) {
  std::lock_guard lock(mutex_);
  streams_.insert(stream.get());
}

void Frame::Remove(StreamCore* stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

int Frame::open_streams() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(streams_.size());
}

std::vector<std::shared_ptr<StreamCore>> Frame::Streams() const {
  std::vector<std::shared_ptr<StreamCore>> result;
  std::lock_guard lock(mutex_);
  result.reserve(streams_.size());
  // A stream takes itself off the list before it lets go of itself, so each is alive here.
  for (StreamCore* stream : streams_) result.push_back(stream->shared_from_this());
  return result;
}

}  // namespace yilian::rpc
