// Clinics that are for an age or a sex, as callers meet them, on a real database.
#include <algorithm>

#include "common/mysql/transaction.h"
#include "services/scheduling/jobs/directory_events.h"
#include "services/scheduling/testing/clinic_fixture.h"
#include "tests/support/merge_event.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::scheduling {
namespace {

using absl::CivilDay;
using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const auto kNotForClinic = StatusIs(StatusCode::kFailedPrecondition, "PATIENT_NOT_FOR_CLINIC");
const auto kNotChecked = StatusIs(StatusCode::kUnavailable, "FIT_NOT_CHECKED");

using ClinicRules = ClinicFixture;

TEST_F(ClinicRules, KeepOutByAgeAtTheSessionsDate) {
  const v1::Session session = Open(Children());
  const auto girl = Hold(session, "girl");
  ASSERT_THAT(girl, IsOk());
  EXPECT_FALSE(girl->fit_unknown());
  EXPECT_THAT(Hold(session, "grown"), kNotForClinic);
  // A day later she is fifteen.
  EXPECT_THAT(Hold(Open(Children(), kWeek + absl::Hours(24)), "girl"), kNotForClinic);
}

TEST_F(ClinicRules, KeepOutBySex) {
  const v1::Session session = Open(Women());
  EXPECT_THAT(Hold(session, "girl"), IsOk());
  const absl::Status refused = Hold(session, "man").status();
  EXPECT_THAT(refused, kNotForClinic);
  EXPECT_EQ(Meta(refused, "rule"), "SEX");
  EXPECT_EQ(Meta(refused, "sex"), "FEMALE");
  EXPECT_EQ(Meta(refused, "session_id"), session.session_id());
}

TEST_F(ClinicRules, CountDaysOfTheNewborn) {
  v1::ClinicRule newborn;
  newborn.mutable_greatest_age()->set_value(28);
  newborn.mutable_greatest_age()->set_unit(v1::AGE_UNIT_DAYS);
  const v1::Session session = Open(newborn);
  Know("baby", PatientSex::kAny, CivilDay(2026, 8, 31));
  Know("infant", PatientSex::kAny, CivilDay(2026, 8, 30));
  EXPECT_THAT(Hold(session, "baby"), IsOk());
  EXPECT_THAT(Hold(session, "infant"), kNotForClinic);
}

TEST_F(ClinicRules, MeanTheDateOfTheSite) {
  v1::DefineSiteRequest site;
  site.set_organization_id(Named("hospital").ToString());
  site.set_time_zone("Asia/Kolkata");
  rpc::Caller scheduler = Person("hospital");
  ASSERT_THAT(desk_->Ask(scheduler, &TemplateHandlers::DefineSite, site), IsOk());
  // 29 September 00:30 in Shanghai, 28 September 22:00 in Kolkata.
  EXPECT_THAT(Hold(Open(Children(), kWeek + absl::Minutes(990)), "girl"), IsOk());
}

TEST_F(ClinicRules, OfWhatIsNotKnownAPersonDecides) {
  const v1::Session session = Open(Children());
  const auto booked = Booked(session, "unknown");
  ASSERT_THAT(booked, IsOk());
  EXPECT_TRUE(booked->fit_unknown());
  v1::GetBookingRequest request;
  request.set_booking_id(booked->booking_id());
  const auto read = desk_->Ask(Person("hospital"), &SchedulingHandlers::GetBooking, request);
  ASSERT_THAT(read, IsOk());
  EXPECT_TRUE(read->fit_unknown());
  // On a session for all there is nothing to decide.
  const auto moved = Reschedule(*booked, Open({}, 2 * kWeek));
  ASSERT_THAT(moved, IsOk());
  EXPECT_FALSE(moved->fit_unknown());
}

TEST_F(ClinicRules, AreAskedAboutOnceACommandAndOnlyWhereThereIsOne) {
  ASSERT_THAT(Hold(Open({}), "girl"), IsOk());
  EXPECT_EQ(desk_->patients().asked(), 0);
  const v1::Session session = Open(Children(), 2 * kWeek);
  const std::string request_id = base::Uuid::V7().ToString();
  EXPECT_THAT(Hold(session, "girl", request_id), kNotForClinic);  // fifteen by then
  EXPECT_EQ(desk_->patients().asked(), 1);
  ASSERT_THAT(Hold(session, "boy", request_id), IsOk());
  EXPECT_EQ(desk_->patients().asked(), 2);
  // What is repeated is answered from the ledger.
  EXPECT_THAT(Hold(session, "boy", request_id), IsOk());
  EXPECT_EQ(desk_->patients().asked(), 2);
}

TEST_F(ClinicRules, InADepartmentPassOverWhatIsNotForThePatient) {
  for (int day = 1; day <= 25; ++day) Open(Women(), absl::Hours(24) * day + absl::Hours(1));
  const v1::Session for_him = Open(Children(), absl::Hours(24 * 26));
  const auto held = HoldInDepartment("boy");
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(held->session_id(), for_him.session_id());
  EXPECT_EQ(desk_->patients().asked(), 1) << "all rules of the department at once";
  EXPECT_THAT(HoldInDepartment("man"), kNotForClinic);
}

TEST_F(ClinicRules, AreNotGuessedWhileTheDirectoryIsAway) {
  const v1::Session session = Open(Children());
  const v1::Session for_all = Open({}, 2 * kWeek);
  desk_->patients().SetAway(true);
  const std::string request_id = base::Uuid::V7().ToString();
  const absl::Status refused = Hold(session, "girl", request_id).status();
  EXPECT_THAT(refused, kNotChecked);
  EXPECT_TRUE(status::RetryOf(refused).has_value());
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking"), "0");
  EXPECT_THAT(Hold(for_all, "girl"), IsOk());
  desk_->patients().SetAway(false);
  EXPECT_THAT(Hold(session, "girl", request_id), IsOk()) << "the same request, tried again";
}

TEST_F(ClinicRules, HoldForReschedulingToo) {
  const auto booked = Booked(Open(Children()), "girl");
  ASSERT_THAT(booked, IsOk());
  EXPECT_THAT(Reschedule(*booked, Open(Children(), 2 * kWeek)), kNotForClinic);
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat WHERE state = 'TAKEN'"), "1");
  EXPECT_THAT(Reschedule(*booked, Open(Women(), 2 * kWeek)), IsOk());
}

TEST_F(ClinicRules, HoldForASeriesAsAWhole) {
  for (int week = 1; week <= 3; ++week) Open(Children(), kWeek * week);
  v1::BookSeriesRequest request;
  request.set_organization_id(Named("township").ToString());
  request.set_department_id(Named("cardiology").ToString());
  request.set_first_date("2026-09-28");
  request.set_interval_days(7);
  request.set_visits(3);
  request.set_patient_id(Named("girl").ToString());
  const absl::Status refused =
      desk_->Ask(Person("township"), &SeriesHandlers::BookSeries, request).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "SERIES_NOT_MET"));
  EXPECT_EQ(Meta(refused, "cause"), "PATIENT_NOT_FOR_CLINIC");
  EXPECT_EQ(Meta(refused, "visit"), "2");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM booking"), "0");
  EXPECT_EQ(desk_->patients().asked(), 1) << "about all visits at once";
  request.set_patient_id(Named("boy").ToString());
  EXPECT_THAT(desk_->Ask(Person("township"), &SeriesHandlers::BookSeries, request), IsOk());
  EXPECT_EQ(desk_->patients().asked(), 2);
}

