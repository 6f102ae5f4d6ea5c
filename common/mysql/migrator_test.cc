#include "common/mysql/migrator.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/mysql/connection.h"
#include "common/status/matchers.h"
#include "tests/support/test_database.h"

namespace yilian::mysql {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using test_support::TestDatabase;

const Migration kFirst{"0001_a",
                       "-- a comment first\nCREATE TABLE a (id INT NOT NULL PRIMARY KEY);\n"};
const Migration kSecond{"0002_b", "CREATE TABLE b (id INT NOT NULL PRIMARY KEY);\n\n"};
const Migration kThird{"0003_a_note", "ALTER TABLE a ADD COLUMN note VARCHAR(10) NULL"};

class MigratorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    options_ = TestDatabase::Get().NewSchema();
  }

  std::unique_ptr<Connection> Connect() {
    return *Connection::Open(options_, absl::Now() + absl::Seconds(10));
  }
  absl::Status Apply(const std::vector<Migration>& migrations) {
    applied_.clear();
    return Migrate(options_, migrations,
                   [this](const std::string& line) { applied_.push_back(line.substr(0, 4)); });
  }
  absl::Status Check(const std::vector<Migration>& migrations) {
    auto pool = Pool::Open(options_);
    EXPECT_THAT(pool, IsOk());
    return CheckSchema(**pool, migrations);
  }
  bool Exists(const std::string& table) {
    return Connect()
        ->SelectText("test.Exists", "SELECT COUNT(*) FROM " + table,
                     [](const Row&) { return absl::OkStatus(); })
        .ok();
  }

  PoolOptions options_;
  std::vector<std::string> applied_;
};

using Lines = std::vector<std::string>;

TEST_F(MigratorTest, AppliesWhatIsMissingInOrderAndOnce) {
  ASSERT_THAT(Apply({kFirst, kSecond}), IsOk());
  EXPECT_EQ(applied_, (Lines{"0001", "0002"}));
  ASSERT_THAT(Apply({kFirst, kSecond, kThird}), IsOk());
  EXPECT_EQ(applied_, (Lines{"0003"}));
  ASSERT_THAT(Apply({kFirst, kSecond, kThird}), IsOk());
  EXPECT_EQ(applied_, Lines());
}

TEST_F(MigratorTest, AChangedFileIsRefusedBeforeAnythingHappens) {
  ASSERT_THAT(Apply({kFirst}), IsOk());
  Migration changed = kFirst;
  changed.sql += " ";
  const absl::Status refused = Apply({changed, kSecond});
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "MIGRATION_CHANGED"));
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("migration"), "0001_a");
  EXPECT_FALSE(Exists("b"));
  EXPECT_THAT(Check({changed}), StatusIs(StatusCode::kFailedPrecondition, "MIGRATION_CHANGED"));
}

TEST_F(MigratorTest, AnOlderSchemaIsRefusedAndANewerOneServes) {
  EXPECT_THAT(Check({kFirst}), StatusIs(StatusCode::kFailedPrecondition, "SCHEMA_OUTDATED"));
  ASSERT_THAT(Apply({kFirst, kSecond}), IsOk());
  EXPECT_THAT(Check({kFirst}), IsOk());
  EXPECT_THAT(Check({kFirst, kSecond}), IsOk());
  const absl::Status older = Check({kFirst, kSecond, kThird});
  EXPECT_THAT(older, StatusIs(StatusCode::kFailedPrecondition, "SCHEMA_OUTDATED"));
  EXPECT_EQ(status::InfoOf(older)->metadata().at("migration"), "0003_a_note");
}

TEST_F(MigratorTest, AFailedStepStopsAndIsTriedAgain) {
  const Migration broken{"0002_b", "CREATE TABLE b (id NO_SUCH_TYPE)"};
  EXPECT_THAT(Apply({kFirst, broken, kThird}), StatusIs(StatusCode::kInternal, "DATABASE_ERROR"));
  EXPECT_EQ(applied_, (Lines{"0001"}));
  EXPECT_THAT(Check({kFirst, broken}),
              StatusIs(StatusCode::kFailedPrecondition, "SCHEMA_OUTDATED"));
}

TEST_F(MigratorTest, TwoMigratorsAtOnceApplyEachStepOnce) {
  std::atomic<int> steps{0};
  std::vector<std::thread> threads;
  std::vector<absl::Status> results(4);
  for (absl::Status& result : results) {
    threads.emplace_back([&] {
      result = Migrate(options_, {kFirst, kSecond, kThird}, [&](const std::string&) { ++steps; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& result : results) EXPECT_THAT(result, IsOk());
  EXPECT_EQ(steps, 3);
}

TEST_F(MigratorTest, AStepWhoseMigratorDiedBeforeItsRecordIsCompleted) {
  ASSERT_THAT(Apply({kFirst}), IsOk());
  // The state kill -9 leaves between the DDL and its record.
  auto connection = Connect();
  ASSERT_THAT(
      connection->ExecuteText("test.Forget",
                              "UPDATE schema_migration SET state = 'STARTED', applied_at = NULL"),
      IsOk());
  EXPECT_THAT(Check({kFirst}), StatusIs(StatusCode::kFailedPrecondition, "SCHEMA_OUTDATED"));
  ASSERT_THAT(Apply({kFirst, kSecond}), IsOk());
  EXPECT_EQ(applied_, (Lines{"0001", "0002"}));
  EXPECT_THAT(Check({kFirst, kSecond}), IsOk());
}

TEST_F(MigratorTest, ALockLivesForAMinuteAtMostAndADeadMigratorsExpires) {
  int64_t remaining = -1;
  ASSERT_THAT(Migrate(options_, {kFirst},
                      [&](const std::string&) {
                        ASSERT_THAT(
                            Connect()->SelectText(
                                "test.Remaining",
                                "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), expires_at) "
                                "FROM schema_migration_lock",
                                [&](const Row& row) {
                                  remaining = row.Int(0);
                                  return absl::OkStatus();
                                }),
                            IsOk());
                      }),
              IsOk());
  EXPECT_GT(remaining, 30);
  EXPECT_LE(remaining, 60);
  // Another's lock, as a killed process leaves it, with two seconds to live.
  ASSERT_THAT(Connect()->ExecuteText("test.Hold",
                                     "UPDATE schema_migration_lock SET owner = REPEAT('x', 16), "
                                     "expires_at = UTC_TIMESTAMP(6) + INTERVAL 2 SECOND"),
              IsOk());
  const absl::Time start = absl::Now();
  ASSERT_THAT(Apply({kFirst, kSecond}), IsOk());
  EXPECT_GT(absl::Now() - start, absl::Milliseconds(1500));
  EXPECT_EQ(applied_, (Lines{"0002"}));
}

TEST_F(MigratorTest, AMigratorThatLostItsLockStops) {
  const absl::Status stopped = Migrate(options_, {kFirst, kSecond}, [&](const std::string&) {
    ASSERT_THAT(Connect()->ExecuteText("test.Steal",
                                       "UPDATE schema_migration_lock SET owner = REPEAT('x', 16)"),
                IsOk());
  });
  EXPECT_THAT(stopped, StatusIs(StatusCode::kAborted, "MIGRATION_LOCKED"));
  EXPECT_FALSE(Exists("b"));
}

}  // namespace
}  // namespace yilian::mysql
