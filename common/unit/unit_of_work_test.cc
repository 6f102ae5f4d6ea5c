#include "common/unit/unit_of_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/mysql/connection.h"
#include "common/status/matchers.h"
#include "tests/support/tcp_gate.h"
#include "tests/support/test_database.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::unit {
namespace {

using mysql::Query;
using mysql::Row;
using status::IsOk;
using status::StatusIs;
using test_support::TcpGate;
using test_support::TestDatabase;

constexpr Query kMake{"test.Make", "INSERT INTO seat (id, version) VALUES (?, 1)"};
constexpr Query kMove{"test.Move", "UPDATE seat SET version = ? + 1 WHERE id = ? AND version = ?"};

std::vector<mysql::Migration> AllMigrations() {
  std::vector<mysql::Migration> all = outbox::kMigrations;
  all.insert(all.end(), audit::kMigrations.begin(), audit::kMigrations.end());
  all.insert(all.end(), idempotency::kMigrations.begin(), idempotency::kMigrations.end());
  all.push_back({"s001_seat",
                 "CREATE TABLE seat (id BINARY(16) NOT NULL, version BIGINT NOT NULL, "
                 "PRIMARY KEY (id)) ENGINE = InnoDB"});
  return all;
}

// The response of these tests: any message with a number.
using Response = event::v1::StreamResponse;

class UnitOfWorkTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    options_ = TestDatabase::Get().NewSchema(AllMigrations());
    pool_ = OpenPool(options_);
    unit_ = std::make_unique<UnitOfWork>(*pool_, nullptr, clock_, "yilian.test");
    seat_ = base::Uuid::V7();
    ASSERT_THAT(Hold()->Execute(kMake, seat_), IsOk());
  }

  static std::unique_ptr<mysql::Pool> OpenPool(const mysql::PoolOptions& options) {
    auto pool = mysql::Pool::Open(options);
    EXPECT_THAT(pool, IsOk());
    return *std::move(pool);
  }
  mysql::Pool::Lease Hold() {
    auto lease = pool_->Acquire(absl::Now() + absl::Seconds(10));
    EXPECT_THAT(lease, IsOk());
    return *std::move(lease);
  }
  int64_t Number(const std::string& sql) {
    int64_t number = -1;
    EXPECT_THAT(Hold()->SelectText("test.Number", sql,
                                   [&](const Row& row) {
                                     number = row.Int(0);
                                     return absl::OkStatus();
                                   }),
                IsOk());
    return number;
  }
  int64_t Version() { return Number("SELECT version FROM seat"); }
  int64_t Events() { return Number("SELECT COUNT(*) FROM outbox"); }
  // Of the audit trail, with what is not linked yet.
  int64_t Audits(const std::string& where = "TRUE") {
    EXPECT_THAT(audit::LinkAll(*pool_), IsOk());
    return Number("SELECT COUNT(*) FROM audit_entry WHERE " + where);
  }
  int64_t LedgerRows() { return Number("SELECT COUNT(*) FROM idempotency_ledger"); }

  static WriteContext Context(char content = 'a') {
    WriteContext context;
    context.key.request_id = base::Uuid::V7();
    context.key.caller = "spiffe://region/org/1/system/his";
    context.key.method = "/yilian.test.v1.Test/Move";
    context.key.request_hash = std::string(32, content);
    context.audit.method = context.key.method;
    context.audit.peer = context.key.caller;
    context.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    context.deadline = absl::Now() + absl::Seconds(20);
    return context;
  }

  // Moves the seat from version `from`; the answer names the version that it then has.
  absl::StatusOr<Response> Move(UnitOfWork& unit, const WriteContext& context, int64_t from) {
    return unit.Run<Response>(context, [&](Scope& scope) -> absl::StatusOr<Response> {
      ++attempts_;
      scope.Subject("seat", seat_, patient_);
      ASSIGN_OR_RETURN(const int64_t matched, scope.sql().Execute(kMove, from, seat_, from));
      if (matched == 0)
        return status::Error(absl::StatusCode::kAborted, "yilian.test", "ETAG_STALE");
      Response response;
      response.set_cursor(from + 1);
      scope.Append(outbox::NewEvent::Of("seat", seat_, from + 1, response, scope.now(), {}));
      return response;
    });
  }
  absl::StatusOr<Response> Move(const WriteContext& context, int64_t from) {
    return Move(*unit_, context, from);
  }

  base::FakeClock clock_{absl::FromUnixSeconds(1'760'000'000)};
  mysql::PoolOptions options_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<UnitOfWork> unit_;
  base::Uuid seat_;
  const base::Uuid patient_ = base::Uuid::V7();
  std::atomic<int> attempts_ = 0;
};

TEST_F(UnitOfWorkTest, AWriteLeavesStateEventAuditRecordAndOutcome) {
  const auto response = Move(Context(), 1);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->cursor(), 2);
  EXPECT_EQ(Version(), 2);
  EXPECT_EQ(Events(), 1);
  EXPECT_EQ(Audits(), 1);
  EXPECT_EQ(LedgerRows(), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM outbox WHERE traceparent LIKE '00-0af7%'"), 1);
  EXPECT_EQ(Audits("action = 'WRITE' AND outcome = 'OK' AND subject_type = 'seat' AND "
                   "data_subject_id IS NOT NULL"),
            1);
}

TEST_F(UnitOfWorkTest, TheSameRequestAgainGetsTheFirstAnswerWhateverTheStateIsNow) {
  const WriteContext first = Context();
  ASSERT_THAT(Move(first, 1), IsOk());
  ASSERT_THAT(Move(Context(), 2), IsOk());
  const auto again = Move(first, 1);  // by now version 1 is long gone
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->cursor(), 2);
  EXPECT_EQ(Version(), 3);
  EXPECT_EQ(Events(), 2);
  EXPECT_EQ(LedgerRows(), 2);
}

