// Inbound messages in MySQL, their content encrypted.
#pragma once

#include <string>
#include <vector>

#include "common/crypto/field_cipher.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/gateway/domain/inbound/message_store.h"

namespace yilian::gateway {

// Thread-safe. `pool` and `cipher` outlive it.
class MysqlMessageStore : public inbound::MessageStore {
 public:
  MysqlMessageStore(mysql::Pool& pool, const crypto::FieldCipher& cipher)
      : pool_(pool), cipher_(cipher) {}

  absl::StatusOr<inbound::Receipt> Receive(const inbound::NewMessage& message,
                                           absl::Time deadline) override;
  absl::Status Settle(const base::Uuid& message_id, inbound::MessageState state,
                      std::string_view reason, const std::string& answer,
                      absl::Time deadline) override;
  absl::Status Postpone(const base::Uuid& message_id, std::string_view reason, absl::Duration pause,
                        absl::Time deadline) override;
  absl::StatusOr<std::vector<inbound::PendingMessage>> ClaimDue(int limit, absl::Duration lease,
                                                                absl::Time deadline) override;

  // Parked messages after `after` (nil: from the start), the oldest first. Index:
  // ix_inbound_message__state.
  absl::StatusOr<std::vector<inbound::StoredMessage>> ListParked(const base::Uuid& after, int limit,
                                                                 absl::Time deadline);
  // Makes a parked message RECEIVED and due, inside the caller's transaction. NOT_FOUND, or
  // FAILED_PRECONDITION with reason NOT_PARKED.
  static absl::StatusOr<inbound::StoredMessage> Unpark(mysql::Session& session,
                                                       const base::Uuid& message_id);
  absl::StatusOr<inbound::Counts> Count(absl::Time deadline);

 private:
  absl::Status Insert(mysql::Session& session, const inbound::NewMessage& message,
                      const std::vector<std::string>& chunks);
  absl::StatusOr<std::string> ReadContent(mysql::Session& session, const base::Uuid& message_id);

  mysql::Pool& pool_;
  const crypto::FieldCipher& cipher_;
};

const std::vector<mysql::Migration>& GatewayMigrations();

}  // namespace yilian::gateway
