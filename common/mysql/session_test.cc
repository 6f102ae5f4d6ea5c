// What one session does with values, results and statements, on a real server.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/mysql/connection.h"
#include "common/mysql/observer.h"
#include "common/mysql/pool.h"
#include "common/status/matchers.h"
#include "tests/support/test_database.h"

namespace yilian::mysql {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestDatabase;

const std::vector<Migration> kThings = {
    {"0001_thing",
     "CREATE TABLE thing (thing_id BINARY(16) NOT NULL PRIMARY KEY, name VARCHAR(100) NULL, number "
     "BIGINT NULL, "
     "amount DECIMAL(20,9) NULL, at DATETIME(6) NULL, bytes LONGBLOB NULL, tag VARBINARY(300) "
     "NULL, "
     "version INT NOT NULL DEFAULT 1, UNIQUE KEY uq_thing__number (number))"}};
constexpr Query kInsert{"test.Insert",
                        "INSERT INTO thing (thing_id, name, number, amount, at, bytes, tag) VALUES "
                        "(?, ?, ?, ?, ?, ?, ?)"};
constexpr Query kFind{
    "test.Find",
    "SELECT name, number, amount, at, bytes, tag, thing_id FROM thing WHERE thing_id = ?"};
constexpr Query kCount{"test.Count", "SELECT COUNT(*) FROM thing"};

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    options_ = TestDatabase::Get().NewSchema(kThings);
    auto opened = Connection::Open(options_, absl::Now() + absl::Seconds(10));
    ASSERT_THAT(opened, IsOk());
    session_ = *std::move(opened);
  }

  template <typename... Args>
  int64_t Number(const Query& query, Args&&... args) {
    auto found = session_->SelectOne<int64_t>(
        query, [](const Row& row) { return row.Int(0); }, args...);
    EXPECT_THAT(found, IsOk());
    return found.ok() && *found ? **found : -1;
  }

  PoolOptions options_;
  std::unique_ptr<Connection> session_;
};

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST_F(SessionTest, EveryKindOfValueComesBackAsItWent) {
  const base::Uuid id = base::Uuid::V7();
  const absl::Time at = absl::FromUnixMicros(1'790'000'000'123'456);
  ASSERT_THAT(session_->Execute(kInsert, id, "王小明 😀", int64_t{-9'007'199'254'740'993},
                                "12345678901.000000001", at, Blob{AllBytes() + AllBytes()},
                                Blob{AllBytes()}),
              IsOk());
  int rows = 0;
  ASSERT_THAT(session_->SelectValues(kFind, {id},
                                     [&](const Row& row) {
                                       ++rows;
                                       EXPECT_EQ(row.Text(0), "王小明 😀");
                                       EXPECT_EQ(row.Int(1), -9'007'199'254'740'993);
                                       EXPECT_EQ(row.Text(2), "12345678901.000000001");
                                       EXPECT_EQ(row.Time(3), at);
                                       EXPECT_EQ(row.Bytes(4), AllBytes() + AllBytes());
                                       EXPECT_EQ(row.Bytes(5), AllBytes());
                                       EXPECT_EQ(row.Id(6), id);
                                       return absl::OkStatus();
                                     }),
              IsOk());
  EXPECT_EQ(rows, 1);
}

// The id is bound as text: every byte pattern must match the BINARY(16) it was stored as.
TEST_F(SessionTest, AnyBytesAreFoundByTheirKey) {
  for (int first = 0; first < 256; first += 5) {
    std::string bytes(16, static_cast<char>(first));
    bytes[7] = '\0';
    bytes[8] = '\\';
    bytes[15] = ' ';
    const base::Uuid id = *base::Uuid::FromBytes(bytes);
    ASSERT_THAT(
        session_->Execute(kInsert, id, nullptr, nullptr, nullptr, nullptr, nullptr, Blob{bytes}),
        IsOk());
    EXPECT_EQ(Number({"test.FindBoth", "SELECT COUNT(*) FROM thing WHERE thing_id = ? AND tag = ?"},
                     id, Blob{bytes}),
              1)
        << first;
  }
}

TEST_F(SessionTest, BigBlobsSurviveAndAreStoredAgainOnTheNextExecution) {
  const std::string big(3 << 20, '\x01');
  const std::string other(700'000, '\xfe');
  for (const std::string& bytes : {big, other, std::string()}) {
    const base::Uuid id = base::Uuid::V7();
    ASSERT_THAT(
        session_->Execute(kInsert, id, nullptr, nullptr, nullptr, nullptr, Blob{bytes}, nullptr),
        IsOk());
    auto back = session_->SelectOne<std::string>(
        kFind, [](const Row& row) { return row.Bytes(4); }, id);
    ASSERT_THAT(back, IsOk());
    ASSERT_TRUE(back->has_value());
    EXPECT_TRUE(**back == bytes) << bytes.size();
  }
}

TEST_F(SessionTest, NullsAreNullAndReadAsEmpty) {
  const base::Uuid id = base::Uuid::V7();
  ASSERT_THAT(session_->Execute(kInsert, id, std::optional<std::string>(), std::optional<int64_t>(),
                                nullptr, std::optional<absl::Time>(), nullptr, nullptr),
              IsOk());
  ASSERT_THAT(session_->SelectValues(kFind, {id},
                                     [&](const Row& row) {
                                       for (int i = 0; i < 6; ++i) EXPECT_TRUE(row.IsNull(i)) << i;
                                       EXPECT_FALSE(row.IsNull(6));
                                       EXPECT_EQ(row.OptionalText(0), std::nullopt);
                                       EXPECT_EQ(row.OptionalInt(1), std::nullopt);
                                       EXPECT_EQ(row.OptionalTime(3), std::nullopt);
                                       EXPECT_EQ(row.Text(0), "");
                                       EXPECT_EQ(row.Int(1), 0);
                                       EXPECT_EQ(row.Bytes(4), "");
                                       return absl::OkStatus();
                                     }),
              IsOk());
}

// A NULL bound once must not stick to the prepared statement, nor a value to a later NULL.
TEST_F(SessionTest, ParametersOfTheLastExecutionAreForgotten) {
  for (const std::optional<int64_t> number :
       {std::optional<int64_t>(1), std::optional<int64_t>(), std::optional<int64_t>(2)}) {
    const base::Uuid id = base::Uuid::V7();
    ASSERT_THAT(session_->Execute(kInsert, id, "a", number, nullptr, nullptr, nullptr, nullptr),
                IsOk());
    auto back = session_->SelectOne<std::optional<int64_t>>(
        kFind, [](const Row& row) { return row.OptionalInt(1); }, id);
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(**back, number);
  }
}

TEST_F(SessionTest, TimesKeepTheirMicroseconds) {
  for (const int64_t micros :
       {int64_t{0}, int64_t{1}, int64_t{999'999}, int64_t{1'790'000'000'000'000},
        int64_t{1'790'000'000'100'000}, int64_t{-1}}) {
    const base::Uuid id = base::Uuid::V7();
    const absl::Time at = absl::FromUnixMicros(micros);
    ASSERT_THAT(session_->Execute(kInsert, id, nullptr, nullptr, nullptr, at, nullptr, nullptr),
                IsOk());
    auto back = session_->SelectOne<absl::Time>(
        kFind, [](const Row& row) { return row.Time(3); }, id);
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(**back, at);
    EXPECT_EQ(
        Number({"test.At", "SELECT COUNT(*) FROM thing WHERE thing_id = ? AND at = ? AND at <= ?"},
               id, at, at),
        1);
  }
}

TEST_F(SessionTest, DuplicateKeyNamesTheKeyAndNotTheValue) {
  ASSERT_THAT(
      session_->Execute(kInsert, base::Uuid::V7(), nullptr, 42, nullptr, nullptr, nullptr, nullptr),
      IsOk());
  const auto again =
      session_->Execute(kInsert, base::Uuid::V7(), nullptr, 42, nullptr, nullptr, nullptr, nullptr);
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY"));
  EXPECT_EQ(status::InfoOf(again.status())->metadata().at("key"), "uq_thing__number");
  EXPECT_EQ(status::InfoOf(again.status())->metadata().at("query"), "test.Insert");
  EXPECT_EQ(std::string(again.status().message()).find("42"), std::string::npos);
  // The statement and the session live on.
  EXPECT_THAT(
      session_->Execute(kInsert, base::Uuid::V7(), nullptr, 43, nullptr, nullptr, nullptr, nullptr),
      IsOk());
}

TEST_F(SessionTest, MatchedRowsAreCountedAlsoWhereNothingChanges) {
  const base::Uuid id = base::Uuid::V7();
  ASSERT_THAT(session_->Execute(kInsert, id, "same", nullptr, nullptr, nullptr, nullptr, nullptr),
              IsOk());
  const Query rename{"test.Rename", "UPDATE thing SET name = ? WHERE thing_id = ?"};
  EXPECT_EQ(*session_->Execute(rename, "same", id), 1);
  EXPECT_EQ(*session_->Execute(rename, "same", base::Uuid::V7()), 0);
}

TEST_F(SessionTest, IsoTimesAndTooLongTextAreRefusedByTheStrictServer) {
  EXPECT_THAT(session_->Execute({"test.Iso", "INSERT INTO thing (thing_id, at) VALUES (?, ?)"},
                                base::Uuid::V7(), "2026-11-22T00:00:00Z"),
              StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  EXPECT_THAT(session_->Execute(kInsert, base::Uuid::V7(), std::string(101, 'x'), nullptr, nullptr,
                                nullptr, nullptr, nullptr),
              StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  EXPECT_EQ(Number(kCount), 0);
}

TEST_F(SessionTest, ErrorsNeverQuoteAStoredValue) {
  const auto wrong =
      session_->Execute({"test.Wrong", "INSERT INTO thing (thing_id, number) VALUES (?, ?)"},
                        base::Uuid::V7(), "secret-person");
  EXPECT_THAT(wrong, StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  EXPECT_EQ(wrong.status().ToString().find("secret-person"), std::string::npos);
}

TEST_F(SessionTest, AReadThatEndsEarlyLeavesTheSessionUsable) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(
        session_->Execute(kInsert, base::Uuid::V7(), "row", i, nullptr, nullptr, nullptr, nullptr),
        IsOk());
  }
  const Query all{"test.All", "SELECT number FROM thing ORDER BY number"};
  int seen = 0;
  EXPECT_THAT(session_->SelectValues(all, {},
                                     [&](const Row&) {
                                       return ++seen == 3 ? absl::CancelledError("enough")
                                                          : absl::OkStatus();
                                     }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(Number(kCount), 50);
  EXPECT_EQ(session_->SelectAll<int64_t>(all, [](const Row& row) { return row.Int(0); })->size(),
            50);
}

TEST_F(SessionTest, AStatementMayRunWithinItsOwnResult) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(
        session_->Execute(kInsert, base::Uuid::V7(), "row", i, nullptr, nullptr, nullptr, nullptr),
        IsOk());
  }
  const Query above{"test.Above", "SELECT number FROM thing WHERE number > ? ORDER BY number"};
  std::vector<int64_t> pairs;
  ASSERT_THAT(session_->SelectValues(above, {-1},
                                     [&](const Row& outer) {
                                       return session_->SelectValues(
                                           above, {outer.Int(0)}, [&](const Row& inner) {
                                             pairs.push_back(outer.Int(0) * 10 + inner.Int(0));
                                             return absl::OkStatus();
                                           });
                                     }),
              IsOk());
  EXPECT_EQ(pairs, (std::vector<int64_t>{1, 2, 3, 12, 13, 23}));
}

TEST_F(SessionTest, AWrongNumberOfParametersIsRefusedBeforeItIsSent) {
  ASSERT_THAT(
      session_->Execute(kInsert, base::Uuid::V7(), "a", 1, nullptr, nullptr, nullptr, nullptr),
      IsOk());
  EXPECT_THAT(session_->Execute(kInsert, base::Uuid::V7(), "a"),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Number(kCount), 1);
}

TEST_F(SessionTest, TheStatementCacheIsBoundedOnTheServerToo) {
  options_.statement_cache = 5;
  auto small = Connection::Open(options_, absl::Now() + absl::Seconds(10));
  ASSERT_THAT(small, IsOk());
  const auto prepared = [&] {
    int64_t count = 0;
    EXPECT_THAT(
        session_->SelectText("test.Prepared", "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'",
                             [&](const Row& row) {
                               count = std::stoll(row.Text(1));
                               return absl::OkStatus();
                             }),
        IsOk());
    return count;
  };
  const int64_t before = prepared();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40; ++i) {
      const std::string sql = "SELECT COUNT(*) + " + std::to_string(i) + " FROM thing";
      auto value = (*small)->SelectOne<int64_t>(Query{"test.Many", sql},
                                                [](const Row& row) { return row.Int(0); });
      ASSERT_THAT(value, IsOk());
      EXPECT_EQ(**value, i);
    }
  }
  // Closing a statement has no answer: the server may be one behind.
  EXPECT_LE(prepared() - before, 6);
  // Composed texts have a small cache of their own, and do not push the others out.
  std::string places = "?";
  Values values{0};
  for (int i = 1; i <= 100; ++i) {
    ASSERT_THAT((*small)->ExecuteComposed(
                    "test.Composed", "DELETE FROM thing WHERE number IN (" + places + ")", values),
                IsOk());
    places += ", ?";
    values.push_back(i);
  }
  EXPECT_LE(prepared() - before, 5 + 16 + 1);
}

// A new schema serves the previous binary: its prepared statements live on through DDL.
TEST_F(SessionTest, CachedStatementsSurviveAMigration) {
  const base::Uuid id = base::Uuid::V7();
  ASSERT_THAT(session_->Execute(kInsert, id, "a", 1, nullptr, nullptr, nullptr, nullptr), IsOk());
  ASSERT_EQ(Number(kCount), 1);
  auto other = Connection::Open(options_, absl::Now() + absl::Seconds(10));
  ASSERT_THAT(other, IsOk());
  ASSERT_THAT(
      (*other)->ExecuteText(
          "test.Alter", "ALTER TABLE thing ADD COLUMN extra INT NULL, MODIFY name VARCHAR(200)"),
      IsOk());
  EXPECT_EQ(Number(kCount), 1);
  EXPECT_EQ(**session_->SelectOne<std::string>(
                kFind, [](const Row& row) { return row.Text(0); }, id),
            "a");
  EXPECT_THAT(session_->Execute(kInsert, base::Uuid::V7(), std::string(150, 'x'), 2, nullptr,
                                nullptr, nullptr, nullptr),
              IsOk());
}

TEST_F(SessionTest, ComposedStatementsRunWithAnyNumberOfRows) {
  for (int round = 0; round < 2; ++round) {
    for (int rows = 1; rows <= 20; ++rows) {
      std::string sql = "INSERT INTO thing (thing_id, name) VALUES ";
      Values values;
      for (int i = 0; i < rows; ++i) {
        sql += i == 0 ? "(?, ?)" : ", (?, ?)";
        values.emplace_back(base::Uuid::V7());
        values.emplace_back(rows % 2 == 0 ? Value(nullptr) : Value("row"));
      }
      const auto inserted = session_->ExecuteComposed("test.InsertRows", sql, values);
      ASSERT_THAT(inserted, IsOk());
      EXPECT_EQ(*inserted, rows);
    }
  }
  EXPECT_EQ(Number(kCount), 420);
}

TEST_F(SessionTest, MoreThanAPacketIsRefusedAndTheSessionLivesOn) {
  const base::Uuid id = base::Uuid::V7();
  EXPECT_THAT(session_->Execute(kInsert, id, nullptr, nullptr, nullptr, nullptr,
                                Blob{std::string(17 << 20, 'x')}, nullptr),
              StatusIs(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  EXPECT_FALSE(session_->broken());
  EXPECT_EQ(Number(kCount), 0);
}

TEST_F(SessionTest, AStatementThatRunsTooLongIsStoppedByTheServer) {
  options_.statement_timeout = absl::Milliseconds(300);
  auto short_lived = Connection::Open(options_, absl::Now() + absl::Seconds(10));
  ASSERT_THAT(short_lived, IsOk());
  for (int i = 0; i < 200; ++i) {
    ASSERT_THAT(
        session_->Execute(kInsert, base::Uuid::V7(), "row", i, nullptr, nullptr, nullptr, nullptr),
        IsOk());
  }
  const absl::Time start = absl::Now();
  // 200^5 rows: hours.
  const Query endless{
      "test.Endless",
      "SELECT COUNT(*) FROM thing a, thing b, thing c, thing d, thing e WHERE a.number + "
      "b.number + c.number + d.number + e.number = ?"};
  EXPECT_THAT((*short_lived)
                  ->SelectOne<int64_t>(
                      endless, [](const Row& row) { return row.Int(0); }, -1),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  EXPECT_FALSE((*short_lived)->broken());
  EXPECT_THAT((*short_lived)->SelectOne<int64_t>(kCount, [](const Row& row) { return row.Int(0); }),
              IsOk());
}

TEST_F(SessionTest, NothingIsSentAfterTheDeadline) {
  session_->SetDeadline(absl::Now() - absl::Milliseconds(1));
  EXPECT_THAT(
      session_->Execute(kInsert, base::Uuid::V7(), "a", 1, nullptr, nullptr, nullptr, nullptr),
      StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED"));
  session_->SetDeadline(absl::InfiniteFuture());
  EXPECT_EQ(Number(kCount), 0);
}

TEST_F(SessionTest, TheObserverHearsOfEveryStatementByName) {
  std::vector<std::pair<std::string, bool>> heard;
  SetQueryObserver([&](std::string_view name, absl::Duration took, bool ok) {
    EXPECT_GT(took, absl::ZeroDuration());
    heard.emplace_back(name, ok);
  });
  EXPECT_EQ(Number(kCount), 0);
  EXPECT_FALSE(session_->Execute({"test.NoTable", "DELETE FROM no_such_table"}).ok());
  SetQueryObserver(nullptr);
  EXPECT_EQ(Number(kCount), 0);
  EXPECT_EQ(heard, (std::vector<std::pair<std::string, bool>>{{"test.Count", true},
                                                              {"test.NoTable", false}}));
}

}  // namespace
}  // namespace yilian::mysql
