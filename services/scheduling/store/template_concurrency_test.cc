// What must hold of templates whatever many replicas, callers and crashes do: each session once,
// and nothing that is booked is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/jobs/timers.h"
#include "services/scheduling/testing/template_fixture.h"

namespace yilian::scheduling {
namespace {

using status::IsOk;
using test_support::TestDatabase;

constexpr int kThreads = 12;

class TemplateConcurrency : public TemplateFixture {
 protected:
  template <typename Work>
  static void Together(const Work& work) {
    std::atomic<bool> go{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        while (!go.load()) std::this_thread::yield();
        work(i);
      });
    }
    go = true;
    for (std::thread& thread : threads) thread.join();
  }

  // As a replica of its own.
  std::unique_ptr<saga::TimerRunner> Replica() {
    auto runner = std::make_unique<saga::TimerRunner>(desk_->pool(), desk_->clock());
    DefineTimers(*runner, desk_->upkeep(), desk_->template_upkeep(), desk_->clock());
    return runner;
  }

  // One run of the job, which ends with `after`.
  absl::Status RunJob(TemplateId id, const absl::Status& after = absl::OkStatus()) {
    return mysql::RunTransaction(
        desk_->pool(), {.name = "test.Job", .deadline = absl::Now() + absl::Seconds(60)},
        [&](mysql::Session& sql) -> absl::Status {
          const absl::Status ran = desk_->template_upkeep().Run(sql, id, desk_->clock().Now());
          return ran.ok() ? after : ran;
        });
  }

  // What is true of the tables at any time.
  void ExpectSound() {
    EXPECT_EQ(Count("(SELECT template_id, template_date FROM session WHERE template_date IS NOT "
                    "NULL GROUP BY template_id, template_date HAVING COUNT(*) > 1) x"),
              "0")
        << "a date has two sessions";
    EXPECT_EQ(Count("session s WHERE s.cancelled = 0 AND s.seats <> (SELECT COUNT(*) FROM seat t "
                    "WHERE t.session_id = s.session_id)"),
              "0")
        << "a session lacks seats";
    EXPECT_EQ(Count("session s JOIN seat t ON t.session_id = s.session_id WHERE s.cancelled = 1"),
              "0")
        << "a withdrawn session has seats";
    EXPECT_EQ(Count("session s JOIN booking b ON b.session_id = s.session_id WHERE s.cancelled = 1 "
                    "AND b.state IN ('HELD', 'BOOKED')"),
              "0")
        << "a withdrawn session is booked";
    EXPECT_EQ(Count("session a JOIN session b ON a.practitioner_id = b.practitioner_id AND "
                    "a.session_id < b.session_id AND a.starts_at < b.ends_at AND b.starts_at < "
                    "a.ends_at WHERE a.cancelled = 0 AND b.cancelled = 0"),
              "0")
        << "an expert is in two places";
    EXPECT_EQ(Events("SessionCreated"), Count("session"));
    EXPECT_EQ(Events("SessionWithdrawn"), Count("session WHERE cancelled = 1"));
  }
};

TEST_F(TemplateConcurrency, ManyGeneratorsMakeEachSessionOnce) {
  std::vector<TemplateId> ids;
  for (int i = 0; i < 4; ++i) {
    v1::TemplatePlan plan = Plan("expert " + std::to_string(i));
    // Without an expert nothing but the template's own row keeps two runs apart.
    if (i % 2 == 0) plan.clear_practitioner_id();
    const absl::StatusOr<v1::SessionTemplate> made = Create(plan);
    ASSERT_THAT(made, IsOk());
    ids.push_back(*TemplateId::Parse(made->template_id()));
  }
  // Replicas that fire timers, and runs that no timer keeps apart.
  Together([&](int i) {
    if (i % 2 == 0) {
      EXPECT_THAT(Replica()->RunDue().status(), IsOk());
    } else {
      EXPECT_THAT(RunJob(ids[static_cast<size_t>(i / 2) % ids.size()]), IsOk());
    }
  });
  desk_->RunTimers();
  EXPECT_EQ(Count("session"), "28");
  ExpectSound();
}

TEST_F(TemplateConcurrency, ARunThatEndsBeforeItsCommitLeavesNothing) {
  const absl::StatusOr<v1::SessionTemplate> made = Create(Plan());
  ASSERT_THAT(made, IsOk());
  const TemplateId id = *TemplateId::Parse(made->template_id());
  EXPECT_FALSE(RunJob(id, absl::InternalError("the process ends here")).ok());
  EXPECT_EQ(Count("session"), "0");
  EXPECT_EQ(Count("timer WHERE kind = 'scheduling.Template'"), "1") << "it is still due";
  desk_->RunTimers();
  EXPECT_EQ(Dates(), kAllDates);
  EXPECT_THAT(RunJob(id), IsOk());
  EXPECT_EQ(Count("session"), "7") << "once more changes nothing";
  ExpectSound();
}

