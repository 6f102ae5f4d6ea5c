#include "services/gateway/store/mysql_message_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"
#include "yilian_gateway_migrations.h"

namespace yilian::gateway {
namespace {

using inbound::MessageState;
using inbound::StoredMessage;
using mysql::Query;

// Below the server's default max_allowed_packet of 16 MiB, with room for what encryption adds.
constexpr size_t kChunkBytes = 1024 * 1024;

constexpr Query kInsert{
    "gateway.InsertMessage",
    "INSERT INTO inbound_message (message_id, sender, peer, organization_id, control_id, claim, "
    "message_type, content_hash, content_size, content, chunk_count, state, reason, answer, "
    "attempts, received_at, due_at, settled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "0, ?, UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, ?)"};
constexpr Query kInsertChunk{
    "gateway.InsertMessageChunk",
    "INSERT INTO inbound_message_chunk (message_id, chunk_number, content) VALUES (?, ?, ?)"};
// Index: uq_inbound_message__claim.
constexpr Query kFindByClaim{
    "gateway.FindMessageByClaim",
    "SELECT message_id, sender, control_id, message_type, content_hash, state, reason, answer, "
    "received_at, attempts FROM inbound_message WHERE claim = ?"};
// Index: primary key.
constexpr Query kFind{
    "gateway.FindMessage",
    "SELECT message_id, sender, control_id, message_type, content_hash, state, reason, answer, "
    "received_at, attempts FROM inbound_message WHERE message_id = ?"};
constexpr Query kFindForUpdate{
    "gateway.FindMessageForUpdate",
    "SELECT message_id, sender, control_id, message_type, content_hash, state, reason, answer, "
    "received_at, attempts FROM inbound_message WHERE message_id = ? FOR UPDATE"};
constexpr Query kSettle{
    "gateway.SettleMessage",
    "UPDATE inbound_message SET state = ?, reason = ?, answer = ?, due_at = NULL, "
    "settled_at = UTC_TIMESTAMP(6) WHERE message_id = ? AND state = 'RECEIVED'"};
constexpr Query kPostpone{"gateway.PostponeMessage",
                          "UPDATE inbound_message SET reason = ?, attempts = attempts + 1, "
                          "due_at = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND "
                          "WHERE message_id = ? AND state = 'RECEIVED'"};
// Index: ix_inbound_message__due. SKIP LOCKED: replicas take different messages.
constexpr Query kDue{
    "gateway.DueMessages",
    "SELECT message_id, sender, control_id, message_type, content_hash, state, reason, answer, "
    "received_at, attempts FROM inbound_message WHERE due_at <= UTC_TIMESTAMP(6) "
    "ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED"};
constexpr Query kLease{"gateway.LeaseMessage",
                       "UPDATE inbound_message SET due_at = UTC_TIMESTAMP(6) + INTERVAL ? "
                       "MICROSECOND WHERE message_id = ?"};
constexpr Query kContent{"gateway.MessageContent",
                         "SELECT content, chunk_count FROM inbound_message WHERE message_id = ?"};
constexpr Query kChunk{"gateway.MessageChunk",
                       "SELECT content FROM inbound_message_chunk WHERE message_id = ? AND "
                       "chunk_number = ?"};
// Index: ix_inbound_message__state.
constexpr Query kParked{
    "gateway.ParkedMessages",
    "SELECT message_id, sender, control_id, message_type, content_hash, state, reason, answer, "
    "received_at, attempts FROM inbound_message WHERE state = 'PARKED' AND message_id > ? "
    "ORDER BY message_id LIMIT ?"};
constexpr Query kUnpark{"gateway.UnparkMessage",
                        "UPDATE inbound_message SET state = 'RECEIVED', attempts = 0, "
                        "answer = NULL, settled_at = NULL, due_at = UTC_TIMESTAMP(6) "
                        "WHERE message_id = ? AND state = 'PARKED'"};
// Index: ix_inbound_message__state, the whole of it.
constexpr Query kCount{"gateway.CountMessages",
                       "SELECT state, COUNT(*) FROM inbound_message GROUP BY state"};

absl::StatusOr<StoredMessage> FromRow(const mysql::Row& row) {
  StoredMessage stored;
  stored.message_id = row.Id(0);
  stored.sender = row.Text(1);
  stored.control_id = row.Text(2);
  stored.message_type = row.Text(3);
  stored.content_hash = row.Bytes(4);
  const std::optional<MessageState> state = inbound::StateNamed(row.Text(5));
  if (!state) return absl::InternalError("inbound_message.state holds no state");
  stored.state = *state;
  stored.reason = row.Text(6);
  stored.answer = row.Bytes(7);
  stored.received_at = row.Time(8);
  stored.attempts = static_cast<int>(row.Int(9));
  return stored;
}

std::string ClaimOf(const inbound::NewMessage& message) {
  return crypto::Sha256({message.sender, std::string_view("\0", 1), message.control_id});
}

std::string ColumnOf(int chunk) {
  return chunk == 0 ? "inbound_message.content"
                    : fmt::format("inbound_message_chunk.content.{}", chunk);
}

// One transaction whose lost COMMIT answer is settled by looking at the message's row.
mysql::TransactionOptions Options(
    std::string_view name, absl::Time deadline, const base::Uuid& message_id,
    const std::function<bool(const std::optional<StoredMessage>&)>& happened) {
  mysql::TransactionOptions options;
  options.name = name;
  options.deadline = deadline;
  options.was_committed = [message_id, happened](mysql::Session& session) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const std::optional<StoredMessage> stored,
                     session.SelectOne<StoredMessage>(kFind, FromRow, message_id));
    return happened(stored);
  };
  return options;
}

}  // namespace

