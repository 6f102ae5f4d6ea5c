// Mutual recognition on a real database: what may be recognized, decided once, and counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "services/lab/rpc/recognition_handlers.h"
#include "services/lab/rpc/sharing_fixture.h"
#include "services/lab/store/mysql_recognition_store.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kExists = absl::StatusCode::kAlreadyExists;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class RecognitionTest : public SharingFixture {
 protected:
  void SetUp() override {
    SharingFixture::SetUp();
    if (IsSkipped()) return;
    clock_.Set(absl::FromCivil(absl::CivilHour(2027, 3, 2, 4), absl::UTCTimeZone()));
    store_ = std::make_unique<MysqlRecognitionStore>(*unit_);
    recognition_ =
        std::make_unique<RecognitionHandlers>(RecognitionHandlers::Deps{.store = *store_,
                                                                        .trends = *trends_,
                                                                        .sights = *sights_,
                                                                        .sealer = sealer_,
                                                                        .clock = clock_});
    for (const std::string loinc : {kPotassium, kHivAntibody}) {
      ASSERT_THAT(DefineRule(loinc), IsOk());
      ASSERT_THAT(DefineAssessment(loinc), IsOk());
    }
    ASSERT_THAT(DefinePrice(650), IsOk());
  }

  static rpc::Caller Region() {
    rpc::Caller caller = Doctor(Org("region"));
    caller.roles = {policy::v1::ROLE_REGIONAL_ADMINISTRATOR};
    return caller;
  }
  static std::string NewId() { return base::Uuid::V7().ToString(); }

  absl::StatusOr<v1::RecognitionRule> DefineRule(const std::string& loinc,
                                                 const std::string& etag = "",
                                                 int max_age_hours = 72) {
    v1::DefineRecognitionRuleRequest request;
    request.set_request_id(NewId());
    v1::RecognitionRule& rule = *request.mutable_rule();
    rule.set_loinc(loinc);
    rule.set_effective_from("2027-01-01");
    rule.set_least_scope(v1::RECOGNITION_SCOPE_REGION);
    rule.set_max_age_hours(max_age_hours);
    rule.add_methods("ISE");
    rule.add_excluded(v1::REPEAT_REASON_EMERGENCY);
    rule.set_etag(etag);
    return recognition_->DefineRule(TestCall(Region(), request), request);
  }
  absl::StatusOr<v1::QualityAssessment> DefineAssessment(const std::string& loinc) {
    v1::DefineQualityAssessmentRequest request;
    request.set_request_id(NewId());
    v1::QualityAssessment& assessment = *request.mutable_assessment();
    assessment.set_organization_id(kLaboratory.ToString());
    assessment.set_loinc(loinc);
    assessment.set_valid_from("2027-01-01");
    assessment.set_valid_to("2028-01-01");
    assessment.set_scope(v1::RECOGNITION_SCOPE_PROVINCE);
    return recognition_->DefineAssessment(TestCall(Region(), request), request);
  }
  absl::StatusOr<v1::ItemPrice> DefinePrice(int64_t fen) {
    v1::DefineItemPriceRequest request;
    request.set_request_id(NewId());
    request.mutable_price()->set_loinc(kPotassium);
    request.mutable_price()->set_effective_from("2027-01-01");
    request.mutable_price()->set_price_fen(fen);
    return recognition_->DefinePrice(TestCall(Region(), request), request);
  }

  // One item of the answer for the treating doctor.
  v1::ItemCandidates Find(const std::string& loinc, OrganizationId reader = kTreating,
                          const std::vector<v1::RepeatReason>& circumstances = {}) {
    v1::FindRecognizableResultsRequest request;
    request.set_patient_id(patient_.ToString());
    request.add_loincs(loinc);
    request.add_loincs(loinc);
    for (const v1::RepeatReason one : circumstances) request.add_circumstances(one);
    const TestCall call(Doctor(reader), request);
    const auto found = recognition_->Find(call, request);
    EXPECT_THAT(found, IsOk());
    audited_ = static_cast<int>(call.reads().size());
    EXPECT_THAT(found->items(), SizeIs(1)) << "an item that is named twice is one";
    return found->items(0);
  }
  v1::DecideRecognitionRequest Decision(const std::string& report, const std::string& order) {
    v1::DecideRecognitionRequest request;
    request.set_request_id(NewId());
    request.set_patient_id(patient_.ToString());
    request.set_loinc(kPotassium);
    request.set_order_number(order);
    request.set_report_id(report);
    request.set_outcome(v1::RECOGNITION_OUTCOME_RECOGNIZED);
    return request;
  }
  absl::StatusOr<v1::RecognitionDecision> Decide(const v1::DecideRecognitionRequest& request,
                                                 OrganizationId by = kTreating) {
    return recognition_->Decide(TestCall(Doctor(by), request), request);
  }
  absl::StatusOr<v1::RecognitionDecision> Repeat(const std::string& report,
                                                 const std::string& order,
                                                 v1::RepeatReason reason) {
    v1::DecideRecognitionRequest request = Decision(report, order);
    request.set_outcome(v1::RECOGNITION_OUTCOME_REPEATED);
    request.set_reason(reason);
    return Decide(request);
  }
  absl::StatusOr<v1::ListRecognitionStatisticsResponse> Statistics(const rpc::Caller& caller,
                                                                   const std::string& from,
                                                                   const std::string& to,
                                                                   const std::string& token = "") {
    v1::ListRecognitionStatisticsRequest request;
    request.set_organization_id(kTreating.ToString());
    request.set_from_month(from);
    request.set_to_month(to);
    request.mutable_page()->set_page_size(1);
    request.mutable_page()->set_page_token(token);
    return recognition_->ListStatistics(TestCall(caller, request), request);
  }

  std::unique_ptr<MysqlRecognitionStore> store_;
  std::unique_ptr<RecognitionHandlers> recognition_;
  int audited_ = 0;
};