TEST_F(UnitOfWorkTest, WhetherItWasAnsweredIsSaidWithoutATransaction) {
  const WriteContext context = Context();
  EXPECT_EQ(*unit_->WasAnswered(context), false);
  ASSERT_THAT(Move(context, 1), IsOk());
  EXPECT_EQ(*unit_->WasAnswered(context), true);
  WriteContext other = context;
  other.key.request_hash = std::string(32, 'b');
  EXPECT_THAT(unit_->WasAnswered(other),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_F(UnitOfWorkTest, AReplayThatWouldSucceedAgainChangesNothing) {
  const WriteContext context = Context();
  const auto blind = [&] {
    return unit_->Run<Response>(context, [&](Scope& scope) -> absl::StatusOr<Response> {
      RETURN_IF_ERROR(scope.sql().Execute(kMake, base::Uuid::V7()).status());
      Response response;
      response.set_cursor(++attempts_);
      return response;
    });
  };
  EXPECT_EQ(blind()->cursor(), 1);
  EXPECT_EQ(blind()->cursor(), 1) << "the stored answer, not the second body's";
  EXPECT_EQ(Number("SELECT COUNT(*) FROM seat"), 2);
}

TEST_F(UnitOfWorkTest, AReplayLeavesAnAuditRecordOfItsOwn) {
  const WriteContext context = Context();
  ASSERT_THAT(Move(context, 1), IsOk());
  ASSERT_THAT(Move(context, 1), IsOk());
  EXPECT_EQ(Audits("outcome = 'REPLAYED'"), 1);
}

TEST_F(UnitOfWorkTest, ARequestIdWithOtherContentIsRefused) {
  const WriteContext first = Context('a');
  ASSERT_THAT(Move(first, 1), IsOk());
  WriteContext other = Context('b');
  other.key.request_id = first.key.request_id;
  EXPECT_THAT(Move(other, 2), StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Move(other, 9), StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"))
      << "also where the body fails for a reason of its own";
  EXPECT_EQ(Version(), 2);
  EXPECT_EQ(Events(), 1);
}

TEST_F(UnitOfWorkTest, AnErrorLeavesNothingAndIsNotRemembered) {
  const WriteContext context = Context();
  EXPECT_THAT(Move(context, 5), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_EQ(Events(), 0);
  EXPECT_EQ(Audits(), 0);
  EXPECT_EQ(LedgerRows(), 0);
  EXPECT_THAT(Move(context, 1), IsOk()) << "the same request_id may succeed later";
}

TEST_F(UnitOfWorkTest, AnErrorAfterSqlLeavesNothing) {
  EXPECT_THAT(unit_->Run<Response>(Context(),
                                   [&](Scope& scope) -> absl::StatusOr<Response> {
                                     EXPECT_THAT(scope.sql().Execute(kMove, 1, seat_, 1), IsOk());
                                     return absl::InternalError("later");
                                   }),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Version(), 1);
}

TEST_F(UnitOfWorkTest, TheSameRequestSentEightTimesAtOnceIsDoneOnce) {
  const WriteContext context = Context();
  std::vector<std::thread> callers;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      const auto response = Move(context, 1);
      EXPECT_THAT(response, IsOk());
      if (response.ok() && response->cursor() == 2) ++answered;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered, 8);
  EXPECT_EQ(Version(), 2);
  EXPECT_EQ(Events(), 1);
  EXPECT_EQ(LedgerRows(), 1);
}

TEST_F(UnitOfWorkTest, EachSubjectLeavesARecordAndAnUnauditedWriteNone) {
  WriteContext context = Context();
  const auto nothing = [](Scope&) -> absl::StatusOr<Response> { return Response(); };
  ASSERT_THAT(unit_->Run<Response>(context, nothing), IsOk());
  EXPECT_EQ(Audits(), 1) << "without a subject";
  context = Context();
  ASSERT_THAT(unit_->Run<Response>(context,
                                   [&](Scope& scope) -> absl::StatusOr<Response> {
                                     scope.Subject("seat", seat_, patient_);
                                     scope.Subject("seat", base::Uuid::V7(), patient_);
                                     return Response();
                                   }),
              IsOk());
  EXPECT_EQ(Audits(), 3);
  context = Context();
  context.audit.method.clear();
  ASSERT_THAT(unit_->Run<Response>(context, nothing), IsOk());
  EXPECT_EQ(Audits(), 3);
}

// The link breaks around COMMIT; the pool reaches the server through a gate.
class LostCommitTest : public UnitOfWorkTest {
 protected:
  void SetUp() override {
    UnitOfWorkTest::SetUp();
    if (IsSkipped()) return;
    gate_ = TcpGate::ToSocket(options_.socket);
    mysql::PoolOptions through = options_;
    through.socket = gate_->socket();
    gated_pool_ = OpenPool(through);
    gated_ = std::make_unique<UnitOfWork>(*gated_pool_, nullptr, clock_, "yilian.test");
  }

  std::unique_ptr<TcpGate> gate_;
  std::unique_ptr<mysql::Pool> gated_pool_;
  std::unique_ptr<UnitOfWork> gated_;
};

TEST_F(LostCommitTest, ACommitWhoseAnswerIsLostCountsOnce) {
  gate_->CutAt("COMMIT", TcpGate::CutPoint::kBeforeAnswer);
  const auto response = Move(*gated_, Context(), 1);
  ASSERT_TRUE(gate_->cut_happened());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->cursor(), 2);
  EXPECT_EQ(attempts_, 1) << "settled by the ledger, not run again";
  EXPECT_EQ(Version(), 2);
  EXPECT_EQ(Events(), 1);
}

TEST_F(LostCommitTest, ACommitThatNeverArrivedIsRunAgain) {
  gate_->CutAt("COMMIT", TcpGate::CutPoint::kBeforeServer);
  const auto response = Move(*gated_, Context(), 1);
  ASSERT_TRUE(gate_->cut_happened());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(attempts_, 2);
  EXPECT_EQ(Version(), 2);
  EXPECT_EQ(Events(), 1);
}

}  // namespace
}  // namespace yilian::unit
