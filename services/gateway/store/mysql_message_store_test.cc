#include "services/gateway/store/mysql_message_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/crypto/hash.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "tests/support/test_database.h"

namespace yilian::gateway {
namespace {

using inbound::MessageState;
using inbound::NewMessage;
using status::IsOk;
using status::StatusIs;
using test_support::TestDatabase;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MysqlMessageStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto pool = mysql::Pool::Open(TestDatabase::Get().NewSchema(GatewayMigrations()));
    ASSERT_THAT(pool, IsOk());
    pool_ = *std::move(pool);
    store_ = std::make_unique<MysqlMessageStore>(*pool_, cipher_);
  }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }
  static NewMessage Message(const std::string& control_id, std::string content = "MSH|^~\\&|珅") {
    NewMessage message;
    message.message_id = base::Uuid::V7();
    message.sender = "taoxi-his";
    message.peer = "10.0.0.7";
    message.organization_id = base::Uuid::V7();
    message.control_id = control_id;
    message.message_type = "ADT^A04";
    message.content = std::move(content);
    message.size = static_cast<int64_t>(message.content.size());
    message.content_hash = crypto::Sha256(message.content);
    message.received_at = absl::FromUnixSeconds(1'800'000'000);
    message.lease = absl::ZeroDuration();
    return message;
  }
  std::vector<inbound::PendingMessage> Claim(absl::Duration lease = absl::Minutes(1),
                                             int limit = 10) {
    auto due = store_->ClaimDue(limit, lease, Soon());
    EXPECT_THAT(due, IsOk());
    return due.ok() ? *due : std::vector<inbound::PendingMessage>();
  }
  // Every stored byte of a column, as somebody who steals the disk sees it.
  std::string RawContent() {
    std::string all;
    EXPECT_THAT(
        mysql::RunRead(
            *pool_, Soon(),
            [&](mysql::Session& session) {
              constexpr mysql::Query kRaw{"test.RawContent", "SELECT content FROM inbound_message"};
              return session.SelectValues(kRaw, {}, [&](const mysql::Row& row) -> absl::Status {
                all += row.Bytes(0);
                return absl::OkStatus();
              });
            }),
        IsOk());
    return all;
  }

  std::unique_ptr<mysql::Pool> pool_;
  const crypto::FieldCipher cipher_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<MysqlMessageStore> store_;
};

TEST_F(MysqlMessageStoreTest, MessageIsKeptEncryptedAndComesBackAsReceived) {
  const NewMessage message = Message("C1");
  auto receipt = store_->Receive(message, Soon());
  ASSERT_THAT(receipt, IsOk());
  EXPECT_TRUE(receipt->is_new);
  const auto due = Claim();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].content, message.content);
  EXPECT_EQ(due[0].stored.message_id, message.message_id);
  EXPECT_EQ(due[0].stored.control_id, "C1");
  EXPECT_EQ(due[0].stored.content_hash, message.content_hash);
  EXPECT_EQ(RawContent().find("MSH"), std::string::npos);
}

TEST_F(MysqlMessageStoreTest, LargeMessageIsKeptInChunks) {
  std::string content;
  for (int i = 0; i < 5'000'000; ++i) content.push_back(static_cast<char>(i * 7 % 251));
  ASSERT_THAT(store_->Receive(Message("BIG", content), Soon()), IsOk());
  const auto due = Claim();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_TRUE(due[0].content == content);
}

TEST_F(MysqlMessageStoreTest, UsedControlIdGivesTheFirstMessage) {
  NewMessage first = Message("C1");
  ASSERT_THAT(store_->Receive(first, Soon()), IsOk());
  ASSERT_THAT(store_->Settle(first.message_id, MessageState::kDelivered, "", "MSA|AA", Soon()),
              IsOk());
  auto again = store_->Receive(Message("C1", "other"), Soon());
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->stored.message_id, first.message_id);
  EXPECT_EQ(again->stored.state, MessageState::kDelivered);
  EXPECT_EQ(again->stored.answer, "MSA|AA");
  EXPECT_EQ(again->stored.content_hash, first.content_hash);
  NewMessage of_another_sender = Message("C1");
  of_another_sender.sender = "taoxi-lis";
  EXPECT_TRUE(store_->Receive(of_another_sender, Soon())->is_new);
  NewMessage without_claim = Message("C1");
  without_claim.claims_control_id = false;
  EXPECT_TRUE(store_->Receive(without_claim, Soon())->is_new);
}

TEST_F(MysqlMessageStoreTest, ControlIdsDifferByCaseAndTrailingBlank) {
  EXPECT_TRUE(store_->Receive(Message("abc"), Soon())->is_new);
  EXPECT_TRUE(store_->Receive(Message("ABC"), Soon())->is_new);
  EXPECT_TRUE(store_->Receive(Message("abc "), Soon())->is_new);
}

