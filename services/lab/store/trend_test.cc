// Reference intervals and trends on a real database: judged when it is taken in, read as it is now.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "common/service/service.h"
#include "common/status/matchers.h"
#include "services/lab/jobs/jobs.h"
#include "services/lab/rpc/reference_handlers.h"
#include "services/lab/rpc/trend_handlers.h"
#include "services/lab/store/mysql_critical_store.h"
#include "services/lab/store/mysql_mapping_store.h"
#include "services/lab/store/mysql_reference_store.h"
#include "services/lab/store/mysql_report_store.h"
#include "services/lab/store/mysql_sharing_store.h"
#include "services/lab/store/mysql_trend_store.h"
#include "tests/support/merge_event.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/directory/v1/patient_index.pb.h"
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

class TrendStoreTest : public ::testing::Test {
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
    references_ = std::make_unique<MysqlReferenceStore>(*unit_);
    trends_ = std::make_unique<MysqlTrendStore>(*pool_);
    timers_ = std::make_unique<saga::TimerRunner>(*pool_, clock_);
    DefineTimers(*timers_, *critical_, rules_, clock_);
    // Nobody answers there: what the local projection does not know is not known.
    relationships_ = std::make_unique<relationship::Check>(
        *pool_, grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()), clock_);
    ASSERT_THAT(
        test_support::Relate(*pool_, patient_.uuid(), Org(3).uuid(), clock_.Now() - absl::Hours(1)),
        IsOk());
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }
  static Sight Caring() { return {.organization = Org(9), .cares = true}; }

  // One potassium; order numbers tell reports apart.
  struct Sent {
    std::string order = "L-1";
    std::string value = "4.1";
    ResultStatus status = ResultStatus::kFinal;
    OrganizationId laboratory = Org(1);
    OrganizationId ordering = Org(2);
    std::string observed_at{};
    std::string code = "2823-3";
    std::string system = "LN";
    std::vector<std::string> flags{};
  };
  absl::StatusOr<ReportId> TakeIn(const Sent& sent) {
    const IncomingReport incoming{
        .patient = patient_,
        .performing_organization = sent.laboratory,
        .ordering_organization = sent.ordering,
        .filler_order_number = sent.order,
        .code = {.system = "L", .code = "E", .display = "电解质"},
        .status = sent.status,
        .observations = {{.code = {.system = sent.system, .code = sent.code, .display = "血钾"},
                          .value_type = ValueType::kNumeric,
                          .value = sent.value,
                          .unit = "mmol/L",
                          .reference_range = "3.5-5.5",
                          .abnormal_flags = sent.flags,
                          .status = sent.status,
                          .observed_at_text = sent.observed_at,
                          .method = "ISE"}},
        .patient_birth_date = absl::CivilDay(1990, 5, 1),
        .patient_sex = PatientSex::kFemale};
    auto answer = reports_->TakeIn<v1::Report>(WriteAs(sent.laboratory.uuid()), incoming,
                                               [](const Report& report) {
                                                 v1::Report out;
                                                 out.set_report_id(report.id.ToString());
                                                 return out;
                                               });
    if (!answer.ok()) return answer.status();
    return ReportId::Parse(answer->report_id());
  }

  Observation Read(ReportId id) {
    auto found = reports_->Get(id, 0, Deadline());
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && *found ? (*found)->observations.at(0) : Observation();
  }
  std::vector<std::string> Values(const std::string& loinc = "2823-3") {
    std::vector<std::string> values;
    auto points = trends_->Points({.patient = patient_, .sight = Caring()},
                                  {.loinc = loinc, .limit = 100}, Deadline());
    EXPECT_THAT(points, IsOk());
    for (const TrendPoint& point : *points) values.push_back(point.value);
    return values;
  }
  absl::Status Define(const ReferenceInterval& interval, const std::string& etag = "",
                      ReferenceStore::Change change = ReferenceStore::Change::kDefine) {
    return references_
        ->Write<v1::ReferenceInterval>(
            WriteAs(Org(1).uuid()), change, interval, etag,
            [](const StoredInterval&) { return v1::ReferenceInterval(); })
        .status();
  }
  rpc::Caller Doctor(OrganizationId organization) {
    return {.user_id = base::Uuid::V7(),
            .organization_id = organization.uuid(),
            .roles = {policy::v1::ROLE_HOSPITAL_DOCTOR}};
  }

  const ReferenceInterval women_{.loinc = "2823-3",
                                 .sex = PatientSex::kFemale,
                                 .age_from_days = 18 * 365,
                                 .effective_from = absl::CivilDay(2026, 1, 1),
                                 .unit = "umol/L",
                                 .low = "3400",
                                 .high = "5000",
                                 .critically_high = "6200"};

  base::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone())};
  const CriticalRules rules_{.deltas = {{.loinc = "2823-3", .unit = "mmol/L", .absolute = "1.0"}}};
  const PatientId patient_{base::Uuid::V7()};
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReportStore> reports_;
  std::unique_ptr<MysqlCriticalStore> critical_;
  std::unique_ptr<MysqlMappingStore> mappings_;
  std::unique_ptr<MysqlReferenceStore> references_;
  std::unique_ptr<MysqlTrendStore> trends_;
  std::unique_ptr<saga::TimerRunner> timers_;
  std::unique_ptr<relationship::Check> relationships_;
};

