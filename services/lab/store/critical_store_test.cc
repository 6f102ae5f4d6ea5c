// Critical values on a real database: found with the report, escalated by the timer, told once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/lab/jobs/jobs.h"
#include "services/lab/rpc/critical_convert.h"
#include "services/lab/store/mysql_critical_store.h"
#include "services/lab/store/mysql_report_store.h"
#include "tests/support/merge_event.h"
#include "tests/support/relate.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/directory/v1/patient_index.pb.h"
#include "yilian/lab/v1/lab.pb.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::WriteAs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
const CriticalActor kLaboratory{.organization = Org(1),
                                .practitioner = PractitionerId(base::Uuid::V7())};
const CriticalActor kTownship{.organization = Org(2),
                              .practitioner = PractitionerId(base::Uuid::V7())};

class CriticalStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(LabMigrations())));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.lab");
    reports_ = std::make_unique<MysqlReportStore>(*unit_, rules_);
    store_ = std::make_unique<MysqlCriticalStore>(*unit_, rules_);
    timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);
    DefineTimers(*timers_, *store_, rules_, clock_);
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }

  // A report of one potassium; order numbers tell reports apart.
  absl::Status TakeIn(const std::string& value, ResultStatus status = ResultStatus::kFinal,
                      const std::string& order = "L-1") {
    const IncomingReport incoming{
        .patient = patient_,
        .performing_organization = Org(1),
        .ordering_organization = Org(2),
        .filler_order_number = order,
        .code = {.system = "L", .code = "K", .display = "电解质"},
        .status = status,
        .observations = {{.code = {.system = "LN", .code = "2823-3", .display = "血钾"},
                          .value_type = ValueType::kNumeric,
                          .value = value,
                          .unit = "mmol/L",
                          .status = status}}};
    return reports_
        ->TakeIn<v1::Report>(WriteAs(Org(1).uuid()), incoming,
                             [](const Report&) { return v1::Report(); })
        .status();
  }

  std::vector<CriticalValue> List(CriticalWorklist worklist, OrganizationId organization,
                                  int limit = 50) {
    auto found = store_->List({.worklist = worklist, .organization = organization, .limit = limit},
                              Deadline());
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : std::vector<CriticalValue>();
  }
  CriticalRecord Read(CriticalValueId id) {
    auto found = store_->Get(id, Deadline());
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && *found ? **found : CriticalRecord();
  }

  absl::Status Update(CriticalValueId id, const CriticalStore::Decide& decide,
                      const base::Uuid& request = base::Uuid::V7()) {
    return store_
        ->Update<v1::CriticalValue>(
            WriteAs(Org(1).uuid(), request), id, decide,
            [](const CriticalRecord& record) { return convert::ToProto(record); })
        .status();
  }

  // Event types so far, in order, of critical values only.
  std::vector<std::string> Events() {
    std::vector<std::string> types;
    EXPECT_THAT(
        mysql::RunRead(
            *pool_, Deadline(),
            [&](mysql::Session& session) {
              return session.SelectValues(
                  {"test.Events",
                   "SELECT type FROM outbox WHERE type LIKE 'Critical%' ORDER BY outbox_id"},
                  {}, [&](const mysql::Row& row) {
                    types.push_back(row.Text(0));
                    return absl::OkStatus();
                  });
            }),
        IsOk());
    return types;
  }

  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone())};
  const CriticalRules rules_{
      .limits = {{.loinc = "2823-3", .units = {"mmol/L"}, .below = "2.8", .above = "6.2"}}};
  const PatientId patient_{base::Uuid::V7()};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReportStore> reports_;
  std::unique_ptr<MysqlCriticalStore> store_;
  std::unique_ptr<saga::TimerRunner> timers_;
};

