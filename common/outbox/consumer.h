// Follows another service's events: each has its effect once, in order, across crashes.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::outbox {

struct ConsumerOptions {
  std::string name;                // "scheduling.contracts": key of the cursor
  std::string source;              // service that is followed: "directory"
  std::vector<std::string> types;  // event types asked for; empty for all
  int max_attempts = 10;           // then the event goes to the dead letters, with an alarm metric
  // How often a cursor that only filtered events moved is stored, and requeued dead letters are
  // looked for.
  absl::Duration housekeeping = absl::Seconds(5);
  // First pause after a failure; doubles to 5 s.
  absl::Duration backoff = absl::Milliseconds(50);
  // How long events are gathered before they have their effects: for a consumer that is cheaper by
  // the dozen, and whose work may be seen a moment later.
  absl::Duration linger = absl::ZeroDuration();
  int together = 50;  // most events of one transaction
};

// Runs `effect` and moves the cursor in one transaction of the own schema; events that came
// together share one transaction; where it fails, each gets one of its own. An effect that fails
// with a retryable error (UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED) is tried
// again for ever; any other error counts towards max_attempts. An effect may run several times
// before it is committed and must have no effect outside the session. One background thread; safe
// in several replicas (the cursor row is locked and compared).
class Consumer {
 public:
  using Effect = std::function<absl::Status(mysql::Session&, const event::v1::Event&)>;
  // The effects of several events, in their order.
  using Effects = std::function<absl::Status(mysql::Session&, std::span<const event::v1::Event>)>;
  static Effects OneByOne(Effect effect);

  Consumer(mysql::Pool& pool, std::shared_ptr<grpc::Channel> source, ConsumerOptions options,
           Effects effects);
  Consumer(mysql::Pool& pool, std::shared_ptr<grpc::Channel> source, ConsumerOptions options,
           Effect effect)
      : Consumer(pool, std::move(source), std::move(options), OneByOne(std::move(effect))) {}
  ~Consumer();
  // Called after each committed effect (to wake a sequencer or refresh a cache).
  void OnApplied(std::function<void(const event::v1::Event&)> callback);
  // One attempt at one event, as the stream makes it. OK: it has its effect (now or before), or has
  // just gone to the dead letters. Thread-safe; for tests.
  absl::Status Apply(const event::v1::Event& event);
  int64_t cursor() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace yilian::outbox
