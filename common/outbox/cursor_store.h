// The rows behind a consumer: its cursor and its dead letters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::outbox {

// The stored cursor; makes the row at 0 for a consumer that is new.
absl::StatusOr<int64_t> ReadCursor(mysql::Session& session, std::string_view consumer,
                                   std::string_view source);
// The stored cursor, its row locked until the transaction ends.
absl::StatusOr<int64_t> LockCursor(mysql::Session& session, std::string_view consumer);
// Moves the cursor forward; a position behind it changes nothing.
absl::Status MoveCursor(mysql::Session& session, std::string_view consumer, int64_t position);

// Parks an event. Parking one that is parked already counts its attempts and ends its requeue.
absl::Status PutDeadLetter(mysql::Session& session, std::string_view consumer,
                           std::string_view source, const event::v1::Event& event,
                           std::string_view reason, int attempts);
// Positions of the dead letters that an operator has requeued, at most `limit`.
absl::StatusOr<std::vector<int64_t>> RequeuedLetters(mysql::Session& session,
                                                     std::string_view consumer, int limit);
// The requeued event with its row locked; nullopt when another replica has dealt with it.
absl::StatusOr<std::optional<event::v1::Event>> LockRequeuedLetter(mysql::Session& session,
                                                                   std::string_view consumer,
                                                                   int64_t position);
absl::Status DeleteDeadLetter(mysql::Session& session, std::string_view consumer, int64_t position);

}  // namespace yilian::outbox
