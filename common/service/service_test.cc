// Flags, and revocations from the table into memory.
#include "common/service/service.h"

#include <gtest/gtest.h>

#include <set>

#include "common/mysql/migrator.h"
#include "common/mysql/transaction.h"
#include "common/rpc/revocation.h"
#include "common/service/flags.h"
#include "common/service/revocations.h"
#include "common/status/matchers.h"
#include "tests/support/eventually.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::service {
namespace {

using status::IsOk;

absl::StatusOr<Flags> Parse(std::vector<std::string> words) {
  words.insert(words.begin(), "yilian-test");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return ParseFlags(static_cast<int>(argv.size()), argv.data());
}

TEST(Flags, NameAModeAndAFile) {
  EXPECT_EQ(Parse({"--config", "a.json"})->config_file, "a.json");
  EXPECT_EQ(Parse({"--config=a.json", "--migrate"})->mode, Flags::Mode::kMigrate);
  EXPECT_EQ(Parse({"--check-config", "--config", "a.json"})->mode, Flags::Mode::kCheckConfig);
  EXPECT_EQ(Parse({"--help"})->mode, Flags::Mode::kHelp);
}

TEST(Flags, WrongOnesAreNamed) {
  EXPECT_NE(std::string(Parse({"--confg", "a"}).status().message()).find("--confg"),
            std::string::npos);
  EXPECT_FALSE(Parse({}).ok());
  EXPECT_FALSE(Parse({"--config"}).ok());
}

TEST(Migrations, OfTheFrameComeFirstAndEveryNameIsItsOwn) {
  std::set<std::string> names;
  for (const mysql::Migration& one :
       AllMigrations({{"s001_own", "CREATE TABLE own (id INT PRIMARY KEY)"}})) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
  }
  EXPECT_EQ(*names.rbegin(), "s001_own");
}

class RevocationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(AllMigrations({})));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
  }
  absl::Status Apply(const base::Uuid& user, absl::Time not_before) {
    directory::v1::UserRevoked payload;
    payload.set_user_id(user.ToString());
    payload.mutable_not_before()->set_seconds(absl::ToUnixSeconds(not_before));
    event::v1::Event event;
    event.mutable_payload()->PackFrom(payload);
    return mysql::RunTransaction(
        *pool_, {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(10)},
        [&](mysql::Session& session) { return ApplyRevocation(session, event); });
  }
  std::unique_ptr<mysql::Pool> pool_;
};

TEST_F(RevocationsTest, AnEventReachesTheListWithinSeconds) {
  rpc::RevocationList list;
  RevocationReader reader(*pool_, list);
  const base::Uuid user = base::Uuid::V7();
  const absl::Time now = absl::Now();
  EXPECT_FALSE(list.IsRevoked(user, now - absl::Minutes(1)));
  ASSERT_THAT(Apply(user, now), IsOk());
  EXPECT_TRUE(
      test_support::Eventually([&] { return list.IsRevoked(user, now - absl::Minutes(1)); }));
  EXPECT_FALSE(list.IsRevoked(user, now + absl::Minutes(1)));
  EXPECT_FALSE(list.IsRevoked(base::Uuid::V7(), now - absl::Minutes(1)));
}

TEST_F(RevocationsTest, AnOlderEventThatComesLateTakesNothingBack) {
  rpc::RevocationList list;
  RevocationReader reader(*pool_, list);
  const base::Uuid user = base::Uuid::V7();
  const absl::Time now = absl::Now();
  ASSERT_THAT(Apply(user, now), IsOk());
  ASSERT_THAT(Apply(user, now - absl::Hours(1)), IsOk());
  ASSERT_THAT(reader.ReadNow(), IsOk());
  EXPECT_TRUE(list.IsRevoked(user, now - absl::Minutes(1)));
}

}  // namespace
}  // namespace yilian::service
