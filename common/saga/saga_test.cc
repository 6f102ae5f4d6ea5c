#include "common/saga/saga.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/notification.h"
#include "common/base/status_macros.h"
#include "common/mysql/connection.h"
#include "common/mysql/transaction.h"
#include "common/saga/inspect.h"
#include "common/saga/saga_fixture.h"
#include "common/saga/saga_store.h"

namespace yilian::saga {
namespace {

using mysql::Session;

constexpr std::string_view kKind = "test.Book";

class SagaTest : public SagaFixture {
 protected:
  base::Uuid StartOne(std::string_view first_step = "hold", std::string_view kind = kKind) {
    const base::Uuid id = base::Uuid::V7();
    Transact([&](Session& session) {
      return Start(session, id, kind, base::Uuid::V7(), first_step, "state-0", clock_.Now());
    });
    return id;
  }
  std::vector<OpenSaga> Open() { return *ListOpenSagas(*Hold(), 100); }

  std::unique_ptr<Runner> NewRunner(std::map<std::string, Step> steps,
                                    absl::Duration lease = absl::Seconds(30)) {
    auto runner = std::make_unique<Runner>(
        *pool_, clock_,
        Runner::Options{.threads = 2, .lease = lease, .poll = absl::Milliseconds(10)});
    runner->Define(std::string(kKind), std::move(steps));
    return runner;
  }
  // What a runner does before it dies: takes the saga and never comes back.
  Saga ClaimAndDie(absl::Duration lease) {
    std::optional<Saga> claimed;
    Transact([&](Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(claimed,
                       Claim(session, {.kinds = {std::string(kKind)}}, clock_.Now(), lease));
      return absl::OkStatus();
    });
    EXPECT_TRUE(claimed.has_value());
    return claimed.value_or(Saga{});
  }
  static Next End() { return Next{}; }
};

TEST_F(SagaTest, StepsFollowEachOtherWithTheirStateUntilTheEnd) {
  std::vector<std::string> ran;
  auto runner = NewRunner({{"hold",
                            [&](const Saga& saga) -> absl::StatusOr<Next> {
                              ran.push_back(saga.step + " " + saga.state);
                              return Next{.step = "book", .state = "held"};
                            }},
                           {"book", [&](const Saga& saga) -> absl::StatusOr<Next> {
                              ran.push_back(saga.step + " " + saga.state);
                              return End();
                            }}});
  StartOne();
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_EQ(*runner->RunDue(), 0);
  EXPECT_THAT(ran, testing::ElementsAre("hold state-0", "book held"));
  EXPECT_THAT(Open(), testing::IsEmpty());
}

TEST_F(SagaTest, ASagaThatIsRolledBackNeverStarts) {
  const absl::Status status = mysql::RunTransaction(
      *pool_, {.name = "test", .deadline = Soon()}, [&](Session& session) -> absl::Status {
        RETURN_IF_ERROR(
            Start(session, base::Uuid::V7(), kKind, base::Uuid::V7(), "hold", "", clock_.Now()));
        return absl::CancelledError("no");
      });
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_EQ(*NewRunner({})->RunDue(), 0);
}

TEST_F(SagaTest, EveryAttemptOfAStepHasTheSameRequestIdAndEveryStepItsOwn) {
  std::vector<base::Uuid> ids;
  auto runner = NewRunner({{"hold",
                            [&](const Saga& saga) -> absl::StatusOr<Next> {
                              ids.push_back(saga.StepRequestId());
                              if (ids.size() == 1) return absl::UnavailableError("away");
                              return Next{.step = "book"};
                            }},
                           {"book", [&](const Saga& saga) -> absl::StatusOr<Next> {
                              ids.push_back(saga.StepRequestId());
                              return End();
                            }}});
  StartOne();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*runner->RunDue(), 1);
    clock_.Advance(absl::Seconds(1));
  }
  ASSERT_EQ(ids.size(), 3);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_NE(ids[1], ids[2]);
}

