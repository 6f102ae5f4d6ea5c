// Where every message that came in is kept, and what became of it. in = delivered + parked +
// refused + received.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::gateway::inbound {

enum class MessageState {
  kReceived,   // durable here, not yet with its owner
  kDelivered,  // the owning services have committed it
  kParked,     // waits for a person; never expires
  kRefused,    // the sender was told why
};
std::string_view StateName(MessageState state);  // "RECEIVED"
std::optional<MessageState> StateNamed(std::string_view name);

// A message at the moment it comes in. `state` is kReceived or kRefused (with reason and answer).
struct NewMessage {
  base::Uuid message_id;
  std::string sender;          // name in the configuration; "" where none fits
  std::string peer;            // who was at the other end
  base::Uuid organization_id;  // nil without a sender
  std::string control_id;      // MSH-10 as sent
  // The control id is the sender's and may be used once. False: stored without a claim on it.
  bool claims_control_id = true;
  std::string message_type;  // "ADT^A04"
  std::string content;       // as received; of an oversized one the head
  int64_t size = 0;          // in bytes, as received
  std::string content_hash;  // SHA-256 of `content`
  absl::Time received_at;
  MessageState state = MessageState::kReceived;
  std::string reason;
  std::string answer;
  // How long delivery may take before the redelivery job looks after it.
  absl::Duration lease = absl::Minutes(1);
};

struct StoredMessage {
  base::Uuid message_id;
  std::string sender;
  std::string control_id;
  std::string message_type;
  std::string content_hash;
  MessageState state = MessageState::kReceived;
  std::string reason;
  std::string answer;  // the application acknowledgement; "" while received
  absl::Time received_at;
  int attempts = 0;
};

struct Receipt {
  bool is_new = true;  // false: the control id was used before, `stored` is that message
  StoredMessage stored;
};

// A received message whose delivery is due again.
struct PendingMessage {
  StoredMessage stored;
  std::string content;
};

struct Counts {
  int64_t received = 0;
  int64_t delivered = 0;
  int64_t parked = 0;
  int64_t refused = 0;
};

// Thread-safe. Every method commits before it returns.
class MessageStore {
 public:
  virtual ~MessageStore() = default;
  // Makes the message durable. Where the sender used the control id before, stores nothing and
  // returns what is there.
  virtual absl::StatusOr<Receipt> Receive(const NewMessage& message, absl::Time deadline) = 0;
  // Writes the outcome of a message that is still RECEIVED; FAILED_PRECONDITION when it is settled
  // already.
  virtual absl::Status Settle(const base::Uuid& message_id, MessageState state,
                              std::string_view reason, const std::string& answer,
                              absl::Time deadline) = 0;
  // Delivery failed for now; it is due again after `pause`, by the store's clock.
  virtual absl::Status Postpone(const base::Uuid& message_id, std::string_view reason,
                                absl::Duration pause, absl::Time deadline) = 0;
  // Takes up to `limit` RECEIVED messages that are due, the longest due first, and makes them due
  // again after `lease`, so that no other replica takes them meanwhile.
  virtual absl::StatusOr<std::vector<PendingMessage>> ClaimDue(int limit, absl::Duration lease,
                                                               absl::Time deadline) = 0;
};

}  // namespace yilian::gateway::inbound