TEST_F(RecognitionTest, FindsWhatMayBeRecognizedAndSaysWhyTheOthersMayNot) {
  const std::string good = TakeIn({.observed_at = "20270301090000+0800"});
  TakeIn({.value = "4.2", .observed_at = "20270101090000+0800"});
  TakeIn({.value = "4.3", .laboratory = kStranger, .observed_at = "20270301080000+0800"});
  const v1::ItemCandidates item = Find(kPotassium);
  ASSERT_THAT(item.candidates(), SizeIs(3));
  EXPECT_EQ(audited_, 3);
  EXPECT_EQ(item.candidates(0).result().report_id(), good);
  EXPECT_THAT(item.candidates(0).obstacles(), IsEmpty());
  EXPECT_EQ(item.candidates(0).scope(), v1::RECOGNITION_SCOPE_PROVINCE);
  EXPECT_TRUE(item.candidates(0).has_expires_at());
  EXPECT_THAT(item.candidates(1).obstacles(), ElementsAre(v1::RECOGNITION_OBSTACLE_NOT_ASSESSED));
  EXPECT_THAT(item.candidates(2).obstacles(), ElementsAre(v1::RECOGNITION_OBSTACLE_AGE));
  EXPECT_THAT(Find(kPotassium, kTreating, {v1::REPEAT_REASON_EMERGENCY}).candidates(0).obstacles(),
              ElementsAre(v1::RECOGNITION_OBSTACLE_CIRCUMSTANCE));
  EXPECT_THAT(Find("2951-2").candidates(), IsEmpty());
}

TEST_F(RecognitionTest, FindsNothingThatTheReaderMayNotSee) {
  TakeIn({.loincs = {kHivAntibody}});
  TakeIn({});
  EXPECT_THAT(Find(kHivAntibody).candidates(), IsEmpty());
  EXPECT_THAT(Find(kHivAntibody, kOrdering).candidates(), SizeIs(1));
  EXPECT_THAT(Find(kPotassium, kStranger).candidates(), IsEmpty());
  EXPECT_EQ(audited_, 0);
  ASSERT_THAT(Grant(kOrdering, kTreating, {v1::SENSITIVE_CLASS_HIV}), IsOk());
  EXPECT_THAT(Find(kHivAntibody).candidates(), SizeIs(1));
}

