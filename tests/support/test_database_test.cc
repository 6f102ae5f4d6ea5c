#include "tests/support/test_database.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "common/mysql/connection.h"

namespace yilian::test_support {
namespace {

absl::Time In(absl::Duration duration) { return absl::Now() + duration; }

int64_t Count(const mysql::PoolOptions& options, const std::string& table) {
  auto connection = mysql::Connection::Open(options, In(absl::Seconds(10)));
  if (!connection.ok()) return -1;
  int64_t count = -1;
  (*connection)
      ->SelectText("test.Count", "SELECT COUNT(*) FROM " + table,
                   [&](const mysql::Row& row) {
                     count = row.Int(0);
                     return absl::OkStatus();
                   })
      .IgnoreError();
  return count;
}

TEST(TestDatabaseTest, EverySchemaIsNewAndMigrated) {
  SKIP_WITHOUT_DATABASE();
  const mysql::Migration table{"0001_a", "CREATE TABLE a (id INT NOT NULL PRIMARY KEY)"};
  const mysql::PoolOptions first = TestDatabase::Get().NewSchema({table});
  const mysql::PoolOptions second = TestDatabase::Get().NewSchema({table});
  EXPECT_NE(first.schema, second.schema);
  EXPECT_EQ(Count(first, "a"), 0);
  EXPECT_EQ(Count(second, "a"), 0);
  EXPECT_EQ(Count(TestDatabase::Get().NewSchema(), "a"), -1);
}

TEST(TestDatabaseTest, DataOutliveAKillAndARestart) {
  SKIP_WITHOUT_DATABASE();
  TestDatabase& database = TestDatabase::Get();
  const mysql::PoolOptions options =
      database.NewSchema({{"0001_a", "CREATE TABLE a (id INT NOT NULL PRIMARY KEY)"}});
  auto connection = mysql::Connection::Open(options, In(absl::Seconds(10)));
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE((*connection)->Execute({"test.Insert", "INSERT INTO a VALUES (?)"}, 1).ok());
  const int port = database.port();
  database.Kill9();
  EXPECT_EQ(Count(options, "a"), -1);
  database.Restart();
  EXPECT_EQ(database.port(), port);
  EXPECT_EQ(Count(options, "a"), 1);
  EXPECT_EQ(Count(database.OverTls(options), "a"), 1);
  database.Terminate();
  EXPECT_EQ(Count(options, "a"), -1);
  database.Restart();
  EXPECT_EQ(Count(options, "a"), 1);
}

// Runs last in its own process: this binary again, killed while its server runs.
TEST(TestDatabaseTest, TheServerDiesWithItsProcess) {
  SKIP_WITHOUT_DATABASE();
  if (std::getenv("YILIAN_TEST_VICTIM") != nullptr) {
    // The victim: starts its server, and waits to be killed.
    TestDatabase::Get().NewSchema();
    std::ofstream(std::getenv("YILIAN_TEST_VICTIM")) << TestDatabase::Get().folder() << std::endl;
    for (;;) pause();
  }
  const std::string report = TestDatabase::Get().folder() + "/victim";
  const pid_t victim = fork();
  if (victim == 0) {
    setenv("YILIAN_TEST_VICTIM", report.c_str(), 1);
    execl("/proc/self/exe", "victim", "--gtest_filter=TestDatabaseTest.TheServerDiesWithItsProcess",
          nullptr);
    _exit(127);
  }
  std::string folder;
  for (const absl::Time until = In(absl::Seconds(120)); folder.empty();) {
    ASSERT_LT(absl::Now(), until);
    ASSERT_EQ(waitpid(victim, nullptr, WNOHANG), 0);
    std::getline(std::ifstream(report), folder);
  }
  pid_t server = 0;
  std::ifstream(folder + "/data/server.pid") >> server;
  ASSERT_GT(server, 0);
  ASSERT_EQ(kill(server, 0), 0);
  kill(victim, SIGKILL);
  waitpid(victim, nullptr, 0);
  for (const absl::Time until = In(absl::Seconds(20)); kill(server, 0) == 0;) {
    ASSERT_LT(absl::Now(), until) << "the server lives on without its test";
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace yilian::test_support
