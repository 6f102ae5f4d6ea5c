// One stream of the event feed: who listens, and how far they have got.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/outbox/outbox.h"
#include "common/rpc/server_stream.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::outbox {

// The event as it goes over the wire, with what the filters look at.
struct FeedEvent {
  event::v1::Event event;
  std::vector<base::Uuid> audience;
};
FeedEvent ToFeedEvent(StoredEvent stored);

// Used by the feed's thread alone, but for TakeWaiting and Finish.
class Subscriber {
 public:
  using Stream = rpc::ServerStream<event::v1::StreamResponse>;

  // A nil `organization` sees everything: a service of the region. `last_position`: when the stream
  // was opened; who has got so far has caught up.
  Subscriber(std::shared_ptr<Stream> stream, const base::Uuid& organization,
             const event::v1::StreamRequest& request, int64_t last_position)
      : stream_(std::move(stream)),
        organization_(organization),
        types_(request.types().begin(), request.types().end()),
        last_position_(last_position),
        cursor_(request.cursor()) {}

  int64_t cursor() const { return cursor_; }
  // The reader keeps up. Otherwise OnDrained asks TakeWaiting whether to wake the feed's thread.
  bool Ready() {
    if (stream_->pending() < kMaxPending) return true;
    waiting_ = true;
    return stream_->pending() < kMaxPending;  // it may have drained just before
  }
  bool TakeWaiting() { return waiting_.exchange(false); }

  // Puts the event into the message under way if this subscriber may see it and asked for it.
  void Offer(const FeedEvent& event);
  // Nothing between the cursor and `position` is left in the table.
  void Pass(int64_t position) { cursor_ = position; }
  // Sends the message under way, if there are events in it or if the reader has just caught up.
  // False: the stream is over.
  bool Flush(absl::Time now);
  // Sends the cursor alone when nothing was sent since `before`. False: the stream is over.
  bool Heartbeat(absl::Time now, absl::Time before);
  void Finish(const absl::Status& status) { stream_->Finish(status); }

 private:
  // Messages under way to one reader; well below the 64 at which the frame cuts a reader off.
  static constexpr int kMaxPending = 4;
  // A message stays well below the 4 MiB that a client takes.
  static constexpr size_t kMaxBytes = 1 << 20;

  bool Send(absl::Time now);

  const std::shared_ptr<Stream> stream_;
  const base::Uuid organization_;
  const absl::flat_hash_set<std::string> types_;
  const int64_t last_position_;
  int64_t cursor_;  // everything up to here was offered
  bool told_caught_up_ = false;
  absl::Time last_sent_ = absl::InfinitePast();
  event::v1::StreamResponse message_;
  size_t message_bytes_ = 0;
  bool alive_ = true;
  std::atomic<bool> waiting_ = false;
};

}  // namespace yilian::outbox
