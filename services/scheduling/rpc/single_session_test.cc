// Sessions that no template makes, checked as a template's are, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/status/error.h"
#include "services/scheduling/testing/template_fixture.h"

namespace yilian::scheduling {
namespace {

using absl::CivilMinute;
using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

std::string Meta(const absl::Status& status, const std::string& key) {
  const auto info = status::InfoOf(status);
  if (!info || !info->metadata().contains(key)) return "";
  return info->metadata().at(key);
}

std::string FieldOf(const absl::Status& status) {
  const auto bad = status::BadRequestOf(status);
  return bad && bad->field_violations_size() > 0 ? bad->field_violations(0).field() : "";
}

class SingleSessions : public TemplateFixture {
 protected:
  // Four seats for everybody, from 8 to 12 of the day in Shanghai.
  static v1::CreateSessionRequest Offer(int month, int day) {
    v1::CreateSessionRequest offer;
    offer.set_organization_id(Named("hospital").ToString());
    offer.set_department_id(Named("cardiology").ToString());
    offer.set_specialty("CARDIOLOGY");
    offer.set_kind(v1::SESSION_KIND_OUTPATIENT);
    offer.set_seats(4);
    SetTime(offer, CivilMinute(2026, month, day, 8, 0), CivilMinute(2026, month, day, 12, 0));
    v1::PoolQuota& open = *offer.add_quotas();
    open.set_kind(v1::POOL_KIND_OPEN);
    open.set_seats(4);
    return offer;
  }
  static void SetTime(v1::CreateSessionRequest& offer, CivilMinute start, CivilMinute end) {
    const absl::TimeZone zone = calendar::ChinaStandardTime();
    offer.mutable_time()->mutable_start()->set_seconds(
        absl::ToUnixSeconds(absl::FromCivil(start, zone)));
    offer.mutable_time()->mutable_end()->set_seconds(
        absl::ToUnixSeconds(absl::FromCivil(end, zone)));
  }
  static v1::CreateSessionRequest InRoom(int month, int day, const std::string& room = "A-12") {
    v1::CreateSessionRequest offer = Offer(month, day);
    offer.set_resource_kind(v1::RESOURCE_KIND_ROOM);
    offer.set_resource_code(room);
    return offer;
  }
  absl::StatusOr<v1::Session> Make(const v1::CreateSessionRequest& offer) {
    return desk_->Ask(Person("hospital"), &SchedulingHandlers::CreateSession, offer);
  }
};

TEST_F(SingleSessions, UseARoomOneAtATime) {
  const auto first = Make(InRoom(9, 28));
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->resource_kind(), v1::RESOURCE_KIND_ROOM);
  EXPECT_EQ(first->resource_code(), "A-12");
  v1::CreateSessionRequest late = InRoom(9, 28);
  SetTime(late, CivilMinute(2026, 9, 28, 11, 59), CivilMinute(2026, 9, 28, 14, 0));
  const absl::Status refused = Make(late).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "RESOURCE_OVERLAP"));
  EXPECT_EQ(Meta(refused, "blocking_session_id"), first->session_id());
  EXPECT_EQ(Meta(refused, "date"), "2026-09-28");
  EXPECT_EQ(FieldOf(refused), "resource_code");
  SetTime(late, CivilMinute(2026, 9, 28, 12, 0), CivilMinute(2026, 9, 28, 14, 0));
  EXPECT_THAT(Make(late), IsOk());
  EXPECT_THAT(Make(InRoom(9, 28, "A-13")), IsOk());
  // The same code of another site is another room.
  v1::CreateSessionRequest elsewhere = InRoom(9, 28);
  elsewhere.set_site_id(Named("township").ToString());
  EXPECT_THAT(Make(elsewhere), IsOk());
}

TEST_F(SingleSessions, OfARoomAndThoseOfItsTemplateMeet) {
  v1::TemplatePlan plan = Plan();
  plan.set_resource_kind(v1::RESOURCE_KIND_ROOM);
  plan.set_resource_code("A-12");
  Made(plan);
  const absl::Status refused = Make(InRoom(9, 28)).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "RESOURCE_OVERLAP"));
  ASSERT_THAT(Make(InRoom(9, 29)), IsOk());
  plan.set_practitioner_id(Named("other").ToString());
  plan.clear_weekdays();
  plan.add_weekdays(v1::WEEKDAY_TUESDAY);
  EXPECT_THAT(Create(plan), StatusIs(StatusCode::kFailedPrecondition, "RESOURCE_OVERLAP"));
}

TEST_F(SingleSessions, OfOneRoomAskedForAtOnceAreOne) {
  std::vector<std::thread> schedulers;
  std::atomic<int> made = 0;
  for (int i = 0; i < 8; ++i) {
    schedulers.emplace_back([&] {
      const auto session = Make(InRoom(9, 28));
      if (session.ok()) {
        ++made;
      } else {
        EXPECT_THAT(session, StatusIs(StatusCode::kFailedPrecondition, "RESOURCE_OVERLAP"));
      }
    });
  }
  for (std::thread& scheduler : schedulers) scheduler.join();
  EXPECT_EQ(made, 1);
}

TEST_F(SingleSessions, NameARoomByKindAndCode) {
  v1::CreateSessionRequest offer = InRoom(9, 28);
  offer.clear_resource_code();
  const absl::Status refused = Make(offer).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_EQ(FieldOf(refused), "resource_code");
}

