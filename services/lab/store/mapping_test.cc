// Mappings on a real database: nothing is held back, nothing is lost, and what is mapped later is
// as if it had been mapped at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/lab/jobs/jobs.h"
#include "services/lab/rpc/mapping_handlers.h"
#include "services/lab/store/mapping_run.h"
#include "services/lab/store/mysql_critical_store.h"
#include "services/lab/store/mysql_mapping_store.h"
#include "services/lab/store/mysql_report_store.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/lab/v1/lab.pb.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using test_support::WriteAs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
const OrganizationId kRegion;
const Term kPotassium{.kind = TermKind::kCode, .system = "L", .text = "K"};
const Term kMillimolar{.kind = TermKind::kUnit, .system = "", .text = "mM"};

class MappingStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto opened = mysql::Pool::Open(
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(LabMigrations())));
    ASSERT_THAT(opened, IsOk());
    pool_ = *std::move(opened);
    unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, clock_, "yilian.lab");
    reports_ = std::make_unique<MysqlReportStore>(*unit_, rules_);
    critical_ = std::make_unique<MysqlCriticalStore>(*unit_, rules_);
    mappings_ = std::make_unique<MysqlMappingStore>(*unit_);
    timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);
    DefineTimers(*timers_, *critical_, rules_, clock_);
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }

  absl::StatusOr<ReportId> TakeIn(const std::string& order, const std::string& value = "6.9",
                                  OrganizationId sender = Org(1), const std::string& code = "K",
                                  const std::string& unit = "mM",
                                  ResultStatus status = ResultStatus::kFinal) {
    const IncomingReport incoming{
        .patient = PatientId(base::Uuid::V5(base::Uuid(), order)),
        .performing_organization = sender,
        .ordering_organization = Org(9),
        .filler_order_number = order,
        .code = {.system = "L", .code = "E", .display = "电解质"},
        .status = status,
        .observations = {{.code = {.system = "L", .code = code, .display = "血钾"},
                          .value_type = ValueType::kNumeric,
                          .value = value,
                          .unit = unit,
                          .reference_range = "3.5-5.5",
                          .status = status}}};
    auto answer =
        reports_->TakeIn<v1::Report>(WriteAs(sender.uuid()), incoming, [](const Report& report) {
          v1::Report out;
          out.set_report_id(report.id.ToString());
          return out;
        });
    if (!answer.ok()) return answer.status();
    return ReportId::Parse(answer->report_id());
  }

  Mapped MappedOf(ReportId id, int version = 0) {
    auto found = reports_->Get(id, version, Deadline());
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && *found ? (*found)->observations.at(0).mapped : Mapped();
  }

  absl::Status Change(OrganizationId sender, const Term& term, const std::string& target,
                      const std::string& etag = "") {
    return mappings_
        ->Change<v1::Mapping>(
            WriteAs(sender.uuid()),
            {.organization = sender, .term = term, .target = target, .etag = etag},
            [&](const Mapping& after) {
              etag_ = after.etag();
              return v1::Mapping();
            })
        .status();
  }
  int RunAll() {
    int fired = 0;
    for (int one = *timers_->RunDue(); one > 0; one = *timers_->RunDue()) fired += one;
    return fired;
  }

  std::vector<MappingItem> Queue(OrganizationId sender = Org(1)) {
    auto found = mappings_->ListItems({.organization = sender}, Deadline());
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : std::vector<MappingItem>();
  }
  Mapping Only(OrganizationId sender) {
    auto found = mappings_->List({.organization = sender, .with_removed = true}, Deadline());
    EXPECT_TRUE(found.ok() && found->size() == 1);
    return found.ok() && !found->empty() ? found->front() : Mapping();
  }
  std::vector<CriticalValue> Alarms() {
    auto found = critical_->List({.worklist = CriticalWorklist::kToNotify, .organization = Org(1)},
                                 Deadline());
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : std::vector<CriticalValue>();
  }
  int Count(const std::string& sql) {
    int count = 0;
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) {
                                 return session.SelectValues({"test.Count", sql}, {},
                                                             [&](const mysql::Row& row) {
                                                               count = static_cast<int>(row.Int(0));
                                                               return absl::OkStatus();
                                                             });
                               }),
                IsOk());
    return count;
  }

  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone())};
  const CriticalRules rules_{
      .limits = {{.loinc = "2823-3", .units = {"mmol/L"}, .below = "2.8", .above = "6.2"}}};
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::string etag_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReportStore> reports_;
  std::unique_ptr<MysqlCriticalStore> critical_;
  std::unique_ptr<MysqlMappingStore> mappings_;
  std::unique_ptr<saga::TimerRunner> timers_;
};

