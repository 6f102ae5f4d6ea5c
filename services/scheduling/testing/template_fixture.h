// A scheduling service with templates: for tests. It is Monday, 21 September 2026, 22:13 in
// Shanghai; the horizon is Monday, 19 October; 1 to 3 October are holidays.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/status/matchers.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"

namespace yilian::scheduling {

class TemplateFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    mysql::PoolOptions options =
        test_support::TestDatabase::Get().NewSchema(SchedulingDesk::Migrations());
    options.size = 16;
    desk_ = std::make_unique<SchedulingDesk>(options, kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
    desk_->Register("elsewhere", Tier::kTownshipHospital, "city");
  }

  static v1::WallClockHours Hours(const std::string& start, const std::string& end) {
    v1::WallClockHours hours;
    hours.set_start(start);
    hours.set_end(end);
    return hours;
  }

  // Mondays and Thursdays of an expert, four seats for everybody.
  static v1::TemplatePlan Plan(const std::string& expert = "expert") {
    v1::TemplatePlan plan;
    plan.set_department_id(Named("cardiology").ToString());
    plan.set_specialty("CARDIOLOGY");
    plan.set_practitioner_id(Named(expert).ToString());
    plan.set_kind(v1::SESSION_KIND_OUTPATIENT);
    plan.add_weekdays(v1::WEEKDAY_MONDAY);
    plan.add_weekdays(v1::WEEKDAY_THURSDAY);
    *plan.mutable_hours() = Hours("08:00", "12:00");
    plan.set_seats(4);
    v1::PoolQuota& open = *plan.add_quotas();
    open.set_kind(v1::POOL_KIND_OPEN);
    open.set_seats(4);
    plan.set_effective_from("2026-09-21");
    return plan;
  }

  absl::StatusOr<v1::SessionTemplate> Create(const v1::TemplatePlan& plan,
                                             const std::string& organization = "hospital") {
    v1::CreateSessionTemplateRequest request;
    request.set_organization_id(Named(organization).ToString());
    *request.mutable_plan() = plan;
    return desk_->Ask(Person(organization), &TemplateHandlers::CreateSessionTemplate, request);
  }
  absl::StatusOr<v1::SessionTemplate> Change(const v1::SessionTemplate& made,
                                             const v1::TemplatePlan& plan) {
    v1::ChangeSessionTemplateRequest request;
    request.set_template_id(made.template_id());
    request.set_etag(made.etag());
    *request.mutable_plan() = plan;
    return desk_->Ask(Person("hospital"), &TemplateHandlers::ChangeSessionTemplate, request);
  }
  absl::StatusOr<v1::SessionTemplate> End(const v1::SessionTemplate& made,
                                          const std::string& last = "") {
    v1::EndSessionTemplateRequest request;
    request.set_template_id(made.template_id());
    request.set_etag(made.etag());
    request.set_last_date(last);
    return desk_->Ask(Person("hospital"), &TemplateHandlers::EndSessionTemplate, request);
  }
  absl::StatusOr<v1::SessionTemplate> Get(const v1::SessionTemplate& made) {
    v1::GetSessionTemplateRequest request;
    request.set_template_id(made.template_id());
    return desk_->Ask(Person("hospital"), &TemplateHandlers::GetSessionTemplate, request);
  }
  v1::ListTemplateConflictsResponse Conflicts() {
    v1::ListTemplateConflictsRequest request;
    request.set_organization_id(Named("hospital").ToString());
    const auto listed =
        desk_->Ask(Person("hospital"), &TemplateHandlers::ListTemplateConflicts, request);
    EXPECT_THAT(listed, status::IsOk());
    return listed.ok() ? *listed : v1::ListTemplateConflictsResponse();
  }
  absl::StatusOr<v1::Site> DefineSite(const std::string& organization, const std::string& zone,
                                      const std::string& etag = "",
                                      const std::vector<v1::OpeningHours>& hours = {}) {
    v1::DefineSiteRequest request;
    request.set_organization_id(Named(organization).ToString());
    request.set_time_zone(zone);
    request.set_etag(etag);
    for (const v1::OpeningHours& open : hours) *request.add_opening_hours() = open;
    return desk_->Ask(Person(organization), &TemplateHandlers::DefineSite, request);
  }

  // A template whose sessions are there.
  v1::SessionTemplate Made(const v1::TemplatePlan& plan,
                           const std::string& organization = "hospital") {
    const absl::StatusOr<v1::SessionTemplate> made = Create(plan, organization);
    EXPECT_THAT(made, status::IsOk());
    desk_->RunTimers();
    return made.ok() ? *made : v1::SessionTemplate();
  }

  // "09-24 09-28 ...": the dates on which sessions of templates stand.
  std::string Dates() {
    return desk_->Read(
        "SELECT COALESCE(GROUP_CONCAT(DATE_FORMAT(template_date, '%m-%d') ORDER BY template_date "
        "SEPARATOR ' '), '') FROM session WHERE template_date IS NOT NULL");
  }
  std::string Count(const std::string& rest) { return desk_->Read("SELECT COUNT(*) FROM " + rest); }
  std::string Events(const std::string& type) {
    return Count("outbox WHERE type = '" + type + "'");
  }
  // When the session of a date starts, in UTC: "2026-09-24 00:00:00".
  std::string StartOn(const std::string& date) {
    return desk_->Read(
        "SELECT DATE_FORMAT(starts_at, '%Y-%m-%d %H:%i:%s') FROM session WHERE "
        "template_date = '" +
        date + "'");
  }
  v1::Session SessionOn(const std::string& date) {
    const std::string hex = desk_->Read(
        "SELECT LOWER(HEX(session_id)) FROM session WHERE template_date = '" + date + "'");
    v1::GetSessionRequest request;
    request.set_session_id(hex.size() != 32 ? hex
                                            : hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" +
                                                  hex.substr(12, 4) + "-" + hex.substr(16, 4) +
                                                  "-" + hex.substr(20));
    const auto found = desk_->Ask(Person("hospital"), &SchedulingHandlers::GetSession, request);
    EXPECT_THAT(found, status::IsOk()) << date;
    return found.ok() ? *found : v1::Session();
  }
  v1::Booking BookOn(const std::string& date, const std::string& patient) {
    const auto held = desk_->Hold(desk_->Wish(SessionOn(date), patient, "township"));
    EXPECT_THAT(held, status::IsOk()) << date;
    const auto booked = desk_->Book(held.ok() ? *held : v1::Booking());
    EXPECT_THAT(booked, status::IsOk()) << date;
    return booked.ok() ? *booked : v1::Booking();
  }

  // 1'790'000'000: 2026-09-21T14:13:20Z.
  const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
  static constexpr const char* kAllDates = "09-24 09-28 10-05 10-08 10-12 10-15 10-19";
  std::unique_ptr<SchedulingDesk> desk_;
};

}  // namespace yilian::scheduling