TEST_F(MysqlMessageStoreTest, OneOfManyAtOnceIsTheFirst) {
  std::atomic<int> firsts{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto receipt = store_->Receive(Message("C1"), Soon());
      EXPECT_THAT(receipt, IsOk());
      if (receipt.ok() && receipt->is_new) ++firsts;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(firsts, 1);
}

TEST_F(MysqlMessageStoreTest, SettledMessageStaysAsItIs) {
  const NewMessage message = Message("C1");
  ASSERT_THAT(store_->Receive(message, Soon()), IsOk());
  ASSERT_THAT(store_->Settle(message.message_id, MessageState::kDelivered, "", "first", Soon()),
              IsOk());
  EXPECT_THAT(store_->Settle(message.message_id, MessageState::kRefused, "X", "second", Soon()),
              IsOk());
  EXPECT_THAT(store_->Postpone(message.message_id, "X", absl::ZeroDuration(), Soon()), IsOk());
  EXPECT_EQ(store_->Receive(Message("C1"), Soon())->stored.answer, "first");
  EXPECT_THAT(Claim(), IsEmpty());
}

TEST_F(MysqlMessageStoreTest, LeasedMessageIsNotDueForOthers) {
  ASSERT_THAT(store_->Receive(Message("C1"), Soon()), IsOk());
  ASSERT_THAT(store_->Receive(Message("C2"), Soon()), IsOk());
  EXPECT_EQ(Claim(absl::Minutes(1), 1).size(), 1u);
  EXPECT_EQ(Claim(absl::Minutes(1), 10).size(), 1u);
  EXPECT_THAT(Claim(), IsEmpty());
}

TEST_F(MysqlMessageStoreTest, PostponedMessageComesBackAndCountsItsAttempts) {
  const NewMessage message = Message("C1");
  ASSERT_THAT(store_->Receive(message, Soon()), IsOk());
  ASSERT_THAT(store_->Postpone(message.message_id, "UNAVAILABLE", absl::Hours(1), Soon()), IsOk());
  EXPECT_THAT(Claim(), IsEmpty());
  ASSERT_THAT(store_->Postpone(message.message_id, "UNAVAILABLE", absl::ZeroDuration(), Soon()),
              IsOk());
  const auto due = Claim();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].stored.attempts, 2);
  EXPECT_EQ(due[0].stored.reason, "UNAVAILABLE");
}

TEST_F(MysqlMessageStoreTest, ParkedMessagesAreListedInOrderAndSentOnAgain) {
  std::vector<base::Uuid> parked;
  for (int i = 0; i < 3; ++i) {
    const NewMessage message = Message(std::to_string(i));
    parked.push_back(message.message_id);
    ASSERT_THAT(store_->Receive(message, Soon()), IsOk());
    ASSERT_THAT(
        store_->Settle(message.message_id, MessageState::kParked, "IDENTIFIER_TAKEN", "a", Soon()),
        IsOk());
  }
  const auto ids = [&](const base::Uuid& after, int limit) {
    std::vector<base::Uuid> all;
    const auto page = store_->ListParked(after, limit, Soon());
    EXPECT_THAT(page, IsOk());
    for (const auto& one : *page) all.push_back(one.message_id);
    return all;
  };
  EXPECT_THAT(ids(base::Uuid(), 2), ElementsAre(parked[0], parked[1]));
  EXPECT_THAT(ids(parked[1], 2), ElementsAre(parked[2]));

  const auto unpark = [&](const base::Uuid& id) {
    mysql::TransactionOptions options;
    options.name = "test.Unpark";
    options.deadline = Soon();
    return mysql::RunTransactionFor<inbound::StoredMessage>(
        *pool_, options,
        [&](mysql::Session& session) { return MysqlMessageStore::Unpark(session, id); });
  };
  EXPECT_THAT(unpark(parked[0]), IsOk());
  EXPECT_THAT(unpark(parked[0]), StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_PARKED"));
  EXPECT_THAT(unpark(base::Uuid::V7()), StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_EQ(Claim().at(0).stored.message_id, parked[0]);
}

TEST_F(MysqlMessageStoreTest, CountsAddUp) {
  const MessageState states[] = {MessageState::kDelivered, MessageState::kDelivered,
                                 MessageState::kParked};
  for (int i = 0; i < 3; ++i) {
    const NewMessage message = Message(std::to_string(i));
    ASSERT_THAT(store_->Receive(message, Soon()), IsOk());
    ASSERT_THAT(store_->Settle(message.message_id, states[i], "", "a", Soon()), IsOk());
  }
  NewMessage refused = Message("r");
  refused.state = MessageState::kRefused;
  refused.answer = "MSA|AE";
  ASSERT_THAT(store_->Receive(refused, Soon()), IsOk());
  ASSERT_THAT(store_->Receive(Message("w"), Soon()), IsOk());
  const auto counts = store_->Count(Soon());
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->delivered, 2);
  EXPECT_EQ(counts->parked, 1);
  EXPECT_EQ(counts->refused, 1);
  EXPECT_EQ(counts->received, 1);
}

TEST_F(MysqlMessageStoreTest, ServerThatDiesLosesNothingThatWasReceived) {
  for (int i = 0; i < 20; ++i)
    ASSERT_THAT(store_->Receive(Message(std::to_string(i)), Soon()), IsOk());
  TestDatabase::Get().Kill9();
  EXPECT_FALSE(store_->Receive(Message("lost"), absl::Now() + absl::Seconds(2)).ok());
  TestDatabase::Get().Restart();
  EXPECT_EQ(Claim(absl::Minutes(1), 100).size(), 20u);
}

}  // namespace
}  // namespace yilian::gateway