TEST_F(SagaTest, RetriesBackOffFrom100MillisecondsTo30Seconds) {
  int attempts = 0;
  auto runner = NewRunner({{"hold", [&](const Saga& saga) -> absl::StatusOr<Next> {
                              EXPECT_EQ(saga.attempt, attempts++);
                              return absl::DeadlineExceededError("slow");
                            }}});
  StartOne();
  absl::Duration pause = absl::Milliseconds(100);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(*runner->RunDue(), 1);
    EXPECT_EQ(*runner->RunDue(), 0) << "not before its pause is over";
    ASSERT_EQ(Open().size(), 1);
    EXPECT_EQ(Open().front().due_at, clock_.Now() + pause);
    EXPECT_EQ(Open().front().last_error, "DEADLINE_EXCEEDED");
    EXPECT_FALSE(Open().front().running);
    clock_.Advance(pause);
    pause = std::min(pause * 2, absl::Seconds(30));
  }
  EXPECT_EQ(attempts, 12);
}

TEST_F(SagaTest, ADelayedStepWaits) {
  auto runner = NewRunner(
      {{"hold", [](const Saga&) { return Next{.step = "check", .delay = absl::Minutes(5)}; }},
       {"check", [](const Saga&) { return End(); }}});
  StartOne();
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_EQ(*runner->RunDue(), 0);
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(*runner->RunDue(), 1);
}

TEST_F(SagaTest, TheEffectAndTheAdvanceAreOne) {
  bool fail = true;
  auto runner = NewRunner({{"hold", [&](const Saga&) {
                              Next next;
                              next.effect = [&](Session& session) -> absl::Status {
                                RETURN_IF_ERROR(Note(session, "effect"));
                                if (fail) return absl::InternalError("not today");
                                return absl::OkStatus();
                              };
                              return next;
                            }}});
  StartOne();
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_EQ(Notes(), 0);
  EXPECT_EQ(Open().front().attempt, 1);
  fail = false;
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_EQ(Notes(), 1);
  EXPECT_THAT(Open(), testing::IsEmpty());
}

TEST_F(SagaTest, AStepThatThisBinaryDoesNotKnowStaysForOneThatDoes) {
  StartOne("new-step");
  EXPECT_EQ(*NewRunner({})->RunDue(), 1);
  EXPECT_EQ(Open().front().last_error, "SAGA_STEP_UNKNOWN");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(*NewRunner({{"new-step", [](const Saga&) { return End(); }}})->RunDue(), 1);
  EXPECT_THAT(Open(), testing::IsEmpty());
}

TEST_F(SagaTest, AKindThatThisBinaryDoesNotDefineIsLeftAlone) {
  StartOne("hold", "test.Unknown");
  EXPECT_EQ(*NewRunner({})->RunDue(), 0);
  EXPECT_EQ(Open().front().epoch, 0);
}

TEST_F(SagaTest, WhileALeaseLastsNobodyElseRunsTheSaga) {
  StartOne();
  ClaimAndDie(absl::Hours(1));
  EXPECT_TRUE(Open().front().running);
  EXPECT_EQ(*NewRunner({{"hold", [](const Saga&) { return End(); }}})->RunDue(), 0);
}

TEST_F(SagaTest, ASagaWhoseRunnerDiedIsTakenOverWhenTheLeaseEnds) {
  StartOne();
  ClaimAndDie(absl::Milliseconds(100));
  auto runner = NewRunner({{"hold", [](const Saga& saga) {
                              EXPECT_EQ(saga.epoch, 2);
                              return End();
                            }}});
  EXPECT_TRUE(Eventually([&] { return *runner->RunDue() == 1; }));
  EXPECT_THAT(Open(), testing::IsEmpty());
}

TEST_F(SagaTest, ALateHolderIsFencedAndItsEffectNeverHappens) {
  StartOne();
  auto overtaker = NewRunner(
      {{"hold", [&](const Saga&) { return Next{.step = "book", .state = "by the second"}; }}});
  auto late = NewRunner({{"hold",
                          [&](const Saga&) {
                            // Meanwhile the lease ends and somebody else does the step.
                            EXPECT_TRUE(Eventually([&] { return *overtaker->RunDue() == 1; }));
                            Next next{.step = "book", .state = "by the first"};
                            next.effect = [](Session& session) { return Note(session, "late"); };
                            return next;
                          }},
                         {"book",
                          [](const Saga& saga) {
                            EXPECT_EQ(saga.state, "by the second");
                            return End();
                          }}},
                        absl::Milliseconds(50));
  EXPECT_EQ(*late->RunDue(), 1);
  EXPECT_EQ(Notes(), 0);
  EXPECT_EQ(*late->RunDue(), 1);
  EXPECT_THAT(Open(), testing::IsEmpty());
}

