#include "common/outbox/subscriber.h"

#include <algorithm>

namespace yilian::outbox {

FeedEvent ToFeedEvent(StoredEvent stored) {
  FeedEvent out;
  out.audience = std::move(stored.audience);
  event::v1::Event& event = out.event;
  event.set_position(stored.position);
  event.set_event_id(stored.event_id.ToString());
  event.set_aggregate_type(std::move(stored.aggregate_type));
  event.set_aggregate_id(stored.aggregate_id.ToString());
  event.set_aggregate_version(stored.aggregate_version);
  event.set_type(std::move(stored.type));
  event.mutable_payload()->ParseFromString(stored.payload);
  const int64_t micros = absl::ToUnixMicros(stored.occurred_at);
  event.mutable_occurred_at()->set_seconds(micros / 1'000'000);
  event.mutable_occurred_at()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  event.set_traceparent(std::move(stored.traceparent));
  return out;
}

void Subscriber::Offer(const FeedEvent& event) {
  cursor_ = event.event.position();
  if (!types_.empty() && !types_.contains(event.event.type())) return;
  if (!organization_.is_nil() && std::find(event.audience.begin(), event.audience.end(),
                                           organization_) == event.audience.end()) {
    return;
  }
  *message_.add_events() = event.event;
  message_bytes_ += event.event.ByteSizeLong();
  if (message_bytes_ >= kMaxBytes) Send(last_sent_);
}

bool Subscriber::Flush(absl::Time now) {
  const bool caught_up = !told_caught_up_ && cursor_ >= last_position_;
  return message_.events().empty() && !caught_up ? alive_ : Send(now);
}

bool Subscriber::Heartbeat(absl::Time now, absl::Time before) {
  return last_sent_ > before ? alive_ : Send(now);
}

bool Subscriber::Send(absl::Time now) {
  message_.set_cursor(cursor_);
  told_caught_up_ = told_caught_up_ || cursor_ >= last_position_;
  message_.set_caught_up(told_caught_up_);
  last_sent_ = now;
  message_bytes_ = 0;
  alive_ = stream_->Write(std::exchange(message_, {})) && alive_;
  return alive_;
}

}  // namespace yilian::outbox
