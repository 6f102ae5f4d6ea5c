// Templates as callers meet them, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/scheduling/testing/template_fixture.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

constexpr absl::Duration kDay = absl::Hours(24);

class SessionTemplates : public TemplateFixture {
 protected:
  v1::Absence RecordAbsence(absl::Time from, absl::Time until) {
    v1::RecordAbsenceRequest request;
    request.set_organization_id(Named("hospital").ToString());
    request.set_practitioner_id(Named("expert").ToString());
    request.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(from));
    request.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(until));
    const auto made = desk_->Ask(Person("hospital"), &TemplateHandlers::RecordAbsence, request);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? *made : v1::Absence();
  }
  absl::StatusOr<v1::Absence> EndAbsence(const v1::Absence& absence, absl::Time back_at) {
    v1::EndAbsenceRequest request;
    request.set_absence_id(absence.absence_id());
    request.set_etag(absence.etag());
    request.mutable_back_at()->set_seconds(absl::ToUnixSeconds(back_at));
    return desk_->Ask(Person("hospital"), &TemplateHandlers::EndAbsence, request);
  }
  static absl::Time Shanghai(int month, int day, int hour) {
    return absl::FromCivil(absl::CivilHour(2026, month, day, hour), absl::FixedTimeZone(8 * 3600));
  }
};

TEST_F(SessionTemplates, MakeSessionsUpToTheHorizon) {
  const v1::SessionTemplate made = Made(Plan());
  EXPECT_EQ(Dates(), kAllDates) << "today's has begun, 1 October is a holiday";
  EXPECT_EQ(StartOn("2026-09-24"), "2026-09-24 00:00:00");
  EXPECT_EQ(Events("SessionTemplateCreated"), "1");
  EXPECT_EQ(Events("SessionCreated"), "7");
  EXPECT_EQ(Count("seat"), "28");
  const v1::Session session = SessionOn("2026-09-24");
  EXPECT_EQ(session.template_id(), made.template_id());
  EXPECT_EQ(session.free_seats(), 4);
  EXPECT_EQ(made.time_zone(), "Asia/Shanghai");
  EXPECT_EQ(made.plan().site_id(), Named("hospital").ToString());
  EXPECT_EQ(Get(made)->SerializeAsString(), made.SerializeAsString());
  EXPECT_EQ(Count("timer WHERE kind = 'scheduling.Template'"), "1");
  EXPECT_EQ(Count("audit_entry WHERE subject_type = 'session_template'"), "1");
  BookOn("2026-09-24", "Li");
}

TEST_F(SessionTemplates, MeanTheWallClockOfTheirSite) {
  ASSERT_THAT(DefineSite("elsewhere", "Asia/Kolkata"), IsOk());
  ASSERT_THAT(DefineSite("township", "Europe/Berlin"), IsOk());
  v1::TemplatePlan plan = Plan("guest");
  plan.set_site_id(Named("elsewhere").ToString());
  plan.clear_weekdays();
  plan.add_weekdays(v1::WEEKDAY_TUESDAY);
  EXPECT_EQ(Made(plan).time_zone(), "Asia/Kolkata");
  EXPECT_EQ(StartOn("2026-09-22"), "2026-09-22 02:30:00");

  // Over the end of daylight saving, in the night to Sunday, 25 October.
  desk_->clock().Set(Shanghai(10, 12, 12));
  plan = Plan("other guest");
  plan.set_site_id(Named("township").ToString());
  plan.clear_weekdays();
  plan.add_weekdays(v1::WEEKDAY_SATURDAY);
  plan.add_weekdays(v1::WEEKDAY_SUNDAY);
  Made(plan);
  EXPECT_EQ(StartOn("2026-10-24"), "2026-10-24 06:00:00");
  EXPECT_EQ(StartOn("2026-10-25"), "2026-10-25 07:00:00");
}

TEST_F(SessionTemplates, GoOnDayByDayAndCatchUpAfterAnOutage) {
  Made(Plan());
  for (int day = 0; day < 3; ++day) {
    desk_->clock().Advance(kDay);
    desk_->RunTimers();
  }
  EXPECT_EQ(Dates(), std::string(kAllDates) + " 10-22");
  desk_->clock().Advance(40 * kDay);  // to Tuesday, 3 November
  desk_->RunTimers();
  EXPECT_EQ(desk_->Read("SELECT GROUP_CONCAT(DATE_FORMAT(template_date, '%m-%d') ORDER BY "
                        "template_date SEPARATOR ' ') FROM session WHERE template_date > "
                        "'2026-10-22'"),
            "11-05 11-09 11-12 11-16 11-19 11-23 11-26 11-30")
      << "what has passed is not made up for";
  EXPECT_EQ(Events("SessionCreated"), Count("session"));
}

