#include "common/mysql/transaction.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "absl/time/clock.h"
#include "common/mysql/connection.h"
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

const std::vector<Migration> kSeats = {
    {"0001_seat",
     "CREATE TABLE seat (number INT NOT NULL PRIMARY KEY, taken INT NOT NULL DEFAULT 0)"}};
constexpr Query kInsert{"test.Insert", "INSERT INTO seat (number) VALUES (?)"};
constexpr Query kTake{"test.Take", "UPDATE seat SET taken = taken + 1 WHERE number = ?"};
constexpr Query kCount{"test.Count", "SELECT COUNT(*) FROM seat WHERE number = ?"};
constexpr Query kTaken{"test.Taken", "SELECT taken FROM seat WHERE number = ?"};

absl::Time In(absl::Duration duration) { return absl::Now() + duration; }

class TransactionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    options_ = TestDatabase::Get().NewSchema(kSeats);
    pool_ = *Pool::Open(options_);
    ASSERT_THAT(Run([](Session& session) -> absl::Status {
                  for (const int number : {1, 2}) {
                    if (auto done = session.Execute(kInsert, number); !done.ok())
                      return done.status();
                  }
                  return absl::OkStatus();
                }),
                IsOk());
  }

  TransactionOptions Options(absl::Duration patience = absl::Seconds(20)) const {
    return {.name = "test.Transaction", .deadline = In(patience)};
  }
  absl::Status Run(const std::function<absl::Status(Session&)>& body) {
    return RunTransaction(*pool_, Options(), body);
  }
  int64_t Number(const Query& query, int number) {
    int64_t value = -1;
    EXPECT_THAT(RunRead(*pool_, In(absl::Seconds(20)),
                        [&](Session& session) {
                          return session.SelectValues(query, {number}, [&](const Row& row) {
                            value = row.Int(0);
                            return absl::OkStatus();
                          });
                        }),
                IsOk());
    return value;
  }
  // A pool whose link can be cut, plaintext by unix socket so that the gate sees COMMIT.
  void ThroughGate() {
    gate_ = TcpGate::ToSocket(options_.socket);
    PoolOptions options = options_;
    options.socket = gate_->socket();
    gated_ = *Pool::Open(options);
  }
  std::function<absl::StatusOr<bool>(Session&)> SeatIsThere(int number) {
    return [this, number](Session& session) -> absl::StatusOr<bool> {
      ++lookups_;
      auto count = session.SelectOne<int64_t>(
          kCount, [](const Row& row) { return row.Int(0); }, number);
      if (!count.ok()) return count.status();
      return **count == 1;
    };
  }

  PoolOptions options_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<TcpGate> gate_;
  std::unique_ptr<Pool> gated_;
  int lookups_ = 0;
};

TEST_F(TransactionTest, CommitsWhatTheBodyDid) {
  ASSERT_THAT(Run([](Session& session) { return session.Execute(kInsert, 3).status(); }), IsOk());
  EXPECT_EQ(Number(kCount, 3), 1);
}

TEST_F(TransactionTest, AnErrorOfTheBodyRollsBackAndComesBackOnce) {
  int runs = 0;
  EXPECT_THAT(Run([&](Session& session) -> absl::Status {
                ++runs;
                EXPECT_THAT(session.Execute(kInsert, 3), IsOk());
                return absl::FailedPreconditionError("no");
              }),
              StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Number(kCount, 3), 0);
}

TEST_F(TransactionTest, ReturnsAValue) {
  const absl::StatusOr<int> made =
      RunTransactionFor<int>(*pool_, Options(), [](Session&) { return absl::StatusOr<int>(7); });
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(*made, 7);
}

TEST_F(TransactionTest, ADeadlockRunsTheWholeDecisionAgain) {
  absl::Barrier* both_hold_one = new absl::Barrier(2);
  std::atomic<int> runs{0};
  const auto take = [&](int first, int second) {
    bool again = false;
    return RunTransaction(*pool_, Options(), [&, again](Session& session) mutable -> absl::Status {
      ++runs;
      if (auto done = session.Execute(kTake, first); !done.ok()) return done.status();
      if (!std::exchange(again, true)) {
        if (both_hold_one->Block()) delete both_hold_one;
      }
      return session.Execute(kTake, second).status();
    });
  };
  absl::Status other;
  std::thread thread([&] { other = take(2, 1); });
  EXPECT_THAT(take(1, 2), IsOk());
  thread.join();
  EXPECT_THAT(other, IsOk());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Number(kTaken, 1), 2);
  EXPECT_EQ(Number(kTaken, 2), 2);
}