TEST_F(MappingStoreTest, WhatNobodyHasMappedIsShownAsSentAndAskedAboutOnce) {
  const ReportId id = *TakeIn("A");
  EXPECT_EQ(MappedOf(id), (Mapped{"", "", MappingStatus::kUnmapped, MappingStatus::kUnmapped}));
  EXPECT_EQ((*reports_->Get(id, 0, Deadline()))->observations[0].value, "6.9");
  clock_.Advance(absl::Minutes(1));
  ASSERT_THAT(TakeIn("B", "4.0").status(), IsOk());
  const auto queue = Queue();
  ASSERT_THAT(queue, SizeIs(2));
  for (const MappingItem& item : queue) {
    EXPECT_EQ(item.waiting_reports, 2);
    EXPECT_EQ(item.last_seen_at - item.first_seen_at, absl::Minutes(1));
    EXPECT_EQ(item.display, "血钾");
    EXPECT_EQ(item.reference_range, "3.5-5.5");
  }
  EXPECT_THAT(Queue(Org(2)), IsEmpty());
  EXPECT_THAT(Alarms(), IsEmpty());
}

TEST_F(MappingStoreTest, OnceMappedEveryReportThatWaitedIsAndTheMissedAlarmIsRaised) {
  std::vector<ReportId> ids;
  for (int i = 0; i < 2 * kReportsAStep + 3; ++i) {
    ids.push_back(*TakeIn("L-" + std::to_string(i), i == 7 ? "6.9" : "4.1"));
  }
  ASSERT_THAT(Change(Org(1), kPotassium, "2823-3"), IsOk());
  EXPECT_EQ(Only(Org(1)).run.finished_at, std::nullopt);
  EXPECT_EQ(RunAll(), 3);
  EXPECT_EQ(Only(Org(1)).run.seen, 2 * kReportsAStep + 3);
  EXPECT_EQ(Only(Org(1)).run.changed, 2 * kReportsAStep + 3);
  EXPECT_TRUE(Only(Org(1)).run.finished_at.has_value());
  EXPECT_THAT(Alarms(), IsEmpty()) << "its unit is not known yet";
  ASSERT_THAT(Change(Org(1), kMillimolar, "mmol/L"), IsOk());
  RunAll();
  const Mapped whole{"2823-3", "mmol/L", MappingStatus::kMapped, MappingStatus::kMapped};
  for (const ReportId id : ids) EXPECT_EQ(MappedOf(id), whole);
  const auto alarms = Alarms();
  ASSERT_THAT(alarms, SizeIs(1));
  EXPECT_EQ(alarms[0].value, "6.9");
  EXPECT_EQ(alarms[0].unit, "mM");
  EXPECT_EQ(alarms[0].grounds.limit, "> 6.2 mmol/L");
  EXPECT_THAT(Queue(), IsEmpty());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM unmapped_term"), 0);
  // What comes now is mapped at once, and judged.
  EXPECT_EQ(MappedOf(*TakeIn("new", "7.0")), whole);
  EXPECT_THAT(Alarms(), SizeIs(2));
}

TEST_F(MappingStoreTest, AWalkThatWasKilledGoesOnWhereItWas) {
  for (int i = 0; i < kReportsAStep + 5; ++i) {
    ASSERT_THAT(TakeIn("L-" + std::to_string(i), "6.9", Org(1), "K", "mmol/L").status(), IsOk());
  }
  ASSERT_THAT(Change(Org(1), kPotassium, "2823-3"), IsOk());
  const MappingId id = IdOf(IdOf(kPotassium), Org(1));
  // A step whose process dies before COMMIT leaves nothing behind.
  EXPECT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Killed", .deadline = Deadline()},
                                    [&](mysql::Session& session) -> absl::Status {
                                      EXPECT_THAT(RunMapping(session, id, rules_, clock_.Now()),
                                                  IsOk());
                                      return absl::CancelledError("killed");
                                    }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Alarms(), IsEmpty());
  const auto step = [&] {
    return mysql::RunTransaction(
        *pool_, {.name = "test.Step", .deadline = Deadline()},
        [&](mysql::Session& session) { return RunMapping(session, id, rules_, clock_.Now()); });
  };
  ASSERT_THAT(step(), IsOk());
  EXPECT_EQ(static_cast<int>(Alarms().size()), kReportsAStep);
  timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);  // another replica
  DefineTimers(*timers_, *critical_, rules_, clock_);
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(static_cast<int>(Alarms().size()), kReportsAStep + 5);
  // Once more changes nothing.
  ASSERT_THAT(step(), IsOk());
  EXPECT_EQ(Only(Org(1)).run.changed, kReportsAStep + 5);
  EXPECT_EQ(static_cast<int>(Alarms().size()), kReportsAStep + 5);
}