TEST_F(ClinicRules, HoldAtTheDeskUnlessSomebodyCannotWait) {
  const v1::Session session = Open(Children(), absl::Hours(1));
  EXPECT_THAT(WalkIn(session, "man", v1::WALK_IN_REASON_CANNOT_BOOK), kNotForClinic);
  EXPECT_THAT(WalkIn(session, "boy", v1::WALK_IN_REASON_CANNOT_BOOK), IsOk());
  desk_->patients().SetAway(true);
  EXPECT_THAT(WalkIn(session, "unknown", v1::WALK_IN_REASON_OUTAGE), kNotChecked);
  const int asked = desk_->patients().asked();
  const auto urgent = WalkIn(session, "man", v1::WALK_IN_REASON_URGENT);
  ASSERT_THAT(urgent, IsOk());
  EXPECT_TRUE(urgent->fit_unknown()) << "the person at the desk decides";
  EXPECT_EQ(desk_->patients().asked(), asked) << "nor is anybody waited for";
}

TEST_F(ClinicRules, SearchShowsNothingThatHoldSeatWouldRefuse) {
  const v1::Session children = Open(Children());
  const v1::Session women = Open(Women(), kWeek + absl::Hours(5));
  const v1::Session all = Open({}, kWeek + absl::Hours(10));
  EXPECT_THAT(Found("girl"),
              UnorderedElementsAre(children.session_id(), women.session_id(), all.session_id()));
  EXPECT_THAT(Found("boy"), UnorderedElementsAre(children.session_id(), all.session_id()));
  EXPECT_THAT(Found("man"), ElementsAre(all.session_id()));
  EXPECT_THAT(Found("grown"), UnorderedElementsAre(women.session_id(), all.session_id()));
  EXPECT_EQ(desk_->patients().asked(), 4);
  for (const char* patient : {"girl", "boy", "man", "grown"}) {
    for (const v1::Session& one : {children, women, all}) {
      const std::vector<std::string> found = Found(patient);
      const bool shown = std::count(found.begin(), found.end(), one.session_id()) > 0;
      const auto held = Hold(one, patient);
      EXPECT_EQ(held.ok(), shown) << patient << ": " << held.status();
      if (held.ok()) {
        EXPECT_THAT(Cancel(*held), IsOk());
      }
    }
  }
}