TEST_F(CriticalStoreTest, TheChainFromDetectionToAction) {
  ASSERT_THAT(TakeIn("6.90", ResultStatus::kPartial), IsOk());
  ASSERT_THAT(List(CriticalWorklist::kToNotify, Org(1)), SizeIs(1));
  const auto mine = List(CriticalWorklist::kToReadBack, Org(2));
  ASSERT_THAT(mine, SizeIs(1));
  EXPECT_EQ(mine[0].value, "6.90");
  EXPECT_EQ(mine[0].grounds.limit, "> 6.2 mmol/L");
  EXPECT_THAT(List(CriticalWorklist::kToReadBack, Org(3)), IsEmpty());
  const CriticalValueId id = mine[0].id;
  const auto at = [&](const CriticalValue& now, absl::Time time) {
    return now.Verify(kLaboratory, time);
  };
  EXPECT_THAT(Update(id, at), IsOk());
  for (const auto outcome : {NotificationOutcome::kNoAnswer, NotificationOutcome::kReached}) {
    EXPECT_THAT(Update(id,
                       [&](const CriticalValue& now, absl::Time time) {
                         return now.Notify(kLaboratory, NotificationChannel::kPhone, outcome, time);
                       }),
                IsOk());
  }
  clock_.Advance(absl::Minutes(3));
  EXPECT_THAT(
      Update(id, [&](const CriticalValue& now,
                     absl::Time time) { return now.ReadBack(kTownship, "6.9", rules_, time); }),
      IsOk());
  EXPECT_THAT(List(CriticalWorklist::kToReadBack, Org(2)), IsEmpty());
  EXPECT_THAT(List(CriticalWorklist::kToAct, Org(2)), SizeIs(1));
  EXPECT_THAT(Update(id,
                     [](const CriticalValue& now, absl::Time time) {
                       return now.Act(kTownship, "静脉推注葡萄糖酸钙，转上级医院", time);
                     }),
              IsOk());
  EXPECT_THAT(List(CriticalWorklist::kToAct, Org(2)), IsEmpty());
  const CriticalRecord record = Read(id);
  EXPECT_EQ(record.value.state, CriticalState::kActed);
  EXPECT_EQ(record.value.action, "静脉推注葡萄糖酸钙，转上级医院");
  EXPECT_EQ(record.value.read_back->practitioner, kTownship.practitioner);
  EXPECT_EQ(record.value.read_back->at - record.value.detected_at, absl::Minutes(3));
  ASSERT_THAT(record.attempts, SizeIs(2));
  EXPECT_EQ(record.attempts[0].outcome, NotificationOutcome::kNoAnswer);
  EXPECT_EQ(record.attempts[1].outcome, NotificationOutcome::kReached);
  // The final report says the same: nothing begins anew.
  EXPECT_THAT(TakeIn("6.9", ResultStatus::kFinal), IsOk());
  EXPECT_THAT(Events(), ElementsAre("CriticalValueDetected", "CriticalValueVerified",
                                    "CriticalValueAttempted", "CriticalValueAttempted",
                                    "CriticalValueReadBack", "CriticalValueActed"));
}

TEST_F(CriticalStoreTest, TheLadderRunsByTheTimerAndStopsWhenItIsReadBack) {
  ASSERT_THAT(TakeIn("2.1"), IsOk());
  const CriticalValueId id = List(CriticalWorklist::kToNotify, Org(1)).at(0).id;
  EXPECT_EQ(*timers_->RunDue(), 0);
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_EQ(Read(id).value.tier, 1);
  // The service was away for an hour: every step is taken, each with its event.
  clock_.Advance(absl::Hours(1));
  int fired = 0;
  for (int one = *timers_->RunDue(); one > 0; one = *timers_->RunDue()) fired += one;
  EXPECT_EQ(fired, 2);
  EXPECT_EQ(Read(id).value.tier, 3);
  ASSERT_THAT(
      Update(id, [&](const CriticalValue& now,
                     absl::Time time) { return now.ReadBack(kTownship, "2.1", rules_, time); }),
      IsOk());
  clock_.Advance(absl::Minutes(30));
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_TRUE(Read(id).value.action_overdue);
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(*timers_->RunDue(), 0);
  EXPECT_THAT(Events(), ElementsAre("CriticalValueDetected", "CriticalValueEscalated",
                                    "CriticalValueEscalated", "CriticalValueEscalated",
                                    "CriticalValueReadBack", "CriticalValueEscalated"));
}

TEST_F(CriticalStoreTest, FromTheSecondStepOnAllThatCareForThePatientAreTold) {
  // Caring organizations are told by the events' audience: 16 bytes each.
  const auto told = [&] {
    std::vector<int64_t> organizations;
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) {
                                 return session.SelectValues(
                                     {"test.Audience",
                                      "SELECT LENGTH(audience) DIV 16 FROM outbox WHERE type LIKE "
                                      "'Critical%' ORDER BY outbox_id"},
                                     {}, [&](const mysql::Row& row) {
                                       organizations.push_back(row.Int(0));
                                       return absl::OkStatus();
                                     });
                               }),
                IsOk());
    return organizations;
  };
  for (const int caring : {2, 3, 4}) {
    ASSERT_THAT(test_support::Relate(*pool_, patient_.uuid(), Org(caring).uuid(), clock_.Now()),
                IsOk());
  }
  ASSERT_THAT(TakeIn("6.9"), IsOk());
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_THAT(told(), ElementsAre(2, 2));
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(*timers_->RunDue(), 1);
  EXPECT_THAT(told(), ElementsAre(2, 2, 4)) << "the ordering one is told once";
}

