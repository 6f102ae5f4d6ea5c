#include "common/mysql/pool.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/mysql/connection.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "tests/support/tcp_gate.h"
#include "tests/support/test_database.h"

namespace yilian::mysql {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using test_support::TcpGate;
using test_support::TestDatabase;

absl::Time In(absl::Duration duration) { return absl::Now() + duration; }

class PoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    options_ = TestDatabase::Get().NewSchema();
  }

  std::unique_ptr<Pool> OpenPool(int size) {
    options_.size = size;
    auto pool = Pool::Open(options_);
    EXPECT_THAT(pool, IsOk());
    return pool.ok() ? *std::move(pool) : nullptr;
  }
  static int64_t ConnectionId(Connection& connection) {
    int64_t id = 0;
    EXPECT_THAT(connection.SelectText("test.Id", "SELECT CONNECTION_ID()",
                                      [&](const Row& row) {
                                        id = row.Int(0);
                                        return absl::OkStatus();
                                      }),
                IsOk());
    return id;
  }
  static std::string Variable(Connection& connection, const std::string& show, int column) {
    std::string value;
    EXPECT_THAT(connection.SelectText("test.Variable", show,
                                      [&](const Row& row) {
                                        value = row.Text(column);
                                        return absl::OkStatus();
                                      }),
                IsOk());
    return value;
  }
  static void AwaitWaiting(Pool& pool, int waiting) {
    for (const absl::Time until = In(absl::Seconds(10)); pool.GetStats().waiting != waiting;) {
      ASSERT_LT(absl::Now(), until);
      std::this_thread::yield();
    }
  }

  PoolOptions options_;
};

TEST_F(PoolTest, AConnectionIsUsedAgain) {
  auto pool = OpenPool(2);
  int64_t first;
  {
    auto lease = pool->Acquire(In(absl::Seconds(5)));
    ASSERT_THAT(lease, IsOk());
    first = ConnectionId(**lease);
    EXPECT_EQ(pool->GetStats().open, 1);
    EXPECT_EQ(pool->GetStats().idle, 0);
  }
  EXPECT_EQ(pool->GetStats().idle, 1);
  auto again = pool->Acquire(In(absl::Seconds(5)));
  EXPECT_EQ(ConnectionId(**again), first);
}

TEST_F(PoolTest, WaitingEndsAtTheDeadline) {
  auto pool = OpenPool(1);
  auto held = pool->Acquire(In(absl::Seconds(5)));
  const absl::Time start = absl::Now();
  EXPECT_THAT(pool->Acquire(In(absl::Milliseconds(50))),
              StatusIs(StatusCode::kDeadlineExceeded, "POOL_TIMEOUT"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));
  EXPECT_EQ(pool->GetStats().waiting, 0);
}

TEST_F(PoolTest, WaitingCallersAreServedInTheOrderTheyCame) {
  auto pool = OpenPool(1);
  absl::Mutex mutex;
  std::vector<int> order;
  std::vector<std::thread> threads;
  {
    auto held = pool->Acquire(In(absl::Seconds(5)));
    ASSERT_THAT(held, IsOk());
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        auto lease = pool->Acquire(In(absl::Seconds(20)));
        ASSERT_THAT(lease, IsOk());
        absl::MutexLock lock(&mutex);
        order.push_back(i);
      });
      AwaitWaiting(*pool, i + 1);
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(PoolTest, NeverMoreConnectionsThanItsSize) {
  auto pool = OpenPool(3);
  std::atomic<int> leased{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 30; ++round) {
        auto lease = pool->Acquire(In(absl::Seconds(20)));
        ASSERT_THAT(lease, IsOk());
        const int now = ++leased;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        EXPECT_GT(ConnectionId(**lease), 0);
        if (round % 10 == 9) (*lease)->MarkBroken();
        --leased;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 3);
  EXPECT_LE(pool->GetStats().open, 3);
}

TEST_F(PoolTest, AnOpenTransactionDoesNotReachTheNextCaller) {
  auto pool = OpenPool(1);
  int64_t first;
  {
    auto lease = pool->Acquire(In(absl::Seconds(5)));
    first = ConnectionId(**lease);
    ASSERT_THAT((*lease)->Begin(), IsOk());
  }
  auto next = pool->Acquire(In(absl::Seconds(5)));
  EXPECT_NE(ConnectionId(**next), first);
}

