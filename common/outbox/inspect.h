// What an operator may want to know of a schema's outbox and consumers, and the one thing they may
// do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"

namespace yilian::outbox {

struct Backlog {
  int64_t unnumbered = 0;            // committed events without a position
  std::optional<absl::Time> oldest;  // occurred_at of the first of them
  int64_t last_position = 0;
  int64_t epoch = 0;  // how often numbering has changed hands
  bool lease_live = false;
  int64_t dead_letters = 0;
};
absl::StatusOr<Backlog> ReadBacklog(mysql::Session& session);

struct CursorState {
  std::string consumer;
  std::string source;
  int64_t position = 0;
  absl::Time updated_at;
};
absl::StatusOr<std::vector<CursorState>> ListCursors(mysql::Session& session);

// Without the event's contents, which may be about a person.
struct DeadLetter {
  std::string consumer;
  int64_t position = 0;
  std::string source;
  base::Uuid event_id;
  std::string type;
  std::string reason;
  int attempts = 0;
  bool requeued = false;
  absl::Time created_at;
};
// At most `limit`, after (consumer, position); pass the last one's to go on.
absl::StatusOr<std::vector<DeadLetter>> ListDeadLetters(mysql::Session& session, int limit,
                                                        std::string_view after_consumer = "",
                                                        int64_t after_position = 0);
// Has the consumer try it again within seconds, out of order: its effect must bear that. NOT_FOUND
// when there is none.
absl::Status RequeueDeadLetter(mysql::Session& session, std::string_view consumer,
                               int64_t position);

}  // namespace yilian::outbox