TEST_F(TemplateConcurrency, AKilledDatabaseLosesAndDoublesNoSession) {
  constexpr int kTemplates = 12;
  for (int i = 0; i < kTemplates; ++i) {
    ASSERT_THAT(Create(Plan("expert " + std::to_string(i))), IsOk());
  }
  std::atomic<bool> done{false};
  std::thread killer([&] {
    while (Count("session") == "0") std::this_thread::yield();  // in the middle of the work
    for (int kill = 0; kill < 2 && !done; ++kill) {
      TestDatabase::Get().Kill9();
      TestDatabase::Get().Restart();
    }
  });
  std::vector<std::thread> replicas;
  replicas.reserve(2);
  for (int i = 0; i < 2; ++i) {
    replicas.emplace_back([&] {
      const std::unique_ptr<saga::TimerRunner> replica = Replica();
      const absl::Time until = absl::Now() + absl::Seconds(60);
      // Until nothing is due: timers that failed are tried again later by the clock.
      for (bool idle = false; !idle && absl::Now() < until;) {
        const absl::StatusOr<int> fired = replica->RunDue();
        idle = fired.ok() && *fired == 0;
      }
    });
  }
  killer.join();
  done = true;
  for (std::thread& replica : replicas) replica.join();
  desk_->clock().Advance(absl::Hours(2));  // past every backoff
  desk_->RunTimers();
  EXPECT_EQ(Count("session"), std::to_string(7 * kTemplates));
  ExpectSound();
}

TEST_F(TemplateConcurrency, AChangeAgainstHoldsLosesNoHoldAndSellsNoWithdrawnSeat) {
  const v1::SessionTemplate made = Made(Plan());
  const std::vector<v1::Session> sessions = {SessionOn("2026-09-24"), SessionOn("2026-09-28"),
                                             SessionOn("2026-10-05"), SessionOn("2026-10-08")};
  v1::TemplatePlan afternoon = Plan();
  *afternoon.mutable_hours() = Hours("14:00", "17:00");
  std::atomic<int> held{0};
  Together([&](int i) {
    if (i == kThreads / 2) {
      EXPECT_THAT(Change(made, afternoon), IsOk());
      return;
    }
    for (size_t round = 0; round < sessions.size(); ++round) {
      const v1::Session& session = sessions[(static_cast<size_t>(i) + round) % sessions.size()];
      const std::string patient = "patient " + std::to_string(i);
      const absl::StatusOr<v1::Booking> answer =
          desk_->Hold(desk_->Wish(session, patient, "township"));
      if (answer.ok()) {
        ++held;
      } else {
        EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition) << answer.status();
      }
    }
  });
  desk_->RunTimers();
  EXPECT_EQ(Count("booking WHERE state = 'HELD'"), std::to_string(held));
  EXPECT_EQ(Dates(), kAllDates);
  const int conflicts = Conflicts().conflicts_size();
  EXPECT_EQ(Count("(SELECT DISTINCT b.session_id FROM booking b JOIN session s ON s.session_id = "
                  "b.session_id WHERE HOUR(s.starts_at) = 0) x"),
            std::to_string(conflicts));
  ExpectSound();
}

TEST_F(TemplateConcurrency, AnAbsenceAgainstTheGeneratorLeavesNoSessionInIt) {
  const absl::StatusOr<v1::SessionTemplate> made = Create(Plan());
  ASSERT_THAT(made, IsOk());
  v1::RecordAbsenceRequest absence;
  absence.set_organization_id(Named("hospital").ToString());
  absence.set_practitioner_id(Named("expert").ToString());
  absence.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
  absence.mutable_time()->mutable_end()->set_seconds(
      absl::ToUnixSeconds(kNow + absl::Hours(24) * 10));
  Together([&](int i) {
    if (i == 0) {
      EXPECT_THAT(desk_->Ask(Person("hospital"), &TemplateHandlers::RecordAbsence, absence),
                  IsOk());
    } else {
      EXPECT_THAT(RunJob(*TemplateId::Parse(made->template_id())), IsOk());
    }
  });
  desk_->RunTimers();
  EXPECT_EQ(Dates(), "10-05 10-08 10-12 10-15 10-19");
  ExpectSound();
}

TEST_F(TemplateConcurrency, TheGeneratorAndSingleSessionsNeverTakeAnExpertTwice) {
  constexpr int kExperts = 6;
  std::vector<TemplateId> ids;
  for (int i = 0; i < kExperts; ++i) {
    const absl::StatusOr<v1::SessionTemplate> made = Create(Plan("expert " + std::to_string(i)));
    ASSERT_THAT(made, IsOk());
    ids.push_back(*TemplateId::Parse(made->template_id()));
  }
  Together([&](int i) {
    const int expert = i / 2;
    if (i % 2 == 0) {
      EXPECT_THAT(RunJob(ids[static_cast<size_t>(expert)]), IsOk());
      return;
    }
    // Monday 28 September at 10:13, the date that is made second.
    v1::CreateSessionRequest single = desk_->Offer(4, absl::Hours(24) * 6 + absl::Hours(12));
    single.set_practitioner_id(Named("expert " + std::to_string(expert)).ToString());
    const auto answer = desk_->Ask(Service("ctl"), &SchedulingHandlers::CreateSession, single);
    EXPECT_TRUE(answer.ok() || status::ReasonOf(answer.status()) == "EXPERT_OVERLAP")
        << answer.status();
  });
  desk_->RunTimers();
  EXPECT_EQ(Conflicts().conflicts_size() + std::stoi(Count("session WHERE template_date IS NOT "
                                                           "NULL")),
            7 * kExperts);
  ExpectSound();
}

TEST_F(TemplateConcurrency, TwoTemplatesOfOneExpertAtOnceAreOne) {
  std::atomic<int> made{0};
  Together([&](int) {
    const absl::StatusOr<v1::SessionTemplate> answer = Create(Plan());
    if (answer.ok()) {
      ++made;
    } else {
      EXPECT_EQ(status::ReasonOf(answer.status()), "TEMPLATE_OVERLAP") << answer.status();
    }
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Count("session_template"), "1");
}

}  // namespace
}  // namespace yilian::scheduling