TEST_F(CriticalStoreTest, ItFollowsItsPatientThroughAMerge) {
  ASSERT_THAT(TakeIn("6.9"), IsOk());
  const PatientId survivor(base::Uuid::V7());
  const event::v1::Event event = test_support::MergeEvent(survivor.uuid(), patient_.uuid());
  ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()},
                                    [&](mysql::Session& session) {
                                      return ApplyDirectoryEvent(session, event, *reports_);
                                    }),
              IsOk());
  const CriticalValue moved = List(CriticalWorklist::kToNotify, Org(1)).at(0);
  EXPECT_EQ(moved.patient, survivor);
  // The laboratory still names the old record, and says the same: nothing begins anew.
  ASSERT_THAT(TakeIn("6.90"), IsOk());
  EXPECT_THAT(Events(), ElementsAre("CriticalValueDetected"));
}

TEST_F(CriticalStoreTest, ACorrectionTakesItBackWithItsClock) {
  ASSERT_THAT(TakeIn("6.9"), IsOk());
  const CriticalValueId id = List(CriticalWorklist::kToNotify, Org(1)).at(0).id;
  ASSERT_THAT(TakeIn("4.2"), IsOk());
  EXPECT_EQ(Read(id).value.state, CriticalState::kRetracted);
  EXPECT_THAT(List(CriticalWorklist::kToNotify, Org(1)), IsEmpty());
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(*timers_->RunDue(), 0);
  ASSERT_THAT(TakeIn("7.5"), IsOk());
  ASSERT_THAT(TakeIn("7.6"), IsOk());
  const auto open = List(CriticalWorklist::kToNotify, Org(1));
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].value, "7.6");
  EXPECT_EQ(Read(open[0].replaces).value.state, CriticalState::kSuperseded);
}

TEST_F(CriticalStoreTest, ALatePreliminaryThatNobodyIsShownRaisesNoAlarm) {
  ASSERT_THAT(TakeIn("4.2"), IsOk());
  ASSERT_THAT(TakeIn("6.9", ResultStatus::kPreliminary), IsOk());
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(CriticalStoreTest, TheSameCallTwiceIsOneAttempt) {
  ASSERT_THAT(TakeIn("6.9"), IsOk());
  const CriticalValueId id = List(CriticalWorklist::kToNotify, Org(1)).at(0).id;
  const base::Uuid request = base::Uuid::V7();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Update(
                    id,
                    [&](const CriticalValue& now, absl::Time time) {
                      return now.Notify(kLaboratory, NotificationChannel::kPhone,
                                        NotificationOutcome::kReached, time);
                    },
                    request),
                IsOk());
  }
  EXPECT_THAT(Read(id).attempts, SizeIs(1));
}

TEST_F(CriticalStoreTest, OfManyWhoReadItBackAtOnceOneIsTheFirst) {
  ASSERT_THAT(TakeIn("6.9"), IsOk());
  const CriticalValueId id = List(CriticalWorklist::kToNotify, Org(1)).at(0).id;
  std::atomic<int> done{0};
  std::atomic<int> late{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      const absl::Status status = Update(id, [&](const CriticalValue& now, absl::Time time) {
        return now.ReadBack(kTownship, "6.9", rules_, time);
      });
      if (status.ok()) ++done;
      if (absl::IsFailedPrecondition(status)) ++late;
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(late, 7);
}

TEST_F(CriticalStoreTest, AListIsReadPageByPageOldestFirst) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(TakeIn("6.9", ResultStatus::kFinal, "L-" + std::to_string(i)), IsOk());
    clock_.Advance(absl::Seconds(1));
  }
  std::vector<absl::Time> times;
  CriticalQuery query{.worklist = CriticalWorklist::kToNotify, .organization = Org(1), .limit = 2};
  for (auto page = *store_->List(query, Deadline()); !page.empty();
       page = *store_->List(query, Deadline())) {
    for (const CriticalValue& one : page) times.push_back(one.detected_at);
    query.after_time = page.back().detected_at;
    query.after_id = page.back().id;
  }
  EXPECT_THAT(times, SizeIs(5));
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

}  // namespace
}  // namespace yilian::lab