TEST_F(SessionTemplates, RunInChunksThatLeaveRoomForOtherTimers) {
  v1::TemplatePlan plan = Plan();
  plan.set_runs_on_public_holidays(true);
  plan.clear_weekdays();
  for (int day = 1; day <= 7; ++day) plan.add_weekdays(static_cast<v1::Weekday>(day));
  ASSERT_THAT(Create(plan), IsOk());
  EXPECT_EQ(desk_->RunTimers(), 4) << "28 sessions, 8 at once";
  EXPECT_EQ(Count("session WHERE template_date IS NOT NULL"), "28");
}

TEST_F(SessionTemplates, AChangeKeepsWhatIsBookedOrHeldAndListsIt) {
  const v1::SessionTemplate made = Made(Plan());
  const v1::Booking booked = BookOn("2026-09-28", "Li");
  ASSERT_THAT(desk_->Hold(desk_->Wish(SessionOn("2026-10-05"), "Wang", "township")), IsOk());
  const v1::Session gone = SessionOn("2026-10-08");
  v1::TemplatePlan afternoon = Plan();
  *afternoon.mutable_hours() = Hours("14:00", "17:00");
  const absl::StatusOr<v1::SessionTemplate> changed = Change(made, afternoon);
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->conflicts(), 2);
  EXPECT_NE(changed->etag(), made.etag());
  // At once, before the job has run:
  EXPECT_EQ(Dates(), "09-28 10-05");
  EXPECT_EQ(Events("SessionWithdrawn"), "5");
  EXPECT_THAT(desk_->Hold(desk_->Wish(gone, "Zhang", "township")),
              StatusIs(StatusCode::kFailedPrecondition, "SESSION_CLOSED"));

  ASSERT_GT(desk_->RunTimers(), 0);
  EXPECT_EQ(Dates(), kAllDates);
  EXPECT_EQ(StartOn("2026-09-24"), "2026-09-24 06:00:00");
  EXPECT_EQ(StartOn("2026-09-28"), "2026-09-28 00:00:00") << "as it was booked";
  const v1::ListTemplateConflictsResponse conflicts = Conflicts();
  ASSERT_EQ(conflicts.conflicts_size(), 2);
  EXPECT_EQ(conflicts.conflicts(0).date(), "2026-09-28");
  EXPECT_EQ(conflicts.conflicts(0).session_id(), booked.session_id());
  EXPECT_EQ(conflicts.conflicts(0).kind(), v1::TEMPLATE_CONFLICT_KIND_BOOKED_OTHERWISE);
  EXPECT_EQ(Events("TemplateConflictFound"), "2");
  EXPECT_EQ(Get(made)->conflicts(), 2);
}

TEST_F(SessionTemplates, AConflictEndsWithItsBooking) {
  const v1::SessionTemplate made = Made(Plan());
  const v1::Booking booked = BookOn("2026-09-28", "Li");
  v1::TemplatePlan afternoon = Plan();
  *afternoon.mutable_hours() = Hours("14:00", "17:00");
  ASSERT_THAT(Change(made, afternoon), IsOk());
  desk_->RunTimers();
  v1::CancelBookingRequest cancel;
  cancel.set_booking_id(booked.booking_id());
  cancel.set_reason("PATIENT_DECLINED");
  ASSERT_THAT(desk_->Ask(Service("referral"), &SchedulingHandlers::CancelBooking, cancel), IsOk());
  desk_->clock().Advance(absl::Hours(1));
  desk_->RunTimers();
  EXPECT_EQ(StartOn("2026-09-28"), "2026-09-28 06:00:00");
  EXPECT_EQ(Conflicts().conflicts_size(), 0);
  EXPECT_EQ(Events("TemplateConflictResolved"), "1");
}