TEST_F(TrendStoreTest, AReportIsJudgedByTheIntervalOfItsPatientBesideTheLaboratorysFlag) {
  ASSERT_THAT(Define(women_), IsOk());
  const Observation high = Read(*TakeIn({.value = "5.2", .flags = {"N"}}));
  EXPECT_EQ(high.judged.interpretation, Interpretation::kHigh);
  EXPECT_EQ(high.judged.interval, "3400-5000 umol/L");
  EXPECT_TRUE(high.judged.disagrees);
  EXPECT_EQ(high.method, "ISE");
  EXPECT_EQ(high.abnormal_flags, std::vector<std::string>{"N"});
  const auto report = *reports_->Get(*TakeIn({.value = "5.2", .flags = {"N"}}), 0, Deadline());
  EXPECT_EQ(report->patient_age_days, absl::CivilDay(2026, 3, 2) - absl::CivilDay(1990, 5, 1));
  // Critical by the bound of just such a patient.
  ASSERT_THAT(TakeIn({.order = "L-2", .value = "6.3"}).status(), IsOk());
  const auto alarms = *critical_->List(
      {.worklist = CriticalWorklist::kToNotify, .organization = Org(1)}, Deadline());
  ASSERT_THAT(alarms, SizeIs(1));
  EXPECT_EQ(alarms[0].grounds.limit, "HH 3400-5000 umol/L");
}