const std::vector<mysql::Migration>& GatewayMigrations() { return kGatewayMigrations; }

absl::StatusOr<inbound::Receipt> MysqlMessageStore::Receive(const inbound::NewMessage& message,
                                                            absl::Time deadline) {
  std::vector<std::string> chunks;
  for (size_t at = 0; at < message.content.size() || chunks.empty(); at += kChunkBytes) {
    const std::string column = ColumnOf(static_cast<int>(chunks.size()));
    ASSIGN_OR_RETURN(std::string sealed,
                     cipher_.Encrypt({column, message.message_id},
                                     std::string_view(message.content).substr(at, kChunkBytes)));
    chunks.push_back(std::move(sealed));
  }
  const auto options = Options("gateway.Receive", deadline, message.message_id,
                               [](const auto& stored) { return stored.has_value(); });
  return mysql::RunTransactionFor<inbound::Receipt>(
      pool_, options, [&](mysql::Session& session) -> absl::StatusOr<inbound::Receipt> {
        const absl::Status inserted = Insert(session, message, chunks);
        if (inserted.ok()) {
          StoredMessage stored;
          stored.message_id = message.message_id;
          stored.sender = message.sender;
          stored.control_id = message.control_id;
          stored.message_type = message.message_type;
          stored.content_hash = message.content_hash;
          stored.state = message.state;
          stored.reason = message.reason;
          stored.answer = message.answer;
          stored.received_at = message.received_at;
          return inbound::Receipt{true, std::move(stored)};
        }
        if (!absl::IsAlreadyExists(inserted)) return inserted;
        ASSIGN_OR_RETURN(
            std::optional<StoredMessage> first,
            session.SelectOne<StoredMessage>(kFindByClaim, FromRow, mysql::Blob{ClaimOf(message)}));
        if (!first) return absl::InternalError("a claimed control id has no message");
        return inbound::Receipt{false, *std::move(first)};
      });
}

absl::Status MysqlMessageStore::Insert(mysql::Session& session, const inbound::NewMessage& message,
                                       const std::vector<std::string>& chunks) {
  const bool received = message.state == MessageState::kReceived;
  std::optional<mysql::Blob> claim;
  if (message.claims_control_id) claim = mysql::Blob{ClaimOf(message)};
  std::optional<base::Uuid> organization;
  if (!message.organization_id.is_nil()) organization = message.organization_id;
  std::optional<mysql::Blob> answer;
  if (!message.answer.empty()) answer = mysql::Blob{message.answer};
  std::optional<int64_t> due_in;
  if (received) due_in = absl::ToInt64Microseconds(message.lease);
  std::optional<absl::Time> settled_at;
  if (!received) settled_at = message.received_at;
  RETURN_IF_ERROR(session
                      .Execute(kInsert, message.message_id, message.sender, message.peer,
                               organization, message.control_id, claim, message.message_type,
                               mysql::Blob{message.content_hash}, message.size,
                               mysql::Blob{chunks[0]}, static_cast<int64_t>(chunks.size()),
                               inbound::StateName(message.state), message.reason, answer,
                               message.received_at, due_in, settled_at)
                      .status());
  for (size_t i = 1; i < chunks.size(); ++i) {
    RETURN_IF_ERROR(session
                        .Execute(kInsertChunk, message.message_id, static_cast<int64_t>(i),
                                 mysql::Blob{chunks[i]})
                        .status());
  }
  return absl::OkStatus();
}

absl::Status MysqlMessageStore::Settle(const base::Uuid& message_id, MessageState state,
                                       std::string_view reason, const std::string& answer,
                                       absl::Time deadline) {
  const auto options = Options("gateway.Settle", deadline, message_id, [](const auto& stored) {
    return stored && stored->state != MessageState::kReceived;
  });
  return mysql::RunTransaction(pool_, options, [&](mysql::Session& session) {
    return session
        .Execute(kSettle, inbound::StateName(state), reason, mysql::Blob{answer}, message_id)
        .status();
  });
}