TEST_F(RecognitionTest, ADecisionIsRecordedWithWhoMadeItAndWhatItSaved) {
  const std::string report = TakeIn({});
  v1::DecideRecognitionRequest request = Decision(report, "O-1");
  const auto made = Decide(request);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->organization_id(), kTreating.ToString());
  EXPECT_EQ(made->practitioner_id(), Doctor(kTreating).practitioner_id.ToString());
  EXPECT_EQ(made->report_version(), 1);
  EXPECT_EQ(made->saved_fen(), 650);
  // The same request is answered as before, and counted once.
  const auto again = Decide(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->decision_id(), made->decision_id());
  EXPECT_EQ(Count("SELECT CAST(SUM(decided) AS SIGNED) FROM recognition_count"), 1);
  request.set_order_number("O-2");
  EXPECT_THAT(Decide(request), StatusIs(kExists, "REQUEST_ID_REUSED"));
}

TEST_F(RecognitionTest, OneOrderAndItemIsDecidedOnce) {
  const std::string report = TakeIn({});
  const auto made = Decide(Decision(report, "O-1"));
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(Repeat(report, "O-1", v1::REPEAT_REASON_FAST_CHANGING),
              StatusIs(kExists, "ALREADY_DECIDED"));
  EXPECT_THAT(Decide(Decision(report, "O-2")), IsOk()) << "another order";
  EXPECT_THAT(Decide(Decision(report, "O-1"), kOrdering), IsOk()) << "another organization's";
}

// The database lets one of them in, and what is counted is what was decided.
TEST_F(RecognitionTest, OfManyDecisionsAtOnceOneIsMadeForEachOrder) {
  const std::string report = TakeIn({});
  std::atomic<int> made = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int order = 0; order < 5; ++order) {
        const std::string number = "O-" + std::to_string(order);
        const auto answer = t % 2 == 0 ? Decide(Decision(report, number))
                                       : Repeat(report, number, v1::REPEAT_REASON_FAST_CHANGING);
        if (answer.ok()) {
          ++made;
        } else {
          EXPECT_THAT(answer, StatusIs(kExists, "ALREADY_DECIDED"));
          ++refused;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 5);
  EXPECT_EQ(refused, 35);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM recognition_decision"), 5);
  EXPECT_EQ(Count("SELECT CAST(SUM(decided) AS SIGNED) FROM recognition_count"), 5);
  EXPECT_EQ(Count("SELECT CAST((SELECT SUM(saved_fen) FROM recognition_count) - (SELECT "
                  "SUM(saved_fen) FROM recognition_decision) AS SIGNED)"),
            0);
}

TEST_F(RecognitionTest, WhatMayNotBeRecognizedIsNotDecided) {
  const std::string old = TakeIn({.observed_at = "20270101090000+0800"});
  EXPECT_THAT(Decide(Decision(old, "O-1")), StatusIs(kPrecondition, "NOT_RECOGNIZABLE"));
  EXPECT_THAT(Repeat(old, "O-1", v1::REPEAT_REASON_FAST_CHANGING),
              StatusIs(kPrecondition, "NOT_RECOGNIZABLE"));
  const std::string report = TakeIn({});
  clock_.Advance(absl::Hours(72));
  EXPECT_THAT(Decide(Decision(report, "O-1")), StatusIs(kPrecondition, "NOT_RECOGNIZABLE"))
      << "too old since it was found";
  EXPECT_EQ(Count("SELECT COUNT(*) FROM recognition_decision"), 0);
}

TEST_F(RecognitionTest, WhatTheDeciderMayNotSeeLooksLikeNothing) {
  const std::string hiv = TakeIn({.loincs = {kPotassium, kHivAntibody}});
  const std::string withdrawn = TakeIn({.order = "L-1"});
  TakeIn({.order = "L-1", .status = ResultStatus::kWithdrawn});
  const std::string anothers = TakeIn({.patient = PatientId(base::Uuid::V7())});
  const std::string none = NewId();
  for (const std::string& report : {hiv, withdrawn, anothers, none}) {
    EXPECT_THAT(Decide(Decision(report, "O-1")), StatusIs(kNotFound, "NOT_FOUND"));
  }
  const std::string report = TakeIn({});
  EXPECT_THAT(Decide(Decision(report, "O-1"), kStranger), StatusIs(kNotFound, "NOT_FOUND"));
  v1::DecideRecognitionRequest other_item = Decision(report, "O-1");
  other_item.set_loinc("2951-2");
  EXPECT_THAT(Decide(other_item), StatusIs(kNotFound, "NOT_FOUND"));
}