// The server has rolled back everything; what follows must not commit by itself.
TEST_F(TransactionTest, ABodyThatSwallowsADeadlockCommitsNothingHalf) {
  absl::Barrier* both_hold_one = new absl::Barrier(2);
  std::atomic<int> refused{0};
  const auto take = [&](int first, int second, int mark) {
    bool again = false;
    return RunTransaction(*pool_, Options(), [&, again](Session& session) mutable -> absl::Status {
      EXPECT_THAT(session.Execute(kTake, first), IsOk());
      if (!std::exchange(again, true)) {
        if (both_hold_one->Block()) delete both_hold_one;
      }
      if (!session.Execute(kTake, second).ok()) {
        EXPECT_THAT(session.Execute(kInsert, mark + 1),
                    StatusIs(StatusCode::kAborted, "CONTENTION"));
        ++refused;
        return absl::OkStatus();
      }
      return session.Execute(kInsert, mark).status();
    });
  };
  absl::Status other;
  std::thread thread([&] { other = take(2, 1, 10); });
  EXPECT_THAT(take(1, 2, 20), IsOk());
  thread.join();
  EXPECT_THAT(other, IsOk());
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(Number(kTaken, 1), 2);
  EXPECT_EQ(Number(kCount, 10), 1);
  EXPECT_EQ(Number(kCount, 20), 1);
  EXPECT_EQ(Number(kCount, 11) + Number(kCount, 21), 0);
}

TEST_F(TransactionTest, ALockWaitRollsBackAndRunsAgain) {
  options_.statement_timeout = absl::Seconds(2);  // a lock wait of one second
  auto waiting = *Pool::Open(options_);
  auto holder = *Connection::Open(options_, In(absl::Seconds(5)));
  ASSERT_THAT(holder->Begin(), IsOk());
  ASSERT_THAT(holder->Execute(kTake, 1), IsOk());
  int runs = 0;
  EXPECT_THAT(RunTransaction(*waiting, Options(),
                             [&](Session& session) -> absl::Status {
                               if (++runs == 2) {
                                 EXPECT_THAT(holder->Commit(), IsOk());
                               }
                               // Kept by the server after the lock wait, unless we roll back: it
                               // would count twice.
                               if (auto done = session.Execute(kTake, 2); !done.ok())
                                 return done.status();
                               return session.Execute(kTake, 1).status();
                             }),
              IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Number(kTaken, 2), 1);
  EXPECT_EQ(Number(kTaken, 1), 2);
}

TEST_F(TransactionTest, EndlessContentionIsAborted) {
  options_.statement_timeout = absl::Seconds(2);
  auto waiting = *Pool::Open(options_);
  auto holder = *Connection::Open(options_, In(absl::Seconds(5)));
  ASSERT_THAT(holder->Begin(), IsOk());
  ASSERT_THAT(holder->Execute(kTake, 1), IsOk());
  TransactionOptions twice = Options();
  twice.max_attempts = 2;
  int runs = 0;
  EXPECT_THAT(RunTransaction(*waiting, twice,
                             [&](Session& session) {
                               ++runs;
                               return session.Execute(kTake, 1).status();
                             }),
              StatusIs(StatusCode::kAborted, "CONTENTION"));
  EXPECT_EQ(runs, 2);
}

TEST_F(TransactionTest, NothingIsStoredAfterTheDeadline) {
  TransactionOptions options = Options();
  options.deadline = In(absl::Milliseconds(100));
  EXPECT_THAT(RunTransaction(*pool_, options,
                             [&](Session& session) -> absl::Status {
                               EXPECT_THAT(session.Execute(kInsert, 3), IsOk());
                               while (absl::Now() < options.deadline) std::this_thread::yield();
                               return absl::OkStatus();
                             }),
              StatusIs(StatusCode::kDeadlineExceeded, "DEADLINE_PASSED"));
  EXPECT_EQ(Number(kCount, 3), 0);
}

TEST_F(TransactionTest, ALinkLostBeforeCommitRunsAgain) {
  ThroughGate();
  int runs = 0;
  EXPECT_THAT(RunTransaction(*gated_, Options(),
                             [&](Session& session) -> absl::Status {
                               if (auto done = session.Execute(kInsert, 3); !done.ok())
                                 return done.status();
                               if (++runs == 1) gate_->Cut();
                               return session.Execute(kTake, 3).status();
                             }),
              IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Number(kTaken, 3), 1);
}

TEST_F(TransactionTest, ACommitThatNeverArrivedIsRunAgain) {
  ThroughGate();
  gate_->CutAt(test_support::kCommitPacket, TcpGate::CutPoint::kBeforeServer);
  TransactionOptions options = Options();
  options.was_committed = SeatIsThere(3);
  int runs = 0;
  EXPECT_THAT(RunTransaction(*gated_, options,
                             [&](Session& session) {
                               ++runs;
                               return session.Execute(kInsert, 3).status();
                             }),
              IsOk());
  EXPECT_TRUE(gate_->cut_happened());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(lookups_, 1);
  EXPECT_EQ(Number(kCount, 3), 1);
}

TEST_F(TransactionTest, ACommitWhoseAnswerWasLostIsFoundAndNotRepeated) {
  ThroughGate();
  gate_->CutAt(test_support::kCommitPacket, TcpGate::CutPoint::kBeforeAnswer);
  TransactionOptions options = Options();
  options.was_committed = SeatIsThere(3);
  int runs = 0;
  EXPECT_THAT(RunTransaction(*gated_, options,
                             [&](Session& session) -> absl::Status {
                               ++runs;
                               if (auto done = session.Execute(kTake, 1); !done.ok())
                                 return done.status();
                               return session.Execute(kInsert, 3).status();
                             }),
              IsOk());
  EXPECT_TRUE(gate_->cut_happened());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Number(kTaken, 1), 1);
}