TEST_F(TrendStoreTest, IntervalsAreChangedByWhoHasSeenThem) {
  ASSERT_THAT(Define(women_), IsOk());
  EXPECT_THAT(Define(women_), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  ReferenceInterval changed = women_;
  changed.high = "5100";
  changed.effective_to = absl::CivilDay(2027, 1, 1);
  ASSERT_THAT(Define(changed, "v1"), IsOk());
  ReferenceInterval own = women_;
  own.organization = Org(1);
  ASSERT_THAT(Define(own), IsOk());
  const auto listed = *references_->List({}, Deadline());
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed[0].interval.high, "5100");
  EXPECT_EQ(listed[0].interval.effective_to, absl::CivilDay(2027, 1, 1));
  EXPECT_EQ(listed[0].etag(), "v2");
  EXPECT_THAT(Define(women_, "v1", ReferenceStore::Change::kRemove),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(Define(women_, "v2", ReferenceStore::Change::kRemove), IsOk());
  EXPECT_THAT(Define(women_, "v2", ReferenceStore::Change::kRemove),
              StatusIs(absl::StatusCode::kNotFound, "INTERVAL_NOT_FOUND"));
  EXPECT_THAT(*references_->List({}, Deadline()), IsEmpty());
  EXPECT_THAT(*references_->List({.organization = Org(1)}, Deadline()), SizeIs(1));
}

TEST_F(TrendStoreTest, IntervalsAreListedPageByPageAndDefinedForTheOwnLaboratoryOnly) {
  ReferenceHandlers handlers(*references_, sealer_);
  const rpc::Caller director{.user_id = base::Uuid::V7(),
                             .organization_id = Org(1).uuid(),
                             .roles = {policy::v1::ROLE_LABORATORY_DIRECTOR}};
  v1::DefineReferenceIntervalRequest define;
  define.set_organization_id(Org(1).ToString());
  define.mutable_interval()->set_loinc("2823-3");
  define.mutable_interval()->set_unit("mmol/L");
  define.mutable_interval()->set_high("5.5");
  for (const char* day : {"2024-01-01", "2025-01-01", "2026-01-01"}) {
    define.set_request_id(base::Uuid::V7().ToString());
    define.mutable_interval()->set_effective_from(day);
    ASSERT_THAT(handlers.Define(TestCall(director, define), define), IsOk());
  }
  define.clear_organization_id();
  EXPECT_THAT(handlers.Define(TestCall(director, define), define),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  v1::ListReferenceIntervalsRequest list;
  list.set_organization_id(Org(1).ToString());
  list.mutable_page()->set_page_size(2);
  const auto first = handlers.List(TestCall(director, list), list);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->intervals(), SizeIs(2));
  list.mutable_page()->set_page_token(first->page().next_page_token());
  const auto second = handlers.List(TestCall(director, list), list);
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(second->intervals(), SizeIs(1));
  EXPECT_THAT(second->page().next_page_token(), IsEmpty());
}

TEST_F(TrendStoreTest, ATrendIsWhatReadersSeeNow) {
  ASSERT_THAT(TakeIn({.order = "A", .value = "4.1", .observed_at = "20240101"}).status(), IsOk());
  ASSERT_THAT(
      TakeIn({.order = "B", .value = "4.2", .laboratory = Org(5), .observed_at = "2025"}).status(),
      IsOk());
  ASSERT_THAT(TakeIn({.order = "C", .value = "4.3", .observed_at = "20230101"}).status(), IsOk());
  EXPECT_THAT(Values(), ElementsAre("4.2", "4.1", "4.3"));
  // Corrected, also in its time; a late preliminary is kept and not shown.
  ASSERT_THAT(TakeIn({.order = "A", .value = "4.9", .observed_at = "20260101"}).status(), IsOk());
  ASSERT_THAT(TakeIn({.order = "B",
                      .value = "9.9",
                      .status = ResultStatus::kPreliminary,
                      .laboratory = Org(5),
                      .observed_at = "2025"})
                  .status(),
              IsOk());
  EXPECT_THAT(Values(), ElementsAre("4.9", "4.2", "4.3"));
  ASSERT_THAT(TakeIn({.order = "B",
                      .value = "4.2",
                      .status = ResultStatus::kWithdrawn,
                      .laboratory = Org(5),
                      .observed_at = "2025"})
                  .status(),
              IsOk());
  EXPECT_THAT(Values(), ElementsAre("4.9", "4.3"));
}

TEST_F(TrendStoreTest, WhatIsMappedLaterComesIntoTheTrendAndLeavesItWithTheMapping) {
  ASSERT_THAT(TakeIn({.code = "K", .system = "L"}).status(), IsOk());
  EXPECT_THAT(Values(), IsEmpty());
  const auto change = [&](const std::string& target, const std::string& etag) {
    return mappings_
        ->Change<v1::Report>(WriteAs(Org(1).uuid()),
                             {.organization = Org(1),
                              .term = {TermKind::kCode, "L", "K"},
                              .target = target,
                              .etag = etag},
                             [](const Mapping&) { return v1::Report(); })
        .status();
  };
  ASSERT_THAT(change("2951-2", ""), IsOk());
  EXPECT_THAT(timers_->RunDue(), IsOk());
  EXPECT_THAT(Values("2951-2"), ElementsAre("4.1"));
  ASSERT_THAT(change("2823-3", "v1"), IsOk());
  EXPECT_THAT(timers_->RunDue(), IsOk());
  EXPECT_THAT(Values("2951-2"), IsEmpty());
  EXPECT_THAT(Values(), ElementsAre("4.1"));
  ASSERT_THAT(change("", "v2"), IsOk());
  EXPECT_THAT(timers_->RunDue(), IsOk());
  EXPECT_THAT(Values(), IsEmpty());
}

TEST_F(TrendStoreTest, AValueFarFromThePatientsEarlierOneIsMarked) {
  const std::string before = "202603020800";
  ASSERT_THAT(TakeIn({.order = "A", .value = "4.0", .observed_at = before}).status(), IsOk());
  const Observation near = Read(
      *TakeIn({.order = "B", .value = "5.0", .laboratory = Org(5), .observed_at = "202603020900"}));
  EXPECT_EQ(near.judged.delta, DeltaCheck::kWithin);
  const ReportId id = *TakeIn({.order = "C", .value = "6.1", .observed_at = "202603021000"});
  EXPECT_EQ(Read(id).judged.delta, DeltaCheck::kExceeded);
  EXPECT_EQ(Read(id).judged.prior_value, "5.0 mmol/L");
  EXPECT_EQ(Read(id).judged.prior_observed_at,
            absl::FromCivil(absl::CivilHour(2026, 3, 2, 1), absl::UTCTimeZone()));
  // Its correction is compared with another report's, not with itself.
  ASSERT_EQ(*TakeIn({.order = "C", .value = "5.2", .observed_at = "202603021000"}), id);
  EXPECT_EQ(Read(id).judged.delta, DeltaCheck::kWithin);
  EXPECT_EQ(Read(*TakeIn({.order = "D", .value = "9", .observed_at = "20270101"})).judged.delta,
            DeltaCheck::kNone)
      << "nobody compares with last year";
}

TEST_F(TrendStoreTest, PointsFollowTheirPatientThroughAMerge) {
  ASSERT_THAT(TakeIn({}).status(), IsOk());
  const PatientId survivor(base::Uuid::V7());
  const event::v1::Event event = test_support::MergeEvent(survivor.uuid(), patient_.uuid());
  ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Merge", .deadline = Deadline()},
                                    [&](mysql::Session& session) {
                                      return ApplyDirectoryEvent(session, event, *reports_);
                                    }),
              IsOk());
  EXPECT_THAT(Values(), IsEmpty());
  const auto moved =
      *trends_->Points({.patient = survivor, .sight = Caring()}, {.loinc = "2823-3"}, Deadline());
  ASSERT_THAT(moved, SizeIs(1));
  // A correction of the moved report takes the moved point's place.
  ASSERT_THAT(TakeIn({.value = "5.0"}).status(), IsOk());
  const auto corrected =
      *trends_->Points({.patient = survivor, .sight = Caring()}, {.loinc = "2823-3"}, Deadline());
  ASSERT_THAT(corrected, SizeIs(1));
  EXPECT_EQ(corrected[0].value, "5.0");
}

