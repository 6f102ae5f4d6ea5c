#include "common/rpc/executor.h"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/status/matchers.h"

namespace yilian::rpc {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const absl::Time kNever = absl::InfiniteFuture();

// Writes its name down when it runs or is dropped.
class Journal {
 public:
  class Entry final : public Executor::Task {
   public:
    Entry(Journal& journal, std::string name, absl::Notification* wait = nullptr)
        : journal_(journal), name_(std::move(name)), wait_(wait) {}
    void Run() override {
      started_.Notify();
      if (wait_ != nullptr) wait_->WaitForNotification();
      journal_.Add(name_);
    }
    void Drop() override { journal_.Add("dropped " + name_); }
    void AwaitStart() { started_.WaitForNotification(); }

   private:
    Journal& journal_;
    const std::string name_;
    absl::Notification* const wait_;
    absl::Notification started_;
  };
  void Add(std::string line) {
    std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST(ExecutorTest, OneThreadRunsInOrderAndPriorityFirst) {
  Journal journal;
  absl::Notification go;
  Journal::Entry busy(journal, "busy", &go), a(journal, "a"), b(journal, "b"),
      urgent(journal, "urgent");
  {
    Executor executor({.threads = 1, .priority_threads = 0, .queue_length = 10});
    ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &busy), IsOk());
    busy.AwaitStart();
    ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &a), IsOk());
    ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &b), IsOk());
    ASSERT_THAT(executor.Submit(Lane::kPriority, kNever, &urgent), IsOk());
    go.Notify();
  }
  EXPECT_THAT(journal.lines(), ElementsAre("busy", "urgent", "a", "b"));
}

TEST(ExecutorTest, PriorityThreadServesItsLaneWhileAllOthersAreBusy) {
  Journal journal;
  absl::Notification go;
  Journal::Entry busy(journal, "busy", &go), ordinary(journal, "ordinary"),
      urgent(journal, "urgent");
  {
    Executor executor({.threads = 1, .priority_threads = 1, .queue_length = 10});
    ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &busy), IsOk());
    busy.AwaitStart();
    ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &ordinary), IsOk());
    ASSERT_THAT(executor.Submit(Lane::kPriority, kNever, &urgent), IsOk());
    urgent.AwaitStart();  // while "busy" still waits
    go.Notify();
  }
  EXPECT_THAT(journal.lines(), UnorderedElementsAre("urgent", "busy", "ordinary"));
}

TEST(ExecutorTest, EachOneThatIsRefusedIsToldATimeOfItsOwn) {
  class Slow final : public Executor::Task {
   public:
    void Run() override {
      const absl::Time end = absl::Now() + absl::Milliseconds(40);
      while (absl::Now() < end) {
      }
      done.Notify();
    }
    void Drop() override {}
    absl::Notification done;
  };
  Journal journal;
  absl::Notification go;
  Slow slow;
  Journal::Entry busy(journal, "busy", &go), waits(journal, "waits"), more(journal, "more");
  Executor executor({.threads = 1, .priority_threads = 0, .queue_length = 1});
  ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &slow), IsOk());
  slow.done.WaitForNotification();
  ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &busy), IsOk());
  busy.AwaitStart();
  ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &waits), IsOk());
  std::vector<absl::Time> told;
  for (int i = 0; i < 5; ++i) {
    const auto retry = status::RetryOf(executor.Submit(Lane::kOrdinary, kNever, &more));
    ASSERT_TRUE(retry.has_value());
    told.push_back(absl::Now() + absl::Seconds(retry->retry_delay().seconds()) +
                   absl::Nanoseconds(retry->retry_delay().nanos()));
  }
  // One thread, 40 ms a call: that far apart, so that five come back one after the other.
  EXPECT_GE(told.back() - told.front(), absl::Milliseconds(4 * 40 - 1));
  go.Notify();
}

TEST(ExecutorTest, FullLaneRefusesWithADelayAndLeavesTheOtherLaneAlone) {
  Journal journal;
  absl::Notification go;
  Journal::Entry busy(journal, "busy", &go), waits(journal, "waits"), more(journal, "more"),
      urgent(journal, "urgent");
  Executor executor({.threads = 1, .priority_threads = 0, .queue_length = 1});
  ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &busy), IsOk());
  busy.AwaitStart();
  ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &waits), IsOk());
  const absl::Status refused = executor.Submit(Lane::kOrdinary, kNever, &more);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  const auto retry = status::RetryOf(refused);
  ASSERT_TRUE(retry.has_value());
  EXPECT_GE(retry->retry_delay().seconds() * 1000 + retry->retry_delay().nanos() / 1'000'000, 10);
  EXPECT_THAT(executor.Submit(Lane::kPriority, kNever, &urgent), IsOk());
  go.Notify();
}

TEST(ExecutorTest, WorkThatCannotMeetItsDeadlineIsNotAdmitted) {
  Journal journal;
  absl::Notification go;
  std::vector<std::unique_ptr<Journal::Entry>> entries;
  Journal::Entry busy(journal, "busy", &go), soon(journal, "soon"), later(journal, "later");
  Executor executor({.threads = 1, .priority_threads = 0, .queue_length = 100});
  // Teach it that a call takes about 20 ms.
  absl::Notification slow_done;
  executor.Post(Lane::kOrdinary, [&] {
    const absl::Time end = absl::Now() + absl::Milliseconds(20);
    while (absl::Now() < end) {
    }
    slow_done.Notify();
  });
  slow_done.WaitForNotification();
  ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &busy), IsOk());
  busy.AwaitStart();
  for (int i = 0; i < 10; ++i) {
    entries.push_back(std::make_unique<Journal::Entry>(journal, "entry"));
    ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, entries.back().get()), IsOk());
  }
  // Ten calls wait: 200 ms at least.
  EXPECT_THAT(executor.Submit(Lane::kOrdinary, absl::Now() + absl::Milliseconds(50), &soon),
              StatusIs(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_THAT(executor.Submit(Lane::kOrdinary, absl::Now() + absl::Seconds(50), &later), IsOk());
  go.Notify();
}

TEST(ExecutorTest, LateWorkIsDropped) {
  Journal journal;
  absl::Notification go;
  Journal::Entry busy(journal, "busy", &go), late(journal, "late");
  {
    Executor executor({.threads = 1, .priority_threads = 0, .queue_length = 10});
    ASSERT_THAT(executor.Submit(Lane::kOrdinary, kNever, &busy), IsOk());
    busy.AwaitStart();
    const absl::Time deadline = absl::Now() + absl::Milliseconds(20);
    ASSERT_THAT(executor.Submit(Lane::kOrdinary, deadline, &late), IsOk());
    while (absl::Now() <= deadline) {
    }
    go.Notify();
  }
  EXPECT_THAT(journal.lines(), ElementsAre("busy", "dropped late"));
}

TEST(ExecutorTest, PostedWorkIsNeverRefused) {
  std::atomic<int> ran{0};
  {
    Executor executor({.threads = 2, .priority_threads = 1, .queue_length = 1});
    for (int i = 0; i < 1000; ++i) executor.Post(Lane::kOrdinary, [&] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

}  // namespace
}  // namespace yilian::rpc
