#include "common/saga/timer.h"

#include <atomic>
#include <thread>

#include "common/base/status_macros.h"
#include "common/saga/inspect.h"
#include "common/saga/saga_fixture.h"

namespace yilian::saga {
namespace {

using mysql::Session;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kKind = "test.Deadline";

class TimerTest : public SagaFixture {
 protected:
  void Set(const base::Uuid& aggregate, std::string name, absl::Time due_at,
           std::string payload = "") {
    Transact([&](Session& session) {
      return SetTimer(session, {std::string(kKind), aggregate, name, due_at, payload});
    });
  }
  std::unique_ptr<TimerRunner> NewRunner(TimerRunner::Effect effect) {
    auto runner = std::make_unique<TimerRunner>(*pool_, clock_, absl::Milliseconds(10));
    runner->Define(std::string(kKind), std::move(effect));
    return runner;
  }
  // Fires with a note each; `fired_` has the names.
  std::unique_ptr<TimerRunner> NotingRunner() {
    return NewRunner([this](Session& session, const Timer& timer) {
      fired_.push_back(timer.name + timer.payload);
      return Note(session, timer.name);
    });
  }
  std::vector<OverdueTimer> Left() {
    return *ListOverdueTimers(*Hold(), absl::FromUnixSeconds(2'000'000'000), 1000);
  }

  const base::Uuid aggregate_ = base::Uuid::V7();
  std::vector<std::string> fired_;
};

TEST_F(TimerTest, ATimerFiresWhenItIsDueAndOnlyOnce) {
  Set(aggregate_, "tier-1", clock_.Now() + absl::Minutes(10), "!");
  auto runner = NotingRunner();
  EXPECT_EQ(*runner->RunDue(), 0);
  clock_.Advance(absl::Minutes(10));
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_EQ(*runner->RunDue(), 0);
  EXPECT_THAT(fired_, ElementsAre("tier-1!"));
  EXPECT_EQ(Notes(), 1);
}

TEST_F(TimerTest, SettingATimerAgainMovesIt) {
  Set(aggregate_, "tier-1", clock_.Now(), "old");
  Set(aggregate_, "tier-1", clock_.Now() + absl::Hours(1), "new");
  auto runner = NotingRunner();
  EXPECT_EQ(*runner->RunDue(), 0);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_THAT(fired_, ElementsAre("tier-1new"));
}

TEST_F(TimerTest, CancelTakesOneOrAllOfAnAggregate) {
  const base::Uuid other = base::Uuid::V7();
  Set(aggregate_, "a", clock_.Now());
  Set(aggregate_, "b", clock_.Now());
  Set(aggregate_, "c", clock_.Now());
  Set(other, "d", clock_.Now());
  Transact([&](Session& session) { return CancelTimer(session, kKind, aggregate_, "b"); });
  EXPECT_EQ(Left().size(), 3);
  Transact([&](Session& session) { return CancelTimer(session, kKind, aggregate_, ""); });
  Transact([&](Session& session) { return CancelTimer(session, kKind, aggregate_, "absent"); });
  EXPECT_EQ(*NotingRunner()->RunDue(), 1);
  EXPECT_THAT(fired_, ElementsAre("d"));
}

TEST_F(TimerTest, TimersFireInTheOrderOfTheirTimes) {
  Set(aggregate_, "late", clock_.Now() + absl::Seconds(2));
  Set(aggregate_, "early", clock_.Now() + absl::Seconds(1));
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(*NotingRunner()->RunDue(), 2);
  EXPECT_THAT(fired_, ElementsAre("early", "late"));
}

TEST_F(TimerTest, AFailedEffectLeavesNothingAndIsTriedAgainLaterWithoutHoldingUpOthers) {
  bool broken = true;
  auto runner = NewRunner([&](Session& session, const Timer& timer) -> absl::Status {
    RETURN_IF_ERROR(Note(session, timer.name));
    if (broken && timer.name == "bad") return absl::InternalError("a bug");
    return absl::OkStatus();
  });
  const absl::Time due = clock_.Now();
  Set(aggregate_, "bad", due);
  Set(aggregate_, "good", due + absl::Seconds(1));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_EQ(Notes(), 1);
  ASSERT_EQ(Left().size(), 1);
  EXPECT_EQ(Left().front().due_at, due);
  EXPECT_EQ(Left().front().try_at, clock_.Now() + absl::Milliseconds(100));
  EXPECT_EQ(Left().front().attempt, 1);
  EXPECT_EQ(Left().front().last_error, "INTERNAL");
  clock_.Advance(absl::Milliseconds(100));
  EXPECT_EQ(*runner->RunDue(), 0);
  EXPECT_EQ(Left().front().attempt, 2);
  broken = false;
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_EQ(Notes(), 2);
  EXPECT_THAT(Left(), IsEmpty());
}

TEST_F(TimerTest, AnEffectMaySetTheSameTimerAgain) {
  auto runner = NewRunner([&](Session& session, const Timer& timer) -> absl::Status {
    RETURN_IF_ERROR(Note(session, timer.name));
    Timer next = timer;
    next.due_at = timer.due_at + absl::Minutes(10);
    return SetTimer(session, next);
  });
  Set(aggregate_, "tier", clock_.Now());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*runner->RunDue(), 1);
    EXPECT_EQ(*runner->RunDue(), 0);
    clock_.Advance(absl::Minutes(10));
  }
  EXPECT_EQ(Notes(), 3);
}

// A kind of which up to three fire together.
class TimersInCrowds : public TimerTest {
 protected:
  std::unique_ptr<TimerRunner> CrowdRunner() {
    auto runner = std::make_unique<TimerRunner>(*pool_, clock_, absl::Milliseconds(10));
    runner->DefineMany(std::string(kKind), 3,
                       [this](Session& session, const std::vector<Timer>& due) -> absl::Status {
                         std::string names;
                         for (const Timer& timer : due) {
                           if (timer.name == bad_) return absl::InternalError("a bug");
                           names += timer.name;
                           RETURN_IF_ERROR(Note(session, timer.name));
                         }
                         fired_.push_back(names);
                         return absl::OkStatus();
                       });
    runner->Define("test.Other", [this](Session&, const Timer& timer) {
      fired_.push_back(timer.name);
      return absl::OkStatus();
    });
    return runner;
  }
  void SetFrom(absl::Time first, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      Set(base::Uuid::V7(), name, first);
      first += absl::Microseconds(1);
    }
  }