absl::Status MysqlMessageStore::Postpone(const base::Uuid& message_id, std::string_view reason,
                                         absl::Duration pause, absl::Time deadline) {
  mysql::TransactionOptions options;
  options.name = "gateway.Postpone";
  options.deadline = deadline;
  return mysql::RunTransaction(pool_, options, [&](mysql::Session& session) {
    return session.Execute(kPostpone, reason, absl::ToInt64Microseconds(pause), message_id)
        .status();
  });
}

absl::StatusOr<std::vector<inbound::PendingMessage>> MysqlMessageStore::ClaimDue(
    int limit, absl::Duration lease, absl::Time deadline) {
  mysql::TransactionOptions options;
  options.name = "gateway.ClaimDue";
  options.deadline = deadline;
  using Pending = std::vector<inbound::PendingMessage>;
  return mysql::RunTransactionFor<Pending>(
      pool_, options, [&](mysql::Session& session) -> absl::StatusOr<Pending> {
        ASSIGN_OR_RETURN(std::vector<StoredMessage> due,
                         session.SelectAll<StoredMessage>(kDue, FromRow, limit));
        Pending pending;
        for (StoredMessage& stored : due) {
          RETURN_IF_ERROR(
              session.Execute(kLease, absl::ToInt64Microseconds(lease), stored.message_id)
                  .status());
          ASSIGN_OR_RETURN(std::string content, ReadContent(session, stored.message_id));
          pending.push_back({std::move(stored), std::move(content)});
        }
        return pending;
      });
}

absl::StatusOr<std::string> MysqlMessageStore::ReadContent(mysql::Session& session,
                                                           const base::Uuid& message_id) {
  struct First {
    std::string sealed;
    int64_t chunks;
  };
  ASSIGN_OR_RETURN(const std::optional<First> first, session.SelectOne<First>(
                                                         kContent,
                                                         [](const mysql::Row& row) {
                                                           return First{row.Bytes(0), row.Int(1)};
                                                         },
                                                         message_id));
  if (!first) return absl::InternalError("a message has no content");
  const std::string column = ColumnOf(0);
  ASSIGN_OR_RETURN(std::string content, cipher_.Decrypt({column, message_id}, first->sealed));
  for (int chunk = 1; chunk < first->chunks; ++chunk) {
    ASSIGN_OR_RETURN(
        const std::optional<std::string> sealed,
        session.SelectOne<std::string>(
            kChunk, [](const mysql::Row& row) { return row.Bytes(0); }, message_id, chunk));
    if (!sealed) return absl::DataLossError("a chunk of a message is missing");
    const std::string chunk_column = ColumnOf(chunk);
    ASSIGN_OR_RETURN(const std::string piece, cipher_.Decrypt({chunk_column, message_id}, *sealed));
    content += piece;
  }
  return content;
}

absl::StatusOr<std::vector<StoredMessage>> MysqlMessageStore::ListParked(const base::Uuid& after,
                                                                         int limit,
                                                                         absl::Time deadline) {
  std::vector<StoredMessage> parked;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(parked, session.SelectAll<StoredMessage>(kParked, FromRow, after, limit));
    return absl::OkStatus();
  }));
  return parked;
}

absl::StatusOr<StoredMessage> MysqlMessageStore::Unpark(mysql::Session& session,
                                                        const base::Uuid& message_id) {
  ASSIGN_OR_RETURN(std::optional<StoredMessage> stored,
                   session.SelectOne<StoredMessage>(kFindForUpdate, FromRow, message_id));
  if (!stored) {
    return status::Error(absl::StatusCode::kNotFound, "yilian.gateway", "NOT_FOUND")
        .Message("there is no such message")
        .Meta("message_id", message_id.ToString())
        .Build();
  }
  if (stored->state != MessageState::kParked) {
    return status::Error(absl::StatusCode::kFailedPrecondition, "yilian.gateway", "NOT_PARKED")
        .Message("the message is not parked")
        .Meta("message_id", message_id.ToString())
        .Meta("state", inbound::StateName(stored->state))
        .Build();
  }
  RETURN_IF_ERROR(session.Execute(kUnpark, message_id).status());
  stored->state = MessageState::kReceived;
  stored->attempts = 0;
  return *std::move(stored);
}

absl::StatusOr<inbound::Counts> MysqlMessageStore::Count(absl::Time deadline) {
  inbound::Counts counts;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    counts = {};
    return session.SelectValues(kCount, {}, [&](const mysql::Row& row) -> absl::Status {
      const std::optional<MessageState> state = inbound::StateNamed(row.Text(0));
      if (state == MessageState::kReceived) counts.received = row.Int(1);
      if (state == MessageState::kDelivered) counts.delivered = row.Int(1);
      if (state == MessageState::kParked) counts.parked = row.Int(1);
      if (state == MessageState::kRefused) counts.refused = row.Int(1);
      return absl::OkStatus();
    });
  }));
  return counts;
}

}  // namespace yilian::gateway
