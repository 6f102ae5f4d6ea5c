// For tests of the outbox: a schema of their own, with a versioned aggregate beside the outbox.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/mysql/connection.h"
#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/status/matchers.h"
#include "tests/support/eventually.h"
#include "tests/support/test_database.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::outbox {

class OutboxTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    std::vector<mysql::Migration> migrations = kMigrations;
    migrations.push_back({"s001_counter",
                          "CREATE TABLE counter (id BINARY(16) NOT NULL, version BIGINT NOT NULL, "
                          "PRIMARY KEY (id)) ENGINE = InnoDB"});
    mysql::PoolOptions options = test_support::TestDatabase::Get().NewSchema(migrations);
    options.size = 24;
    auto pool = mysql::Pool::Open(options);
    ASSERT_THAT(pool, status::IsOk());
    pool_ = *std::move(pool);
  }

  static absl::Time Soon() { return absl::Now() + absl::Seconds(30); }
  static absl::Time At() { return absl::FromUnixMicros(1'760'000'000'123'456); }

  static NewEvent Event(const base::Uuid& aggregate, int64_t version,
                        std::vector<base::Uuid> audience = {}, std::string type = "Counted") {
    event::v1::StreamRequest payload;  // any message will do
    payload.set_cursor(version);
    NewEvent event =
        NewEvent::Of("counter", aggregate, version, payload, At(), std::move(audience));
    event.type = std::move(type);
    return event;
  }

  // Commits these events in one transaction.
  void Commit(const std::vector<NewEvent>& events) {
    ASSERT_THAT(
        mysql::RunTransaction(*pool_, {.name = "test.Append", .deadline = Soon()},
                              [&](mysql::Session& session) { return Append(session, events); }),
        status::IsOk());
  }

  // A connection that the test holds across statements.
  mysql::Pool::Lease Hold() {
    auto lease = pool_->Acquire(Soon());
    EXPECT_THAT(lease, status::IsOk());
    return *std::move(lease);
  }

  std::vector<StoredEvent> Read(int64_t cursor = 0, int limit = 100'000) {
    auto lease = Hold();
    auto events = ReadAfter(*lease, cursor, limit);
    EXPECT_THAT(events, status::IsOk());
    return events.value_or(std::vector<StoredEvent>{});
  }

  std::unique_ptr<mysql::Pool> pool_;
};

}  // namespace yilian::outbox
