// Which of several servers a pool writes to, on a real server beside addresses where none is.
#include "common/mysql/members.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
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

class MembersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    own_ = TestDatabase::Get().NewSchema();
    options_ = TestDatabase::Get().OverTls(own_);
  }
  std::string Here() const { return fmt::format("127.0.0.1:{}", TestDatabase::Get().port()); }

  // As an administrator would, or a group with its secondaries.
  void SetReadOnly(bool on) const {
    auto connection = Connection::Open(own_, In(absl::Seconds(5)));
    ASSERT_THAT(connection, IsOk());
    ASSERT_THAT((*connection)
                    ->ExecuteText("test.ReadOnly",
                                  fmt::format("SET GLOBAL read_only = {}", on ? "ON" : "OFF")),
                IsOk());
  }

  PoolOptions own_;  // by socket
  PoolOptions options_;
};

TEST_F(MembersTest, TheOneThatIsThereIsFoundAndAskedFirstFromThenOn) {
  // Accepts, and says nothing: as dead as a host behind a firewall.
  const auto silent = TcpGate::ToPort(TestDatabase::Get().port());
  silent->Stall();
  options_.host = fmt::format("127.0.0.1:1,127.0.0.1:{},{}", silent->port(), Here());
  Members members(options_);
  ASSERT_THAT(members.Open(In(absl::Seconds(9))), IsOk());
  const absl::Time start = absl::Now();
  EXPECT_THAT(members.Open(In(absl::Seconds(9))), IsOk());
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));
}

TEST_F(MembersTest, AMemberThatTakesNoWritesIsPassedOver) {
  options_.host = fmt::format("{0},{0}", Here());
  Members members(options_);
  ASSERT_THAT(members.Open(In(absl::Seconds(5))), IsOk());
  SetReadOnly(true);
  const absl::Cleanup back = [&] { SetReadOnly(false); };
  EXPECT_THAT(members.Open(In(absl::Seconds(5))).status(),
              StatusIs(StatusCode::kUnavailable, "DATABASE_READ_ONLY"));
}

// A member that was stopped for a while and goes on may answer with rows of the time before.
TEST_F(MembersTest, WhatWasAnsweredTooLateIsNotBelieved) {
  options_.host = fmt::format("{0},{0}", Here());
  const auto connection = Members(options_).Open(In(absl::Seconds(30)));
  ASSERT_THAT(connection, IsOk());
  (*connection)->SetDoubtAfter(absl::Milliseconds(200));
  ASSERT_THAT((*connection)->ExecuteText("test.Quick", "DO 1"), IsOk());
  EXPECT_THAT((*connection)->ExecuteText("test.Slow", "DO SLEEP(0.3)"),
              StatusIs(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  EXPECT_TRUE((*connection)->broken());
}

TEST_F(MembersTest, AloneItIsTakenAsItIs) {
  SetReadOnly(true);
  const absl::Cleanup back = [&] { SetReadOnly(false); };
  EXPECT_THAT(Members(options_).Open(In(absl::Seconds(5))), IsOk());
}

TEST_F(MembersTest, WithoutAnyTheLastOnesReasonIsTold) {
  options_.host = "127.0.0.1:1,127.0.0.1:2";
  EXPECT_THAT(Members(options_).Open(In(absl::Seconds(5))).status(),
              StatusIs(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

}  // namespace
}  // namespace yilian::mysql
