// Events on their way out: appended by the write's own transaction, numbered after commit, streamed
// in that order.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"

namespace yilian::outbox {

// An event before it has a position.
struct NewEvent {
  std::string aggregate_type;  // "referral"
  base::Uuid aggregate_id;
  int64_t aggregate_version = 0;
  std::string type;     // "ReferralSubmitted": the payload message's short name by default
  std::string payload;  // serialized google.protobuf.Any
  absl::Time occurred_at;
  std::string traceparent;
  std::vector<base::Uuid> audience;  // organizations that may see it, besides the services

  // Packs `message`; `type` is its short name.
  static NewEvent Of(std::string aggregate_type, const base::Uuid& aggregate_id,
                     int64_t aggregate_version, const google::protobuf::Message& message,
                     absl::Time occurred_at, std::vector<base::Uuid> audience);
};

// Inserts the events inside the caller's transaction, one statement for all.
absl::Status Append(mysql::Session& session, const std::vector<NewEvent>& events);

// An event with its place.
struct StoredEvent {
  int64_t position = 0;
  base::Uuid event_id;
  std::string aggregate_type;
  base::Uuid aggregate_id;
  int64_t aggregate_version = 0;
  std::string type;
  std::string payload;
  absl::Time occurred_at;
  std::string traceparent;
  std::vector<base::Uuid> audience;
};

// Up to `limit` events after `cursor`, in order. Index: uq_outbox__position.
absl::StatusOr<std::vector<StoredEvent>> ReadAfter(mysql::Session& session, int64_t cursor,
                                                   int limit);
// Position of the last numbered event; 0 when there is none.
absl::StatusOr<int64_t> LastPosition(mysql::Session& session);

// Numbers committed events: one at a time over all replicas. A row holds the next position, an
// epoch and a lease: while the lease lasts (the database's clock) others leave the work to its
// holder; every numbering compares epoch and next position and so fences a late holder
// (numbering.h). The lease is renewed by numbering alone: an idle service writes nothing. Wakes on
// Notify() (call it after each commit that appended) and every 50 ms. Thread-safe; one background
// thread, which takes a connection from the pool for each look.
class Sequencer {
 public:
  explicit Sequencer(mysql::Pool& pool, absl::Duration lease = absl::Seconds(1));
  ~Sequencer();
  void Notify();
  // Runs on the sequencer's thread after each batch with the highest position that is visible now,
  // also when another replica numbered it.
  void OnAdvance(std::function<void(int64_t position)> callback);
  absl::StatusOr<int> RunOnce();  // for tests: numbers what is there, returns how many

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern const std::vector<mysql::Migration> kMigrations;

}  // namespace yilian::outbox
