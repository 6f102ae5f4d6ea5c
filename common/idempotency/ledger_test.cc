#include "common/idempotency/ledger.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/mysql/connection.h"
#include "common/mysql/pool.h"
#include "common/status/matchers.h"
#include "tests/support/test_database.h"

namespace yilian::idempotency {
namespace {

using status::IsOk;
using status::StatusIs;

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto pool = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(kMigrations));
    ASSERT_THAT(pool, IsOk());
    pool_ = *std::move(pool);
    auto lease = pool_->Acquire(absl::Now() + absl::Seconds(10));
    ASSERT_THAT(lease, IsOk());
    lease_.emplace(*std::move(lease));
  }
  mysql::Session& session() { return **lease_; }

  static Key KeyOf(std::string caller, char content = 'a') {
    Key key;
    key.request_id = *base::Uuid::Parse("0193f2c4-7b1e-7c3a-8a54-0123456789ab");
    key.caller = std::move(caller);
    key.method = "/yilian.test.v1.Test/Do";
    key.request_hash = std::string(32, content);
    return key;
  }
  static absl::Time At() { return absl::FromUnixSeconds(1'760'000'000); }

  std::unique_ptr<mysql::Pool> pool_;
  std::optional<mysql::Pool::Lease> lease_;
};

TEST_F(LedgerTest, AnUnknownIdHasNoOutcome) {
  EXPECT_EQ(*Find(session(), KeyOf("nurse"), "yilian.test"), std::nullopt);
}

TEST_F(LedgerTest, ARecordedOutcomeComesBackByteForByte) {
  const std::string response("\0\x01\xff '\"\\", 7);
  ASSERT_THAT(Record(session(), KeyOf("nurse"), response, At()), IsOk());
  EXPECT_EQ(*Find(session(), KeyOf("nurse"), "yilian.test"), response);
}

TEST_F(LedgerTest, AnEmptyResponseIsAnOutcomeToo) {
  ASSERT_THAT(Record(session(), KeyOf("nurse"), "", At()), IsOk());
  EXPECT_EQ(*Find(session(), KeyOf("nurse"), "yilian.test"), "");
}

TEST_F(LedgerTest, TheSameIdWithOtherContentIsRefused) {
  ASSERT_THAT(Record(session(), KeyOf("nurse", 'a'), "r", At()), IsOk());
  const auto found = Find(session(), KeyOf("nurse", 'b'), "yilian.test");
  EXPECT_THAT(found, StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_EQ(status::InfoOf(found.status())->domain(), "yilian.test");
}

TEST_F(LedgerTest, ARetryAfterTheKeyChangedIsTheSameRequest) {
  ASSERT_THAT(Record(session(), KeyOf("nurse", 'a'), "r", At()), IsOk());
  Key retry = KeyOf("nurse", 'c');
  retry.earlier_hashes = {std::string(32, 'b'), std::string(32, 'a')};
  EXPECT_EQ(*Find(session(), retry, "yilian.test"), "r");
  retry.earlier_hashes.pop_back();
  EXPECT_THAT(Find(session(), retry, "yilian.test"),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_F(LedgerTest, TheSameIdForAnotherMethodIsRefused) {
  ASSERT_THAT(Record(session(), KeyOf("nurse"), "r", At()), IsOk());
  Key other = KeyOf("nurse");
  other.method = "/yilian.test.v1.Test/Undo";
  EXPECT_THAT(Find(session(), other, "yilian.test"),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_F(LedgerTest, TwoCallersMayUseTheSameId) {
  ASSERT_THAT(Record(session(), KeyOf("nurse"), "one", At()), IsOk());
  ASSERT_THAT(Record(session(), KeyOf("doctor", 'b'), "two", At()), IsOk());
  EXPECT_EQ(*Find(session(), KeyOf("nurse"), "yilian.test"), "one");
  EXPECT_EQ(*Find(session(), KeyOf("doctor", 'b'), "yilian.test"), "two");
}

TEST_F(LedgerTest, ATakenIdIsADuplicateKey) {
  ASSERT_THAT(Record(session(), KeyOf("nurse"), "r", At()), IsOk());
  EXPECT_THAT(Record(session(), KeyOf("nurse"), "r", At()),
              StatusIs(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY"));
}

TEST_F(LedgerTest, PruneForgetsTheOldestUpToItsLimit) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(Record(session(), KeyOf("caller" + std::to_string(i)), "r", At() + absl::Hours(i)),
                IsOk());
  }
  EXPECT_EQ(*Prune(session(), At() + absl::Hours(3), 2), 2);
  EXPECT_EQ(*Find(session(), KeyOf("caller0"), "yilian.test"), std::nullopt);
  EXPECT_NE(*Find(session(), KeyOf("caller2"), "yilian.test"), std::nullopt);
  EXPECT_EQ(*Prune(session(), At() + absl::Hours(3), 100), 1);
  EXPECT_NE(*Find(session(), KeyOf("caller3"), "yilian.test"), std::nullopt);
}

}  // namespace
}  // namespace yilian::idempotency