  std::string bad_;
};

TEST_F(TimersInCrowds, FireTogetherUpToTheirNumberAndNoneThatIsNotDue) {
  SetFrom(clock_.Now(), {"a", "b", "c", "d", "e"});
  SetFrom(clock_.Now() + absl::Hours(1), {"later"});
  clock_.Advance(absl::Seconds(1));
  auto runner = CrowdRunner();
  EXPECT_EQ(*runner->RunDue(), 5);
  EXPECT_THAT(fired_, ElementsAre("abc", "de"));
  EXPECT_EQ(Notes(), 5);
  ASSERT_EQ(Left().size(), 1);
  EXPECT_EQ(Left().front().name, "later");
}

TEST_F(TimersInCrowds, OtherKindsFireByThemselvesAndInTurn) {
  SetFrom(clock_.Now(), {"a"});
  Transact([&](Session& session) {
    return SetTimer(session,
                    {"test.Other", aggregate_, "x", clock_.Now() + absl::Microseconds(1), ""});
  });
  SetFrom(clock_.Now() + absl::Microseconds(2), {"b"});
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(*CrowdRunner()->RunDue(), 3);
  EXPECT_THAT(fired_, ElementsAre("ab", "x"));
}

TEST_F(TimersInCrowds, OneThatFailsHoldsUpNoOther) {
  SetFrom(clock_.Now(), {"a", "b", "c", "d"});
  clock_.Advance(absl::Seconds(1));
  bad_ = "b";
  auto runner = CrowdRunner();
  EXPECT_EQ(*runner->RunDue(), 3);
  EXPECT_THAT(fired_, ElementsAre("a", "cd"));
  EXPECT_EQ(Notes(), 3) << "nothing of the crowd that failed stays";
  ASSERT_EQ(Left().size(), 1);
  EXPECT_EQ(Left().front().name, "b");
  EXPECT_EQ(Left().front().attempt, 1);
  bad_ = "";
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(*runner->RunDue(), 1);
  EXPECT_THAT(Left(), IsEmpty());
}

TEST_F(TimerTest, AKindThatThisBinaryDoesNotDefineIsLeftAlone) {
  Set(aggregate_, "tier", clock_.Now());
  TimerRunner runner(*pool_, clock_);
  runner.Define("test.Other", [](Session&, const Timer&) { return absl::OkStatus(); });
  EXPECT_EQ(*runner.RunDue(), 0);
  EXPECT_EQ(Left().size(), 1);
}

TEST_F(TimerTest, ATimerThatIsRolledBackNeverFires) {
  const absl::Status status = mysql::RunTransaction(
      *pool_, {.name = "test", .deadline = Soon()}, [&](Session& session) -> absl::Status {
        RETURN_IF_ERROR(SetTimer(session, {std::string(kKind), aggregate_, "x", clock_.Now(), ""}));
        return absl::CancelledError("no");
      });
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_EQ(*NotingRunner()->RunDue(), 0);
}

TEST_F(TimerTest, TwoRunnersFireEachTimerOnce) {
  constexpr int kTimers = 100;
  Transact([&](Session& session) -> absl::Status {
    for (int i = 0; i < kTimers; ++i) {
      RETURN_IF_ERROR(
          SetTimer(session, {std::string(kKind), base::Uuid::V7(), "t", clock_.Now(), ""}));
    }
    return absl::OkStatus();
  });
  std::atomic<int> woken = 0;
  const auto effect = [](Session& session, const Timer& timer) {
    return Note(session, timer.name);
  };
  auto first = NewRunner(effect);
  auto second = NewRunner(effect);
  for (TimerRunner* runner : {first.get(), second.get()}) {
    runner->OnFired([&] { ++woken; });
    runner->Run();
  }
  EXPECT_TRUE(Eventually([&] { return Left().empty(); }));
  first.reset();
  second.reset();
  EXPECT_EQ(Notes(), kTimers);
  EXPECT_EQ(woken, kTimers);
}

}  // namespace
}  // namespace yilian::saga
