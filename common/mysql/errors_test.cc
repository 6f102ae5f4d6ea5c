#include "common/mysql/errors.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::mysql {
namespace {

using absl::StatusCode;
using status::StatusIs;

TEST(ErrorsTest, EveryNumberOfTheListHasItsMeaning) {
  EXPECT_THAT(StatementError(1062, "Duplicate entry 'x' for key 'uq'", "q"),
              StatusIs(StatusCode::kAlreadyExists, "DUPLICATE_KEY"));
  for (const int number : {1213, 1205}) {
    EXPECT_THAT(StatementError(number, "", "q"), StatusIs(StatusCode::kAborted, "CONTENTION"));
    EXPECT_EQ(FaultOf(number), Fault::kRerun);
  }
  for (const int number : {1969, 3024}) {
    EXPECT_THAT(StatementError(number, "", "q"),
                StatusIs(StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT"));
    EXPECT_EQ(FaultOf(number), Fault::kNone);
  }
  for (const int number : {2002, 2003, 2006, 2013, 2026}) {
    EXPECT_THAT(StatementError(number, "", "q"),
                StatusIs(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
    EXPECT_EQ(FaultOf(number), Fault::kConnectionLost);
  }
  for (const int number : {1290, 1836}) {
    EXPECT_THAT(StatementError(number, "", "q"),
                StatusIs(StatusCode::kUnavailable, "DATABASE_READ_ONLY"));
    EXPECT_EQ(FaultOf(number), Fault::kUnusable);
  }
  for (const int number : {1064, 1146, 1105, 1366, 2014, 9999, 0}) {
    EXPECT_THAT(StatementError(number, "", "q"), StatusIs(StatusCode::kInternal, "DATABASE_ERROR"));
  }
}

TEST(ErrorsTest, OnlyADeadlockAtCommitIsSurelyRolledBack) {
  EXPECT_TRUE(CommitSurelyRolledBack(1213));
  EXPECT_TRUE(CommitSurelyRolledBack(3101));
  for (const int number : {2006, 2013, 1053, 1180, 1205, 1969, 0})
    EXPECT_FALSE(CommitSurelyRolledBack(number)) << number;
}

TEST(ErrorsTest, KeyNameIsFoundInBothServersTexts) {
  EXPECT_EQ(KeyOfDuplicate("Duplicate entry 'a' for key 'uq_seat'"), "uq_seat");
  EXPECT_EQ(KeyOfDuplicate("Duplicate entry 'a' for key 'seat.uq_seat'"), "uq_seat");
  EXPECT_EQ(KeyOfDuplicate("Duplicate entry 'for key 'evil'' for key 'PRIMARY'"), "PRIMARY");
  EXPECT_EQ(KeyOfDuplicate("something else"), "");
}

TEST(ErrorsTest, AValueInTheServersTextIsNotPassedOn) {
  for (const int number : {1062, 1292, 1366, 1213, 1264}) {
    const absl::Status status =
        StatementError(number, "Incorrect value: 'Wang Xiaoming' for key 'uq'", "q");
    EXPECT_EQ(status.ToString().find("Xiaoming"), std::string::npos) << number;
  }
  // What names tables and columns only helps, and is kept.
  EXPECT_NE(StatementError(1146, "Table 'x.y' doesn't exist", "q").message().find("x.y"),
            absl::string_view::npos);
}

TEST(ErrorsTest, FailedConnectsNameTheRemedy) {
  EXPECT_THAT(ConnectError(1045, "", "yilian_lab", "yilian_lab"),
              StatusIs(StatusCode::kFailedPrecondition, "DATABASE_ACCESS_DENIED"));
  EXPECT_THAT(ConnectError(1049, "", "u", "s"),
              StatusIs(StatusCode::kFailedPrecondition, "DATABASE_NO_SCHEMA"));
  EXPECT_THAT(ConnectError(2026, "", "u", "s"), StatusIs(StatusCode::kUnavailable, "DATABASE_TLS"));
  EXPECT_THAT(ConnectError(2003, "", "u", "s"),
              StatusIs(StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

}  // namespace
}  // namespace yilian::mysql