TEST_F(TrendStoreTest, ATrendIsReadPageByPageConvertedAndAudited) {
  for (int i = 0; i < 5; ++i) {
    // Two of them at one moment.
    ASSERT_THAT(TakeIn({.order = "L-" + std::to_string(i),
                        .value = "4." + std::to_string(i),
                        .observed_at = i == 3 ? "20260105" : "2026010" + std::to_string(i + 1)})
                    .status(),
                IsOk());
  }
  ASSERT_THAT(TakeIn({.order = "X", .ordering = Org(4), .code = "2951-2"}).status(), IsOk());
  MysqlSharingStore sharing(*unit_);
  Sights sights(*relationships_, sharing);
  TrendHandlers handlers({*trends_, sights, sealer_});
  v1::GetTrendRequest request;
  request.set_patient_id(patient_.ToString());
  request.set_loinc("2823-3");
  request.set_unit("umol/L");
  request.mutable_page()->set_page_size(2);
  const rpc::Caller doctor = Doctor(Org(3));
  std::vector<std::string> values;
  size_t audited = 0;
  do {
    const TestCall call(doctor, request);
    const auto page = handlers.Get(call, request);
    ASSERT_THAT(page, IsOk());
    for (const auto& point : page->points()) values.push_back(point.converted_value());
    audited += call.reads().size();
    request.mutable_page()->set_page_token(page->page().next_page_token());
  } while (!request.page().page_token().empty());
  std::sort(values.begin(), values.end());
  EXPECT_THAT(values, ElementsAre("4000", "4100", "4200", "4300", "4400"));
  EXPECT_EQ(audited, 5u);

  v1::ListTrendsRequest list;
  list.set_patient_id(patient_.ToString());
  const auto listed = handlers.List(TestCall(doctor, list), list);
  ASSERT_THAT(listed, IsOk());
  ASSERT_THAT(listed->newest(), SizeIs(2));
  EXPECT_EQ(listed->newest(0).loinc(), "2823-3");

  v1::GetCumulativeReportRequest cumulative;
  cumulative.set_patient_id(patient_.ToString());
  cumulative.set_columns(3);
  const auto report = handlers.GetCumulative(TestCall(doctor, cumulative), cumulative);
  ASSERT_THAT(report, IsOk());
  EXPECT_THAT(report->loincs(), ElementsAre("2823-3", "2951-2"));
  ASSERT_THAT(report->columns(), SizeIs(3));
  EXPECT_EQ(report->columns(0).points(0).loinc(), "2951-2") << "the newest, by its report's issue";
  EXPECT_THAT(report->columns(1).points(), SizeIs(2));
}

TEST_F(TrendStoreTest, WhoDoesNotCareForThePatientSeesTheOwnReportsOnly) {
  ASSERT_THAT(TakeIn({.order = "A", .value = "4.1"}).status(), IsOk());
  ASSERT_THAT(TakeIn({.order = "B", .value = "4.2", .ordering = Org(4)}).status(), IsOk());
  const auto seen = [&](OrganizationId party) {
    return trends_
        ->Points({.patient = patient_, .sight = {.organization = party}}, {.loinc = "2823-3"},
                 Deadline())
        ->size();
  };
  EXPECT_EQ(seen(Org(4)), 1u);
  EXPECT_EQ(seen(Org(1)), 2u);
  EXPECT_EQ(seen(Org(6)), 0u);
  EXPECT_THAT(*trends_->Analytes({.patient = patient_, .sight = {.organization = Org(6)}}, "", 10,
                                 Deadline()),
              IsEmpty());
  EXPECT_THAT(*trends_->Analytes({.patient = patient_, .sight = {.organization = Org(4)}}, "", 10,
                                 Deadline()),
              ElementsAre("2823-3"));
  EXPECT_THAT(*trends_->Newest({.patient = patient_, .sight = {.organization = Org(6)}}, {"2823-3"},
                               1, Deadline()),
              IsEmpty());
}

}  // namespace
}  // namespace yilian::lab
