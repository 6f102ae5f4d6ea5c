// A schema with an audit trail, and what the tests do to it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/audit/log.h"
#include "common/mysql/connection.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "tests/support/test_database.h"

namespace yilian::audit {

class AuditTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    options_ = test_support::TestDatabase::Get().NewSchema(kMigrations);
    auto pool = mysql::Pool::Open(options_);
    ASSERT_THAT(pool, status::IsOk());
    pool_ = *std::move(pool);
  }
  mysql::Pool::Lease Hold() {
    auto lease = pool_->Acquire(absl::Now() + absl::Seconds(10));
    EXPECT_THAT(lease, status::IsOk());
    return *std::move(lease);
  }

  static Record Read(int number) {
    Record record;
    record.occurred_at = absl::FromUnixMicros(1'760'000'000'000'001 + number);
    record.audit_id = base::Uuid::V7(record.occurred_at);
    record.method = "/yilian.test.v1.Test/Get";
    record.peer = "spiffe://region/org/1/system/his";
    record.user_id = base::Uuid::V7();
    record.subject_type = "referral";
    record.subject_id = base::Uuid::V7();
    record.outcome = "OK";
    record.trace_id = "0af7651916cd43dd8448eb211c80319c";
    return record;
  }
  void Insert(int from, int to) {
    std::vector<Record> records;
    for (int i = from; i <= to; ++i) records.push_back(Read(i));
    ASSERT_THAT(mysql::RunTransaction(
                    *pool_, {.name = "test.Insert", .deadline = absl::Now() + absl::Seconds(10)},
                    [&](mysql::Session& session) { return InsertRecords(session, records); }),
                status::IsOk());
  }
  // Links all that is there.
  void Link() {
    ASSERT_THAT(LinkAll(*pool_), status::IsOk());
    EXPECT_EQ(Check().unlinked, 0);
  }
  int64_t Number(const std::string& sql) {
    int64_t number = -1;
    EXPECT_THAT(Hold()->SelectText("test.Number", sql,
                                   [&](const mysql::Row& row) {
                                     number = row.Int(0);
                                     return absl::OkStatus();
                                   }),
                status::IsOk());
    return number;
  }
  Verification Check(int64_t from = 1) {
    auto verified = Verify(*Hold(), from);
    EXPECT_THAT(verified, status::IsOk());
    return verified.value_or(Verification{});
  }
  void Tamper(const std::string& sql) {
    ASSERT_THAT(Hold()->ExecuteText("test.Tamper", sql), status::IsOk());
  }

  mysql::PoolOptions options_;
  std::unique_ptr<mysql::Pool> pool_;
};

}  // namespace yilian::audit