TEST_F(SingleSessions, WaitForAnExpertWhoIsAway) {
  v1::RecordAbsenceRequest away;
  away.set_organization_id(Named("hospital").ToString());
  away.set_practitioner_id(Named("expert").ToString());
  const v1::CreateSessionRequest during = Offer(9, 28);
  *away.mutable_time() = during.time();
  const auto absence = desk_->Ask(Person("hospital"), &TemplateHandlers::RecordAbsence, away);
  ASSERT_THAT(absence, IsOk());
  v1::CreateSessionRequest offer = during;
  offer.set_practitioner_id(Named("expert").ToString());
  const absl::Status refused = Make(offer).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "EXPERT_ABSENT"));
  EXPECT_EQ(Meta(refused, "blocking_absence_id"), absence->absence_id());
  EXPECT_EQ(Meta(refused, "absent_from"), "2026-09-28T00:00:00+00:00");
  offer.set_practitioner_id(Named("other").ToString());
  EXPECT_THAT(Make(offer), IsOk());
  offer = Offer(9, 29);
  offer.set_practitioner_id(Named("expert").ToString());
  EXPECT_THAT(Make(offer), IsOk());
  // An absence that was taken back keeps nobody away.
  v1::EndAbsenceRequest end;
  end.set_absence_id(absence->absence_id());
  end.set_etag(absence->etag());
  ASSERT_THAT(desk_->Ask(Person("hospital"), &TemplateHandlers::EndAbsence, end), IsOk());
  offer = during;
  offer.set_practitioner_id(Named("expert").ToString());
  EXPECT_THAT(Make(offer), IsOk());
}

TEST_F(SingleSessions, KeepToTheHoursOfTheirSite) {
  v1::OpeningHours mondays;
  mondays.set_weekday(v1::WEEKDAY_MONDAY);
  *mondays.mutable_hours() = Hours("08:00", "11:30");
  ASSERT_THAT(DefineSite("hospital", "Asia/Shanghai", "", {mondays}), IsOk());
  v1::CreateSessionRequest offer = Offer(9, 28);
  const absl::Status refused = Make(offer).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_SITE_HOURS"));
  EXPECT_EQ(Meta(refused, "weekday"), "MONDAY");
  EXPECT_EQ(Meta(refused, "allowed"), "08:00-11:30");
  EXPECT_EQ(Meta(refused, "site_id"), Named("hospital").ToString());
  SetTime(offer, CivilMinute(2026, 9, 28, 8, 0), CivilMinute(2026, 9, 28, 11, 30));
  EXPECT_THAT(Make(offer), IsOk());
  EXPECT_THAT(Make(Offer(9, 29)), StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_SITE_HOURS"));
}

TEST_F(SingleSessions, OnAPublicHolidayAreMeant) {
  v1::CreateSessionRequest offer = Offer(10, 1);
  const absl::Status refused = Make(offer).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "PUBLIC_HOLIDAY"));
  EXPECT_EQ(Meta(refused, "date"), "2026-10-01");
  EXPECT_EQ(FieldOf(refused), "on_public_holiday");
  offer.set_on_public_holiday(true);
  EXPECT_THAT(Make(offer), IsOk());
}

TEST_F(SingleSessions, KeepSeatsForMembersOfTheConsortiumAlone) {
  v1::CreateSessionRequest offer = Offer(9, 28);
  offer.mutable_quotas(0)->set_seats(2);
  v1::PoolQuota& kept = *offer.add_quotas();
  kept.set_kind(v1::POOL_KIND_ORGANIZATION);
  kept.set_organization_id(Named("elsewhere").ToString());
  kept.set_seats(2);
  const absl::Status refused = Make(offer).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_CONSORTIUM"));
  EXPECT_EQ(Meta(refused, "organization_id"), Named("elsewhere").ToString());
  EXPECT_EQ(FieldOf(refused), "quotas[1].organization_id");
  offer.mutable_quotas(1)->set_organization_id(Named("township").ToString());
  EXPECT_THAT(Make(offer), IsOk());
}

TEST_F(SingleSessions, WhatIsRefusedLeavesNothing) {
  EXPECT_FALSE(Make(Offer(10, 1)).ok());
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM session"), "0");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM seat"), "0");
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM outbox"), "0");
}

TEST_F(SingleSessions, OfATemplateInheritItsRuleAndFollowItsChange) {
  v1::TemplatePlan plan = Plan();
  plan.mutable_clinic_rule()->mutable_greatest_age()->set_value(14);
  plan.mutable_clinic_rule()->mutable_greatest_age()->set_unit(v1::AGE_UNIT_YEARS);
  const v1::SessionTemplate made = Made(plan);
  EXPECT_EQ(made.plan().clinic_rule().SerializeAsString(), plan.clinic_rule().SerializeAsString());
  const std::string wrong =
      "SELECT COUNT(*) FROM session WHERE cancelled = 0 AND NOT (rule_date <=> template_date AND ";
  EXPECT_NE(desk_->Read("SELECT COUNT(*) FROM session"), "0");
  EXPECT_EQ(desk_->Read(wrong + "greatest_age <=> 14 AND greatest_age_unit <=> 'YEARS')"), "0");
  plan.mutable_clinic_rule()->mutable_greatest_age()->set_value(17);
  const auto changed = Change(made, plan);
  ASSERT_THAT(changed, IsOk());
  desk_->RunTimers();
  EXPECT_EQ(desk_->Read(wrong + "greatest_age <=> 17)"), "0");
  EXPECT_EQ(desk_->Read("SELECT COUNT(DISTINCT template_date) = COUNT(template_date) FROM session "
                        "WHERE cancelled = 0"),
            "1");
  // As it is: nothing is made anew.
  const std::string sessions = desk_->Read("SELECT COUNT(*) FROM session");
  ASSERT_THAT(Change(*changed, plan), IsOk());
  desk_->RunTimers();
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM session"), sessions);
}

}  // namespace
}  // namespace yilian::scheduling