TEST_F(TransactionTest, WithoutALookupALostCommitIsSaidToBeUnknown) {
  ThroughGate();
  for (const auto point : {TcpGate::CutPoint::kBeforeServer, TcpGate::CutPoint::kBeforeAnswer}) {
    gate_->CutAt(test_support::kCommitPacket, point);
    int runs = 0;
    EXPECT_THAT(RunTransaction(*gated_, Options(),
                               [&](Session& session) {
                                 ++runs;
                                 return session.Execute(kTake, 1).status();
                               }),
                StatusIs(StatusCode::kUnavailable, "COMMIT_UNKNOWN"));
    EXPECT_EQ(runs, 1);
  }
  EXPECT_EQ(Number(kTaken, 1), 1);
}

TEST_F(TransactionTest, TheLookupIsRepeatedUntilItAnswers) {
  ThroughGate();
  gate_->CutAt(test_support::kCommitPacket, TcpGate::CutPoint::kBeforeAnswer);
  TransactionOptions options = Options();
  const auto lookup = SeatIsThere(3);
  options.was_committed = [&](Session& session) -> absl::StatusOr<bool> {
    if (lookups_ < 2) gate_->Cut();
    return lookup(session);
  };
  EXPECT_THAT(
      RunTransaction(*gated_, options,
                     [&](Session& session) { return session.Execute(kInsert, 3).status(); }),
      IsOk());
  EXPECT_EQ(lookups_, 3);
}

TEST_F(TransactionTest, AnUnreachableServerLeavesTheOutcomeUnknownAtTheDeadline) {
  ThroughGate();
  gate_->CutAt(test_support::kCommitPacket, TcpGate::CutPoint::kBeforeAnswer);
  TransactionOptions options = Options(absl::Milliseconds(800));
  options.was_committed = [&](Session&) -> absl::StatusOr<bool> {
    gate_->Refuse();
    return absl::UnavailableError("still down");
  };
  EXPECT_THAT(
      RunTransaction(*gated_, options,
                     [&](Session& session) { return session.Execute(kInsert, 3).status(); }),
      StatusIs(StatusCode::kUnavailable, "COMMIT_UNKNOWN"));
}

TEST_F(TransactionTest, AReadMeetsADeadConnectionAndRunsOnceMore) {
  ThroughGate();
  ASSERT_THAT(RunRead(*gated_, In(absl::Seconds(5)), [](Session&) { return absl::OkStatus(); }),
              IsOk());
  gate_->Cut();
  int runs = 0;
  EXPECT_THAT(RunRead(*gated_, In(absl::Seconds(5)),
                      [&](Session& session) {
                        ++runs;
                        return session.SelectValues(kCount, {1},
                                                    [](const Row&) { return absl::OkStatus(); });
                      }),
              IsOk());
  EXPECT_EQ(runs, 2);
}

// Every acknowledged row is there after kill -9, and nothing was acknowledged twice.
TEST_F(TransactionTest, KillingTheServerLosesNoAcknowledgedCommit) {
  for (int round = 0; round < 2; ++round) {
    std::atomic<bool> stop{false};
    std::atomic<int> acknowledged{0};
    std::vector<std::vector<int>> rows(4);
    std::vector<std::thread> threads;
    for (int writer = 0; writer < 4; ++writer) {
      threads.emplace_back([&, writer] {
        for (int i = 0; !stop; ++i) {
          const int number = 1000 + ((round * 4 + writer) * 100'000) + i;
          TransactionOptions options{.name = "test.Write", .deadline = In(absl::Seconds(2))};
          options.was_committed = [number](Session& session) -> absl::StatusOr<bool> {
            auto count = session.SelectOne<int64_t>(
                kCount, [](const Row& row) { return row.Int(0); }, number);
            if (!count.ok()) return count.status();
            return **count == 1;
          };
          const absl::Status written = RunTransaction(*pool_, options, [&](Session& session) {
            return session.Execute(kInsert, number).status();
          });
          if (!written.ok()) continue;
          rows[writer].push_back(number);
          ++acknowledged;
        }
      });
    }
    const absl::Time until = In(absl::Seconds(60));
    while (acknowledged < 200 && absl::Now() < until) std::this_thread::yield();
    TestDatabase::Get().Kill9();
    TestDatabase::Get().Restart();
    const int before = acknowledged;
    while (acknowledged < before + 50 && absl::Now() < until) std::this_thread::yield();
    EXPECT_GE(acknowledged, before + 50) << "writes go on after the restart";
    stop = true;
    for (std::thread& thread : threads) thread.join();
    int lost = 0;
    for (const auto& of_writer : rows) {
      for (const int number : of_writer) lost += Number(kCount, number) == 1 ? 0 : 1;
    }
    EXPECT_EQ(lost, 0);
  }
}

}  // namespace
}  // namespace yilian::mysql