TEST_F(MappingStoreTest, AWrongMappingIsChangedAndRemovedWithAllThatCameOfIt) {
  const ReportId id = *TakeIn("A", "6.9", Org(1), "K", "mmol/L");
  ASSERT_THAT(Change(Org(1), kPotassium, "2951-2"), IsOk());  // sodium, by mistake
  RunAll();
  EXPECT_EQ(MappedOf(id).loinc, "2951-2");
  EXPECT_THAT(Change(Org(1), kPotassium, "2823-3"),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  ASSERT_THAT(Change(Org(1), kPotassium, "2823-3", etag_), IsOk());
  RunAll();
  EXPECT_EQ(MappedOf(id).loinc, "2823-3");
  ASSERT_THAT(Alarms(), SizeIs(1));
  ASSERT_THAT(Change(Org(1), kPotassium, "", etag_), IsOk());
  RunAll();
  EXPECT_EQ(MappedOf(id).code_mapping, MappingStatus::kUnmapped);
  EXPECT_THAT(Alarms(), IsEmpty()) << "nothing says any more what it was";
  ASSERT_THAT(Queue(), SizeIs(1));
  EXPECT_EQ(Queue()[0].waiting_reports, 1);
  EXPECT_THAT(Change(Org(1), kPotassium, "", "v3"),
              StatusIs(absl::StatusCode::kNotFound, "MAPPING_NOT_FOUND"));
  ASSERT_THAT(Change(Org(1), kPotassium, "2823-3"), IsOk());
  RunAll();
  EXPECT_THAT(Alarms(), SizeIs(1));
  EXPECT_THAT(Queue(), IsEmpty());
}

TEST_F(MappingStoreTest, TheRegionsMappingIsForAllThatHaveNoneOfTheirOwn) {
  const ReportId first = *TakeIn("A", "4.1", Org(1), "K", "mmol/L");
  const ReportId second = *TakeIn("B", "4.1", Org(2), "K", "mmol/L");
  ASSERT_THAT(Change(Org(1), kPotassium, "2951-2"), IsOk());
  ASSERT_THAT(Change(kRegion, kPotassium, "2823-3"), IsOk());
  RunAll();
  EXPECT_EQ(MappedOf(first).loinc, "2951-2");
  EXPECT_EQ(MappedOf(second).loinc, "2823-3");
  EXPECT_THAT(Queue(Org(2)), IsEmpty());
  // The second laboratory means something else by it.
  ASSERT_THAT(Change(Org(2), kPotassium, "718-7"), IsOk());
  RunAll();
  EXPECT_EQ(MappedOf(second).loinc, "718-7");
  EXPECT_EQ(MappedOf(first).loinc, "2951-2");
  ASSERT_THAT(Change(Org(2), kPotassium, "", etag_), IsOk());
  RunAll();
  EXPECT_EQ(MappedOf(second).loinc, "2823-3");
  EXPECT_THAT(Queue(Org(2)), IsEmpty());
}

TEST_F(MappingStoreTest, OnlyTheVersionThatReadersSeeIsMappedLater) {
  const ReportId id = *TakeIn("A", "6.9", Org(1), "K", "mmol/L", ResultStatus::kPreliminary);
  ASSERT_EQ(*TakeIn("A", "4.0", Org(1), "K", "mmol/L"), id);
  ASSERT_THAT(Change(Org(1), kPotassium, "2823-3"), IsOk());
  RunAll();
  EXPECT_EQ(MappedOf(id).loinc, "2823-3");
  EXPECT_EQ(MappedOf(id, 1).code_mapping, MappingStatus::kUnmapped);
  EXPECT_THAT(Alarms(), IsEmpty());
}

TEST_F(MappingStoreTest, ReportsThatComeWhileAMappingIsDefinedAreMapped) {
  std::atomic<int> next{0};
  std::vector<std::thread> laboratories;
  for (int i = 0; i < 4; ++i) {
    laboratories.emplace_back([&] {
      for (int n = next++; n < 60; n = next++) {
        EXPECT_THAT(TakeIn("L-" + std::to_string(n), "6.9", Org(1), "K", "mmol/L").status(),
                    IsOk());
      }
    });
  }
  EXPECT_THAT(Change(Org(1), kPotassium, "2823-3"), IsOk());
  for (int i = 0; i < 5; ++i) EXPECT_THAT(timers_->RunDue(), IsOk());
  for (std::thread& one : laboratories) one.join();
  RunAll();
  EXPECT_EQ(Count("SELECT COUNT(*) FROM observation WHERE loinc = '2823-3'"), 60);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM critical_value"), 60);
  EXPECT_THAT(Queue(), IsEmpty());
}

TEST_F(MappingStoreTest, AnotherSendersMappingIsSuggested) {
  ASSERT_THAT(TakeIn("A", "4.1", Org(2), "K", "mmol/L").status(), IsOk());
  ASSERT_THAT(Change(Org(2), kPotassium, "2823-3"), IsOk());
  ASSERT_THAT(TakeIn("B", "4.1", Org(1), "K", "umol/L").status(), IsOk());
  ASSERT_THAT(TakeIn("C", "4.1", Org(1), "钾", "g/L").status(), IsOk());
  const auto same_term = *mappings_->Suggest(Org(1), kPotassium, Deadline());
  ASSERT_THAT(same_term, SizeIs(1));
  EXPECT_EQ(same_term[0].target, "2823-3");
  EXPECT_EQ(same_term[0].ground, SuggestionGround::kSameTerm);
  EXPECT_TRUE(same_term[0].same_unit_family);
  const auto same_name = *mappings_->Suggest(Org(1), {TermKind::kCode, "L", "钾"}, Deadline());
  ASSERT_THAT(same_name, SizeIs(1));
  EXPECT_EQ(same_name[0].ground, SuggestionGround::kSameName);
  EXPECT_FALSE(same_name[0].same_unit_family);
}

TEST_F(MappingStoreTest, ADirectorDefinesForTheOwnLaboratoryAndTheAdministratorForAll) {
  MappingHandlers handlers(*mappings_, sealer_);
  const auto define = [&](OrganizationId caller, policy::v1::Role role, OrganizationId sender) {
    v1::DefineMappingRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    if (!sender.is_nil()) request.set_organization_id(sender.ToString());
    request.mutable_term()->set_kind(v1::TERM_KIND_CODE);
    request.mutable_term()->set_system("L");
    request.mutable_term()->set_text(" K ");
    request.set_target("2823-3");
    const TestCall call(
        {.user_id = base::Uuid::V7(), .organization_id = caller.uuid(), .roles = {role}}, request);
    return handlers.Define(call, request).status();
  };
  const auto foreign = StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION");
  EXPECT_THAT(define(Org(1), policy::v1::ROLE_LABORATORY_DIRECTOR, Org(1)), IsOk());
  EXPECT_THAT(define(Org(1), policy::v1::ROLE_LABORATORY_DIRECTOR, Org(2)), foreign);
  EXPECT_THAT(define(Org(1), policy::v1::ROLE_LABORATORY_DIRECTOR, kRegion), foreign);
  EXPECT_THAT(define(Org(7), policy::v1::ROLE_REGIONAL_ADMINISTRATOR, Org(2)), IsOk());
  EXPECT_THAT(define(Org(7), policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kRegion), IsOk());
  EXPECT_EQ(Only(Org(1)).term, kPotassium);
}

TEST_F(MappingStoreTest, ListsAreReadPageByPage) {
  MappingHandlers handlers(*mappings_, sealer_);
  for (const char* code : {"A", "B", "C", "D", "E"}) {
    ASSERT_THAT(TakeIn(code, "1", Org(1), code, "").status(), IsOk());
    clock_.Advance(absl::Seconds(1));
  }
  const rpc::Caller caller{.user_id = base::Uuid::V7(), .organization_id = Org(1).uuid()};
  std::vector<std::string> seen;
  v1::ListMappingItemsRequest request;
  request.set_organization_id(Org(1).ToString());
  request.mutable_page()->set_page_size(2);
  do {
    const auto page = handlers.ListItems(TestCall(caller, request), request);
    ASSERT_THAT(page, IsOk());
    for (const auto& item : page->items()) seen.push_back(item.term().text());
    request.mutable_page()->set_page_token(page->page().next_page_token());
  } while (!request.page().page_token().empty());
  EXPECT_THAT(seen, ElementsAre("A", "B", "C", "D", "E"));
}

}  // namespace
}  // namespace yilian::lab
