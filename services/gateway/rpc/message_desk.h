// What the handlers ask of the stored messages.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/gateway/domain/inbound/message_store.h"
#include "yilian/gateway/v1/gateway.pb.h"

namespace yilian::gateway {

// Thread-safe.
class MessageDesk {
 public:
  virtual ~MessageDesk() = default;
  virtual absl::StatusOr<std::vector<inbound::StoredMessage>> ListParked(const base::Uuid& after,
                                                                         int limit,
                                                                         absl::Time deadline) = 0;
  virtual absl::StatusOr<inbound::Counts> Count(absl::Time deadline) = 0;
  // NOT_FOUND, FAILED_PRECONDITION NOT_PARKED.
  virtual absl::StatusOr<v1::InboundMessage> Retry(const unit::WriteContext& context,
                                                   const base::Uuid& message_id) = 0;
};

// A stored message as callers see it.
v1::InboundMessage ToProto(const inbound::StoredMessage& message);

}  // namespace yilian::gateway