TEST_F(SagaTest, AStepLongerThanTheLeaseKeepsItsSaga) {
  // Long enough that a busy machine renews it in time.
  constexpr absl::Duration kLease = absl::Seconds(2);
  StartOne();
  absl::Notification begun;
  absl::Notification finish;
  std::atomic<int> runs = 0;
  auto runner = NewRunner({{"hold",
                            [&](const Saga&) {
                              if (++runs == 1) begun.Notify();
                              finish.WaitForNotification();
                              return End();
                            }}},
                          kLease);
  auto other = NewRunner({{"hold", [](const Saga&) { return End(); }}});
  // Also where an expectation fails: the runner waits for its step.
  const auto end = absl::MakeCleanup([&] {
    if (!finish.HasBeenNotified()) finish.Notify();
  });
  runner->Run();
  ASSERT_TRUE(begun.WaitForNotificationWithTimeout(absl::Seconds(20)));
  const absl::Time until = absl::Now() + 2 * kLease;
  while (absl::Now() < until) ASSERT_EQ(*other->RunDue(), 0);
  finish.Notify();
  EXPECT_TRUE(Eventually([&] { return Open().empty(); }));
  EXPECT_EQ(runs, 1);
}

TEST_F(SagaTest, ARenewalOfASettledClaimDoesNothing) {
  StartOne();
  const Saga claimed = ClaimAndDie(absl::Seconds(30));
  Transact(
      [&](Session& session) { return Advance(session, claimed, {.step = "book"}, clock_.Now()); });
  Transact([&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const bool renewed, Renew(session, claimed, absl::Hours(1)));
    EXPECT_FALSE(renewed);
    return absl::OkStatus();
  });
  EXPECT_FALSE(Open().front().running);
}

TEST_F(SagaTest, RunnersOfManyReplicasRunEveryStepOfEverySagaOnce) {
  constexpr int kSagas = 60;
  for (int i = 0; i < kSagas; ++i) StartOne();
  std::atomic<int> holds = 0;
  std::atomic<int> books = 0;
  const std::map<std::string, Step> steps = {
      {"hold",
       [&](const Saga&) {
         ++holds;
         Next next{.step = "book"};
         next.effect = [](Session& session) { return Note(session, "hold"); };
         return next;
       }},
      {"book", [&](const Saga&) {
         ++books;
         Next next;
         next.effect = [](Session& session) { return Note(session, "book"); };
         return next;
       }}};
  auto first = NewRunner(steps);
  auto second = NewRunner(steps);
  first->Run();
  second->Run();
  EXPECT_TRUE(Eventually([&] { return Open().empty(); }, absl::Seconds(60)));
  EXPECT_EQ(holds, kSagas);
  EXPECT_EQ(books, kSagas);
  EXPECT_EQ(Notes(), 2 * kSagas);
}

TEST_F(SagaTest, ARunnerDestroyedInTheMiddleLosesNothing) {
  constexpr int kSagas = 30;
  for (int i = 0; i < kSagas; ++i) StartOne();
  const std::map<std::string, Step> steps = {{"hold", [&](const Saga&) {
                                                Next next;
                                                next.effect = [](Session& session) {
                                                  return Note(session, "hold");
                                                };
                                                return next;
                                              }}};
  auto first = NewRunner(steps);
  first->Run();
  EXPECT_TRUE(Eventually([&] { return Notes() > 3; }));
  first.reset();
  auto second = NewRunner(steps);
  second->Run();
  EXPECT_TRUE(Eventually([&] { return Open().empty(); }));
  EXPECT_EQ(Notes(), kSagas);
}

}  // namespace
}  // namespace yilian::saga