TEST_F(SessionTemplates, AChangeBackEndsTheConflictAndKeepsTheSession) {
  const v1::SessionTemplate made = Made(Plan());
  const v1::Booking booked = BookOn("2026-09-28", "Li");
  v1::TemplatePlan thursdays = Plan();
  thursdays.clear_weekdays();
  thursdays.add_weekdays(v1::WEEKDAY_THURSDAY);
  const absl::StatusOr<v1::SessionTemplate> changed = Change(made, thursdays);
  ASSERT_THAT(changed, IsOk());
  ASSERT_EQ(Conflicts().conflicts_size(), 1);
  EXPECT_EQ(Conflicts().conflicts(0).kind(), v1::TEMPLATE_CONFLICT_KIND_BOOKED_UNPLANNED);
  const absl::StatusOr<v1::SessionTemplate> back = Change(*changed, Plan());
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->conflicts(), 0);
  EXPECT_EQ(SessionOn("2026-09-28").session_id(), booked.session_id());
}

TEST_F(SessionTemplates, WhatTheNewPlanMeansAsWellStays) {
  const v1::SessionTemplate made = Made(Plan());
  const std::string before = SessionOn("2026-09-28").session_id();
  v1::TemplatePlan plan = Plan();
  plan.set_effective_until("2026-10-08");
  v1::TemplateException& off = *plan.add_exceptions();
  off.set_date("2026-09-24");
  v1::TemplateException& more = *plan.add_exceptions();
  more.set_date("2026-09-26");
  *more.mutable_hours() = Hours("09:00", "11:00");
  ASSERT_THAT(Change(made, plan), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(Dates(), "09-26 09-28 10-05 10-08");
  EXPECT_EQ(SessionOn("2026-09-28").session_id(), before);
  EXPECT_EQ(Events("SessionWithdrawn"), "4");
}

TEST_F(SessionTemplates, EndAfterADateAndStayAsTheyAre) {
  const v1::SessionTemplate made = Made(Plan());
  BookOn("2026-10-08", "Li");
  const absl::StatusOr<v1::SessionTemplate> ended = End(made, "2026-09-28");
  ASSERT_THAT(ended, IsOk());
  EXPECT_TRUE(ended->has_ended_at());
  EXPECT_EQ(ended->conflicts(), 1);
  desk_->RunTimers();
  EXPECT_EQ(Dates(), "09-24 09-28 10-08");
  EXPECT_THAT(Change(*ended, Plan()), StatusIs(StatusCode::kFailedPrecondition, "ENDED"));
  EXPECT_THAT(End(*ended), StatusIs(StatusCode::kFailedPrecondition, "ENDED"));
  EXPECT_THAT(Change(made, Plan()), StatusIs(StatusCode::kAborted, "ETAG_STALE"));
  desk_->clock().Set(Shanghai(10, 9, 0));
  desk_->RunTimers();
  EXPECT_EQ(Conflicts().conflicts_size(), 0) << "the booked session has passed";
  EXPECT_EQ(Count("timer WHERE kind = 'scheduling.Template'"), "0");
  // The expert is free again.
  EXPECT_THAT(Create(Plan()), IsOk());
}

TEST_F(SessionTemplates, AnAbsenceTakesSessionsBackAndItsEndBringsThem) {
  Made(Plan());
  BookOn("2026-09-28", "Li");
  const v1::Absence absence = RecordAbsence(Shanghai(9, 24, 10), Shanghai(10, 8, 8));
  EXPECT_EQ(Dates(), "09-28 10-08 10-12 10-15 10-19");
  ASSERT_EQ(Conflicts().conflicts_size(), 1);
  EXPECT_EQ(Conflicts().conflicts(0).kind(), v1::TEMPLATE_CONFLICT_KIND_BOOKED_UNPLANNED);
  desk_->RunTimers();
  EXPECT_EQ(Dates(), "09-28 10-08 10-12 10-15 10-19");

  v1::Absence stale = absence;
  stale.set_etag("v9");
  EXPECT_THAT(EndAbsence(stale, Shanghai(9, 28, 0)), StatusIs(StatusCode::kAborted, "ETAG_STALE"));
  const absl::StatusOr<v1::Absence> ended = EndAbsence(absence, Shanghai(9, 28, 0));
  ASSERT_THAT(ended, IsOk());
  desk_->RunTimers();
  EXPECT_EQ(Dates(), "09-28 10-05 10-08 10-12 10-15 10-19");
  EXPECT_EQ(Conflicts().conflicts_size(), 0);
  v1::ListAbsencesRequest list;
  list.set_organization_id(Named("hospital").ToString());
  list.set_practitioner_id(Named("expert").ToString());
  const auto listed = desk_->Ask(Person("hospital"), &TemplateHandlers::ListAbsences, list);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->absences_size(), 1);
  EXPECT_EQ(listed->absences(0).SerializeAsString(), ended->SerializeAsString());
  EXPECT_EQ(Events("AbsenceRecorded") + Events("AbsenceEnded"), "11");
  // Taken back altogether.
  const v1::Absence other = RecordAbsence(Shanghai(10, 12, 0), Shanghai(10, 13, 0));
  EXPECT_EQ(Dates(), "09-28 10-05 10-08 10-15 10-19");
  ASSERT_THAT(EndAbsence(other, Shanghai(9, 30, 0)), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(Dates(), "09-28 10-05 10-08 10-12 10-15 10-19");
  EXPECT_THAT(EndAbsence(*ended, Shanghai(9, 25, 0)), IsOk()) << "earlier still";
}

TEST_F(SessionTemplates, ASessionInTheWayIsAConflictWhenItsTimeComesIntoSight) {
  const v1::SessionTemplate made = Made(Plan());
  v1::CreateSessionRequest single = desk_->Offer(4);
  single.set_practitioner_id(Named("expert").ToString());
  const absl::Time start = Shanghai(10, 22, 11);
  single.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(start));
  single.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(start + absl::Hours(3)));
  const v1::Session blocking = desk_->Create(single);
  desk_->clock().Advance(3 * kDay);
  desk_->RunTimers();
  ASSERT_EQ(Conflicts().conflicts_size(), 1);
  EXPECT_EQ(Conflicts().conflicts(0).date(), "2026-10-22");
  EXPECT_EQ(Conflicts().conflicts(0).kind(), v1::TEMPLATE_CONFLICT_KIND_EXPERT_BUSY);
  EXPECT_EQ(Conflicts().conflicts(0).blocking_session_id(), blocking.session_id());
  desk_->clock().Advance(absl::Hours(1));
  desk_->RunTimers();
  EXPECT_EQ(Events("TemplateConflictFound"), "1") << "the same one is told once";
}