TEST_F(ClinicRules, AreShownWhereNobodyIsNamed) {
  const v1::Session children = Open(Children());
  const auto found = Search("");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->sessions_size(), 1);
  EXPECT_EQ(found->sessions(0).clinic_rule().SerializeAsString(), Children().SerializeAsString());
  EXPECT_FALSE(found->sessions(0).fit_unknown());
  EXPECT_EQ(desk_->patients().asked(), 0);
  EXPECT_EQ(children.clinic_rule().greatest_age().value(), 14);
}

TEST_F(ClinicRules, SearchTellsWhatIsNotKnownAndNothingWhileTheDirectoryIsAway) {
  Open(Children());
  const auto found = Search("unknown");
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->sessions_size(), 1);
  EXPECT_TRUE(found->sessions(0).fit_unknown());
  desk_->patients().SetAway(true);
  EXPECT_THAT(Search("girl"), kNotChecked);
  EXPECT_THAT(Search(""), IsOk());
}

TEST_F(ClinicRules, SearchTellsNobodyOfAPatientOfOthers) {
  Open(Children());
  desk_->patients().Know(PatientId(Named("stranger")), {.birth_date = CivilDay(2020, 1, 1)});
  v1::SearchSessionsRequest request;
  request.set_patient_id(Named("stranger").ToString());
  request.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
  request.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow + kWeek));
  // The relationship's own directory is away in this test, so that nobody can say yes.
  EXPECT_FALSE(desk_->Ask(Person("township"), &SchedulingHandlers::SearchSessions, request).ok());
  EXPECT_EQ(desk_->patients().asked(), 0);
}

TEST_F(ClinicRules, OfAMergedPatientTheSurvivorIsAskedAbout) {
  const event::v1::Event event = test_support::MergeEvent(Named("girl"), Named("unknown"));
  ASSERT_THAT(
      mysql::RunTransaction(
          desk_->pool(), {.name = "test.Merge", .deadline = absl::Now() + absl::Seconds(30)},
          [&](mysql::Session& sql) {
            return ApplyDirectoryEvent(sql, event, desk_->upkeep(), desk_->clock().Now());
          }),
      IsOk());
  v1::HoldSeatRequest wish = desk_->Wish(Open(Children()), "unknown", "township");
  const auto held = desk_->Hold(wish);
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(held->patient_id(), Named("girl").ToString());
  EXPECT_FALSE(held->fit_unknown());
}

TEST_F(ClinicRules, ThatNobodyCanComeUnderAreRefused) {
  v1::CreateSessionRequest offer = desk_->Offer(4);
  *offer.mutable_clinic_rule() = Children();
  offer.mutable_clinic_rule()->mutable_least_age()->set_value(15);
  offer.mutable_clinic_rule()->mutable_least_age()->set_unit(v1::AGE_UNIT_YEARS);
  EXPECT_THAT(desk_->Ask(Service("ctl"), &SchedulingHandlers::CreateSession, offer),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::scheduling