TEST_F(PoolTest, AConnectionPastItsLifetimeIsReplaced) {
  options_.max_lifetime = absl::ZeroDuration();
  auto pool = OpenPool(1);
  int64_t first;
  {
    auto lease = pool->Acquire(In(absl::Seconds(5)));
    first = ConnectionId(**lease);
  }
  auto next = pool->Acquire(In(absl::Seconds(5)));
  EXPECT_NE(ConnectionId(**next), first);
}

TEST_F(PoolTest, ServesAgainAfterTheServerWasKilled) {
  auto pool = OpenPool(3);
  {
    auto a = pool->Acquire(In(absl::Seconds(5)));
    auto b = pool->Acquire(In(absl::Seconds(5)));
    auto c = pool->Acquire(In(absl::Seconds(5)));
  }
  ASSERT_EQ(pool->GetStats().idle, 3);
  TestDatabase::Get().Kill9();
  const auto down = RunRead(*pool, In(absl::Seconds(5)), [](Session& session) {
    return session.SelectValues({"test.One", "SELECT 1"}, {},
                                [](const Row&) { return absl::OkStatus(); });
  });
  EXPECT_THAT(down, StatusIs(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  TestDatabase::Get().Restart();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(RunRead(*pool, In(absl::Seconds(5)),
                        [](Session& session) {
                          return session.SelectValues({"test.One", "SELECT 1"}, {},
                                                      [](const Row&) { return absl::OkStatus(); });
                        }),
                IsOk());
  }
  EXPECT_TRUE(pool->Healthy());
}

TEST_F(PoolTest, ASilentServerIsNoticedAndItsConnectionNeverUsedAgain) {
  auto gate = TcpGate::ToSocket(options_.socket);
  options_.socket = gate->socket();
  options_.statement_timeout = absl::Seconds(1);
  options_.connect_timeout = absl::Seconds(1);
  auto pool = OpenPool(2);
  int64_t first;
  {
    auto lease = pool->Acquire(In(absl::Seconds(5)));
    first = ConnectionId(**lease);
    gate->HalfOpen();
    const absl::Time start = absl::Now();
    EXPECT_THAT((*lease)->ExecuteText("test.Ping", "DO 1"),
                StatusIs(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
    EXPECT_LT(absl::Now() - start, absl::Seconds(8));
    EXPECT_TRUE((*lease)->broken());
    EXPECT_THAT((*lease)->ExecuteText("test.Ping", "DO 1"), StatusIs(StatusCode::kUnavailable));
  }
  EXPECT_THAT(pool->Acquire(In(absl::Seconds(5))),
              StatusIs(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  gate->Restore();
  auto next = pool->Acquire(In(absl::Seconds(5)));
  ASSERT_THAT(next, IsOk());
  EXPECT_NE(ConnectionId(**next), first);
}

TEST_F(PoolTest, SessionsAreStrictInUtcAndReadCommitted) {
  auto pool = OpenPool(1);
  auto lease = pool->Acquire(In(absl::Seconds(5)));
  EXPECT_EQ(Variable(**lease, "SHOW VARIABLES LIKE 't%x_isolation'", 1) +
                Variable(**lease, "SHOW VARIABLES LIKE 'transaction_isolation'", 1),
            "READ-COMMITTED");
  EXPECT_EQ(Variable(**lease, "SELECT @@time_zone", 0), "+00:00");
  EXPECT_NE(Variable(**lease, "SELECT @@sql_mode", 0).find("STRICT_TRANS_TABLES"),
            std::string::npos);
}

TEST_F(PoolTest, AWrongPasswordAndAMissingSchemaSaySo) {
  PoolOptions wrong = options_;
  wrong.password = "not it";
  EXPECT_THAT(Pool::Open(wrong),
              StatusIs(StatusCode::kFailedPrecondition, "DATABASE_ACCESS_DENIED"));
  wrong = options_;
  wrong.schema = "no_such_schema";
  EXPECT_THAT(Pool::Open(wrong), StatusIs(StatusCode::kFailedPrecondition, "DATABASE_NO_SCHEMA"));
  wrong = options_;
  wrong.socket += "-nobody-listens";
  EXPECT_THAT(Pool::Open(wrong), StatusIs(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

TEST_F(PoolTest, TcpIsEncryptedAndTheServerVerified) {
  options_ = TestDatabase::Get().OverTls(options_);
  auto pool = OpenPool(1);
  ASSERT_NE(pool, nullptr);
  auto lease = pool->Acquire(In(absl::Seconds(5)));
  EXPECT_NE(Variable(**lease, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", 1), "");

  PoolOptions bad = options_;
  bad.tls_ca_file = "";
  EXPECT_THAT(Pool::Open(bad), StatusIs(StatusCode::kFailedPrecondition, "DATABASE_SETTING"));
  bad.tls_ca_file = "/no/such/file.pem";
  EXPECT_FALSE(Pool::Open(bad).ok());
  // The right name, another authority.
  const std::string other = TestDatabase::Get().folder() + "/other-ca";
  ASSERT_EQ(std::system(fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
                                    "-nodes -keyout {0}.key "
                                    "-out {0}.pem -days 2 -subj /CN=other 2>/dev/null",
                                    other)
                            .c_str()),
            0);
  bad.tls_ca_file = other + ".pem";
  EXPECT_THAT(Pool::Open(bad), StatusIs(StatusCode::kUnavailable, "DATABASE_TLS"));
  // The right authority, a name the certificate does not have.
  bad = options_;
  bad.host = "127.1";  // the same address, written otherwise
  EXPECT_THAT(Pool::Open(bad), StatusIs(StatusCode::kUnavailable, "DATABASE_TLS"));
}

TEST_F(PoolTest, AReadOnlyMemberIsEvicted) {
  auto admin = *Connection::Open(options_, In(absl::Seconds(5)));
  ASSERT_THAT(admin->ExecuteText("test.Table", "CREATE TABLE a (id INT NOT NULL PRIMARY KEY)"),
              IsOk());
  // The fixture's user may write to a read-only server; a service's may not.
  const std::string user = "plain_" + options_.schema;
  ASSERT_THAT(
      admin->ExecuteText("test.User", fmt::format("CREATE USER '{}'@'%' IDENTIFIED BY 'x'", user)),
      IsOk());
  ASSERT_THAT(
      admin->ExecuteText("test.Grant", fmt::format("GRANT SELECT, INSERT ON {}.* TO '{}'@'%'",
                                                   options_.schema, user)),
      IsOk());
  options_.user = user;
  options_.password = "x";
  auto pool = OpenPool(1);
  ASSERT_NE(pool, nullptr);
  ASSERT_THAT(admin->ExecuteText("test.ReadOnly", "SET GLOBAL read_only = 1"), IsOk());
  const TransactionOptions options{
      .name = "test.Write", .deadline = In(absl::Seconds(10)), .max_attempts = 3};
  int runs = 0;
  const auto write = [&](Session& session) {
    if (++runs == 6) {
      EXPECT_THAT(admin->ExecuteText("test.Writable", "SET GLOBAL read_only = 0"), IsOk());
    }
    return session.Execute({"test.Insert", "INSERT INTO a VALUES (?)"}, 1).status();
  };
  EXPECT_THAT(RunTransaction(*pool, options, write),
              StatusIs(StatusCode::kUnavailable, "DATABASE_READ_ONLY"));
  EXPECT_EQ(pool->GetStats().idle, 0);
  EXPECT_EQ(runs, 3);
  // The third attempt of this one finds a member that writes.
  EXPECT_THAT(RunTransaction(*pool, options, write), IsOk());
}

TEST_F(PoolTest, AServerWithoutTlsIsRefusedByTcp) {
  TestDatabase& database = TestDatabase::Get();
  database.Restart(
      {"--require-secure-transport=OFF", database.is_mysql() ? "--tls-version=" : "--skip-ssl"});
  EXPECT_THAT(Pool::Open(options_), IsOk());
  const auto refused = Pool::Open(database.OverTls(options_));
  database.Restart();
  EXPECT_THAT(refused, StatusIs(StatusCode::kUnavailable, "DATABASE_TLS"));
}

TEST_F(PoolTest, AServerThatForgetsCommitsIsRefusedWithTheRemedy) {
  TestDatabase::Get().Restart({"--innodb-flush-log-at-trx-commit=2"});
  const auto refused = Pool::Open(options_);
  TestDatabase::Get().Restart({"--log-bin=binlog", "--server-id=1", "--sync-binlog=0"});
  const auto refused_binlog = Pool::Open(options_);
  TestDatabase::Get().Restart();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "DATABASE_SETTING"));
  EXPECT_NE(refused.status().message().find("innodb_flush_log_at_trx_commit = 1"),
            absl::string_view::npos);
  EXPECT_THAT(refused_binlog, StatusIs(StatusCode::kFailedPrecondition, "DATABASE_SETTING"));
  EXPECT_NE(refused_binlog.status().message().find("sync_binlog = 1"), absl::string_view::npos);
  EXPECT_THAT(Pool::Open(options_), IsOk());
}

}  // namespace
}  // namespace yilian::mysql