TEST_F(RecognitionTest, HostileInputIsRefusedOrKeptAsItIs) {
  const std::string report = TakeIn({});
  v1::DecideRecognitionRequest request = Decision(report, "O-1");
  request.set_reason(v1::REPEAT_REASON_EMERGENCY);
  EXPECT_THAT(Decide(request), StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Repeat(report, "O-1", v1::REPEAT_REASON_UNSPECIFIED),
              StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Repeat(report, "O-1", v1::REPEAT_REASON_OTHER), StatusIs(kInvalid, "FIELD_INVALID"));
  const std::string hostile = "O'; DROP TABLE report -- 珅𠮷\\";
  const auto made = Decide(Decision(report, hostile));
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->order_number(), hostile);
  EXPECT_THAT(Decide(Decision(report, hostile)), StatusIs(kExists, "ALREADY_DECIDED"));
  EXPECT_THAT(Find("' OR 1=1 --").candidates(), IsEmpty());
  EXPECT_THAT(DefineRule("2823-3' --"), StatusIs(kInvalid, "FIELD_INVALID"));
}

TEST_F(RecognitionTest, TermsChangeByEtagAndAreListed) {
  EXPECT_THAT(DefineRule(kPotassium), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  const auto changed = DefineRule(kPotassium, "v1", 24);
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->etag(), "v2");
  v1::ListRecognitionTermsRequest request;
  request.add_loincs(kPotassium);
  const auto terms = recognition_->ListTerms(TestCall(Doctor(kTreating), request), request);
  ASSERT_THAT(terms, IsOk());
  ASSERT_THAT(terms->rules(), SizeIs(1));
  EXPECT_EQ(terms->rules(0).max_age_hours(), 24);
  EXPECT_THAT(terms->rules(0).methods(), ElementsAre("ISE"));
  EXPECT_THAT(terms->rules(0).excluded(), ElementsAre(v1::REPEAT_REASON_EMERGENCY));
  EXPECT_THAT(terms->assessments(), SizeIs(1));
  EXPECT_EQ(terms->prices(0).price_fen(), 650);
}

TEST_F(RecognitionTest, StatisticsAreByMonthAndItemForTheOrganizationAndTheRegion) {
  const std::string report = TakeIn({});
  ASSERT_THAT(Decide(Decision(report, "O-1")), IsOk());
  ASSERT_THAT(Decide(Decision(report, "O-2")), IsOk());
  ASSERT_THAT(Repeat(report, "O-3", v1::REPEAT_REASON_FAST_CHANGING), IsOk());
  // In China it is April already.
  clock_.Set(absl::FromCivil(absl::CivilHour(2027, 3, 31, 17), absl::UTCTimeZone()));
  const std::string later = TakeIn({.value = "4.4"});
  ASSERT_THAT(Decide(Decision(later, "O-4")), IsOk());
  const auto first = Statistics(Doctor(kTreating), "2027-03-01", "2027-04-01");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(first->statistics(), SizeIs(1));
  const v1::RecognitionStatistic& march = first->statistics(0);
  EXPECT_EQ(march.month(), "2027-03-01");
  EXPECT_EQ(march.loinc(), kPotassium);
  EXPECT_EQ(march.recognized(), 2);
  ASSERT_THAT(march.repeated(), SizeIs(1));
  EXPECT_EQ(march.repeated(0).reason(), v1::REPEAT_REASON_FAST_CHANGING);
  EXPECT_EQ(march.repeated(0).count(), 1);
  EXPECT_EQ(march.recognized_permille(), 666);
  EXPECT_EQ(march.saved_fen(), 1300);
  const auto second =
      Statistics(Doctor(kTreating), "2027-03-01", "2027-04-01", first->page().next_page_token());
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(second->statistics(), SizeIs(1));
  EXPECT_EQ(second->statistics(0).month(), "2027-04-01");
  EXPECT_EQ(second->page().next_page_token(), "");
  EXPECT_THAT(Statistics(Region(), "2027-04-01", "2027-04-01"), IsOk());
  EXPECT_THAT(Statistics(Doctor(kStranger), "2027-03-01", "2027-04-01"),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Statistics(Doctor(kTreating), "2027-04-01", "2027-03-01"),
              StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Statistics(Doctor(kTreating), "2027-03-02", "2027-04-01"),
              StatusIs(kInvalid, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::lab
