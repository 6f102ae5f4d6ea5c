// For tests of sagas and timers: a schema of their own, with a table that effects write to.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/mysql/connection.h"
#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/saga/saga.h"
#include "common/status/matchers.h"
#include "tests/support/eventually.h"
#include "tests/support/test_database.h"

namespace yilian::saga {

using test_support::Eventually;

class SagaFixture : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    std::vector<mysql::Migration> migrations = kMigrations;
    migrations.push_back(
        {"s001_note",
         "CREATE TABLE note (note_id INT NOT NULL AUTO_INCREMENT, text VARCHAR(64) "
         "NOT NULL, PRIMARY KEY (note_id)) ENGINE = InnoDB"});
    auto pool = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(migrations));
    ASSERT_THAT(pool, status::IsOk());
    pool_ = *std::move(pool);
  }

  static absl::Time Soon() { return absl::Now() + absl::Seconds(30); }
  mysql::Pool::Lease Hold() {
    auto lease = pool_->Acquire(Soon());
    EXPECT_THAT(lease, status::IsOk());
    return *std::move(lease);
  }
  void Transact(const std::function<absl::Status(mysql::Session&)>& body) {
    ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Transact", .deadline = Soon()}, body),
                status::IsOk());
  }

  // An effect: one row each time.
  static absl::Status Note(mysql::Session& session, std::string_view text) {
    return session.Execute(kNote, text).status();
  }
  int64_t Notes() {
    auto count =
        Hold()->SelectOne<int64_t>(kCount, [](const mysql::Row& row) { return row.Int(0); });
    EXPECT_THAT(count, status::IsOk());
    return count->value_or(-1);
  }

  base::FakeClock clock_{absl::FromUnixSeconds(1'760'000'000)};
  std::unique_ptr<mysql::Pool> pool_;

 private:
  static constexpr mysql::Query kNote{"test.Note", "INSERT INTO note (text) VALUES (?)"};
  static constexpr mysql::Query kCount{"test.Count", "SELECT COUNT(*) FROM note"};
};

}  // namespace yilian::saga