TEST_F(SessionTemplates, TheSameRequestMakesOneTemplate) {
  v1::CreateSessionTemplateRequest request;
  request.set_request_id(base::Uuid::V7().ToString());
  request.set_organization_id(Named("hospital").ToString());
  *request.mutable_plan() = Plan();
  const auto ask = [&] {
    return desk_->Ask(Person("hospital"), &TemplateHandlers::CreateSessionTemplate, request);
  };
  const absl::StatusOr<v1::SessionTemplate> first = ask();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(ask()->template_id(), first->template_id());
  request.mutable_plan()->set_seats(5);
  EXPECT_THAT(ask(), StatusIs(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_EQ(Count("session_template"), "1");
}

TEST_F(SessionTemplates, ListsAreTheOwnOrganizationsInPages) {
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) {
    desk_->clock().Advance(absl::Milliseconds(10));
    made.push_back(Made(Plan("expert " + std::to_string(i))).template_id());
  }
  v1::ListSessionTemplatesRequest request;
  request.set_organization_id(Named("hospital").ToString());
  request.mutable_page()->set_page_size(2);
  std::vector<std::string> listed;
  do {
    const auto page =
        desk_->Ask(Person("hospital"), &TemplateHandlers::ListSessionTemplates, request);
    ASSERT_THAT(page, IsOk());
    for (const v1::SessionTemplate& one : page->templates()) listed.push_back(one.template_id());
    request.mutable_page()->set_page_token(page->page().next_page_token());
  } while (!request.page().page_token().empty());
  EXPECT_EQ(listed, made);
  request.set_practitioner_id(Named("expert 3").ToString());
  EXPECT_EQ(desk_->Ask(Person("hospital"), &TemplateHandlers::ListSessionTemplates, request)
                ->templates_size(),
            1);
  EXPECT_THAT(desk_->Ask(Person("township"), &TemplateHandlers::ListSessionTemplates, request),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
}

}  // namespace
}  // namespace yilian::scheduling
