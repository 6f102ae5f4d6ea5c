#include "common/outbox/event_stream.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/error.h"

namespace yilian::outbox {
namespace {

// One operation is under way at a time, so that a tag need not tell them apart.
void* const kTag = nullptr;

}  // namespace

EventStream::EventStream(event::v1::EventFeed::Stub& stub, const event::v1::StreamRequest& request)
    : reader_(stub.AsyncStream(&context_, request, &queue_, kTag)) {}

EventStream::~EventStream() {
  context_.TryCancel();
  Finish().IgnoreError();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

absl::Status EventStream::Finish() {
  if (finished_) return status_;
  bool ok = true;
  if (waiting_) Await(absl::InfiniteDuration(), &ok);
  waiting_ = false;
  grpc::Status status;
  reader_->Finish(&status, kTag);
  Await(absl::InfiniteDuration(), &ok);
  finished_ = true;
  status_ = status::FromGrpc(status);
  return status_;
}

bool EventStream::Await(absl::Duration patience, bool* ok) {
  void* tag = nullptr;
  const auto until = patience == absl::InfiniteDuration()
                         ? std::chrono::system_clock::time_point::max()
                         : absl::ToChronoTime(absl::Now() + patience);
  return queue_.AsyncNext(&tag, ok, until) == grpc::CompletionQueue::GOT_EVENT;
}

EventStream::Outcome EventStream::Next(absl::Duration patience,
                                       event::v1::StreamResponse& response) {
  const absl::Time until = absl::Now() + patience;
  while (true) {
    if (!waiting_) {
      reader_->Read(&incoming_, kTag);
      waiting_ = true;
    }
    bool ok = false;
    if (!Await(until - absl::Now(), &ok)) return Outcome::kNothingYet;
    waiting_ = false;
    if (!ok) return Outcome::kEnded;
    if (!started_) {
      started_ = true;  // that was the start of the call, not a message
      continue;
    }
    response = std::move(incoming_);
    incoming_.Clear();
    return Outcome::kMessage;
  }
}

}  // namespace yilian::outbox
