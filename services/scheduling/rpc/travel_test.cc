// The way between two sites, wherever an expert's sessions are made or planned, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/mysql/transaction.h"
#include "common/status/error.h"
#include "services/scheduling/jobs/directory_events.h"
#include "services/scheduling/testing/template_fixture.h"
#include "yilian/directory/v1/catalog.pb.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

std::string Meta(const absl::Status& status, const std::string& key) {
  const auto info = status::InfoOf(status);
  if (!info || !info->metadata().contains(key)) return "";
  return info->metadata().at(key);
}

class Travel : public TemplateFixture {
 protected:
  absl::StatusOr<v1::TravelTime> Set(std::string_view from, std::string_view to, int minutes,
                                     const std::string& etag = "",
                                     std::string_view by = "hospital") {
    v1::SetTravelTimeRequest request;
    request.set_from_site_id(Named(from).ToString());
    request.set_to_site_id(Named(to).ToString());
    request.set_minutes(minutes);
    request.set_etag(etag);
    return desk_->Ask(Person(by), &TravelHandlers::SetTravelTime, request);
  }
  v1::TravelTime Between(std::string_view from, std::string_view to) {
    v1::GetTravelTimeRequest request;
    request.set_from_site_id(Named(from).ToString());
    request.set_to_site_id(Named(to).ToString());
    const auto found = desk_->Ask(Person("anybody"), &TravelHandlers::GetTravelTime, request);
    EXPECT_THAT(found, IsOk());
    return found.value_or(v1::TravelTime());
  }
  void Locate(std::string_view organization, double longitude, double latitude) {
    directory::v1::OrganizationLocated located;
    located.mutable_location()->set_organization_id(Named(organization).ToString());
    located.mutable_location()->set_longitude(longitude);
    located.mutable_location()->set_latitude(latitude);
    event::v1::Event event;
    event.mutable_payload()->PackFrom(located);
    EXPECT_THAT(
        mysql::RunTransaction(desk_->pool(),
                              {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(30)},
                              [&](mysql::Session& sql) {
                                return ApplyDirectoryEvent(sql, event, desk_->upkeep(), kNow);
                              }),
        IsOk());
  }

  // An hour of the expert's at a site, so many minutes after tomorrow 10:00 in Shanghai.
  absl::StatusOr<v1::Session> Offer(std::string_view site, int minutes,
                                    v1::SessionKind kind = v1::SESSION_KIND_OUTPATIENT) {
    // 2026-09-23T02:00:00Z.
    const int64_t start = 1'790'128'800 + 60 * minutes;
    v1::CreateSessionRequest request = desk_->Offer(2);
    request.set_practitioner_id(Named("expert").ToString());
    request.set_site_id(Named(site).ToString());
    request.set_kind(kind);
    request.mutable_time()->mutable_start()->set_seconds(start);
    request.mutable_time()->mutable_end()->set_seconds(start + 3600);
    return desk_->Ask(Service("ctl"), &SchedulingHandlers::CreateSession, request);
  }
};

TEST_F(Travel, ASessionLeavesTimeForTheWay) {
  ASSERT_THAT(Set("hospital", "township", 45), IsOk());
  const auto first = Offer("hospital", 0);
  ASSERT_THAT(first, IsOk());
  const auto late = Offer("township", 60 + 44);
  ASSERT_THAT(late, StatusIs(StatusCode::kFailedPrecondition, "EXPERT_OVERLAP"));
  EXPECT_EQ(Meta(late.status(), "blocking_session_id"), first->session_id());
  EXPECT_EQ(Meta(late.status(), "needed_minutes"), "45");
  EXPECT_EQ(Meta(late.status(), "available_minutes"), "44");
  EXPECT_THAT(Offer("township", 60 + 45), IsOk());
  EXPECT_THAT(Offer("hospital", -60), IsOk());
}

TEST_F(Travel, AtOneSiteTheyMayTouchAndARemoteOneNeedsNoWay) {
  ASSERT_THAT(Offer("hospital", 0), IsOk());
  EXPECT_THAT(Offer("hospital", 60), IsOk());
  EXPECT_THAT(Offer("township", 120, v1::SESSION_KIND_REMOTE), IsOk());
  EXPECT_THAT(Offer("township", 150, v1::SESSION_KIND_REMOTE),
              StatusIs(StatusCode::kFailedPrecondition, "EXPERT_OVERLAP"));
  // From the hospital to the township there are 30 minutes by default, counted from 120.
  EXPECT_THAT(Offer("township", 180), IsOk());
}

TEST_F(Travel, TheWayThereAndTheWayBackMayDiffer) {
  ASSERT_THAT(Set("hospital", "township", 20), IsOk());
  ASSERT_THAT(Set("township", "hospital", 50), IsOk());
  ASSERT_THAT(Offer("township", 200), IsOk());
  EXPECT_THAT(Offer("hospital", 200 - 60 - 19),
              StatusIs(StatusCode::kFailedPrecondition, "EXPERT_OVERLAP"));
  EXPECT_THAT(Offer("hospital", 200 - 60 - 20), IsOk());
  EXPECT_THAT(Offer("hospital", 260 + 49),
              StatusIs(StatusCode::kFailedPrecondition, "EXPERT_OVERLAP"));
  EXPECT_THAT(Offer("hospital", 260 + 50), IsOk());
}

TEST_F(Travel, WhatIsKnownOfAWayCountsInItsOrder) {
  EXPECT_EQ(Between("hospital", "hospital").source(), v1::TRAVEL_SOURCE_SAME_SITE);
  EXPECT_EQ(Between("hospital", "township").source(), v1::TRAVEL_SOURCE_DEFAULT);
  EXPECT_EQ(Between("hospital", "township").minutes(), 30);
  Locate("hospital", 120.0, 30.0);
  Locate("township", 120.0, 30.1);
  EXPECT_EQ(Between("hospital", "township").source(), v1::TRAVEL_SOURCE_DISTANCE);
  EXPECT_EQ(Between("hospital", "township").minutes(), 23);
  const auto set = Set("hospital", "township", 40, "", "township");
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(Between("township", "hospital").source(), v1::TRAVEL_SOURCE_GIVEN_BACK);
  EXPECT_EQ(Between("township", "hospital").minutes(), 40);
  v1::RemoveTravelTimeRequest remove;
  remove.set_from_site_id(Named("hospital").ToString());
  remove.set_to_site_id(Named("township").ToString());
  remove.set_etag(set->etag());
  const auto removed = desk_->Ask(Person("hospital"), &TravelHandlers::RemoveTravelTime, remove);
  ASSERT_THAT(removed, IsOk());
  EXPECT_EQ(removed->source(), v1::TRAVEL_SOURCE_DISTANCE);
  EXPECT_EQ(removed->etag(), "v2");
  EXPECT_EQ(Events("TravelTimeSet"), "1");
  EXPECT_EQ(Events("TravelTimeRemoved"), "1");
}

TEST_F(Travel, OnlyTheTwoOrganizationsSayAndNobodyOverwritesUnseen) {
  EXPECT_THAT(Set("hospital", "township", 40, "", "elsewhere"),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Set("hospital", "hospital", 40),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  ASSERT_THAT(Set("hospital", "township", 40), IsOk());
  EXPECT_THAT(Set("hospital", "township", 50), StatusIs(StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(Set("hospital", "township", 50, "v1"), IsOk());
}

TEST_F(Travel, TwoTemplatesLeaveTimeForTheWay) {
  ASSERT_THAT(Set("hospital", "township", 45), IsOk());
  const v1::SessionTemplate morning = Made(Plan());
  v1::TemplatePlan afternoon = Plan();
  afternoon.set_site_id(Named("township").ToString());
  *afternoon.mutable_hours() = Hours("12:30", "16:00");
  const auto late = Create(afternoon);
  ASSERT_THAT(late, StatusIs(StatusCode::kFailedPrecondition, "TEMPLATE_OVERLAP"));
  EXPECT_EQ(Meta(late.status(), "blocking_template_id"), morning.template_id());
  EXPECT_EQ(Meta(late.status(), "needed_minutes"), "45");
  EXPECT_EQ(Meta(late.status(), "available_minutes"), "30");
  *afternoon.mutable_hours() = Hours("12:45", "16:00");
  EXPECT_THAT(Create(afternoon), IsOk());
}

TEST_F(Travel, ATemplateLeavesTimeForASessionThatIsThere) {
  // Wednesday, 2026-09-23, 10:00 to 11:00.
  const auto there = Offer("township", 0);
  ASSERT_THAT(there, IsOk());
  v1::TemplatePlan plan = Plan();
  plan.add_weekdays(v1::WEEKDAY_WEDNESDAY);
  *plan.mutable_hours() = Hours("11:20", "13:00");
  const auto late = Create(plan);
  ASSERT_THAT(late, StatusIs(StatusCode::kFailedPrecondition, "EXPERT_OVERLAP"));
  EXPECT_EQ(Meta(late.status(), "blocking_session_id"), there->session_id());
  EXPECT_EQ(Meta(late.status(), "needed_minutes"), "30");
  EXPECT_EQ(Meta(late.status(), "available_minutes"), "20");
}

TEST_F(Travel, AGeneratedSessionThatWouldBeLateIsAConflictUntilTheWayIsShorter) {
  v1::TemplatePlan plan = Plan();
  plan.add_weekdays(v1::WEEKDAY_WEDNESDAY);
  *plan.mutable_hours() = Hours("11:20", "13:00");
  ASSERT_THAT(Create(plan), IsOk());
  // Before the job runs: the template itself was free to be made.
  const auto there = Offer("township", 0);
  ASSERT_THAT(there, IsOk());
  desk_->RunTimers();
  const auto conflicts = Conflicts();
  ASSERT_EQ(conflicts.conflicts_size(), 1);
  EXPECT_EQ(conflicts.conflicts(0).kind(), v1::TEMPLATE_CONFLICT_KIND_EXPERT_BUSY);
  EXPECT_EQ(conflicts.conflicts(0).date(), "2026-09-23");
  EXPECT_EQ(conflicts.conflicts(0).blocking_session_id(), there->session_id());
  ASSERT_THAT(Set("township", "hospital", 20), IsOk());
  desk_->clock().Advance(absl::Hours(1));
  desk_->RunTimers();
  EXPECT_EQ(Conflicts().conflicts_size(), 0);
  EXPECT_EQ(Count("session WHERE template_date = '2026-09-23'"), "1");
}

TEST_F(Travel, ManyAtOnceNeverSendAnExpertTooFar) {
  ASSERT_THAT(Set("hospital", "township", 45), IsOk());
  std::vector<std::thread> schedulers;
  std::atomic<int> made = 0;
  for (int i = 0; i < 8; ++i) {
    schedulers.emplace_back([&, i] {
      // Every quarter of an hour of a day, at both sites, in another order each.
      for (int j = 0; j < 24; ++j) {
        const int minutes = 15 * ((j * 7 + i * 5) % 40);
        const auto offered = Offer((i + j) % 2 == 0 ? "hospital" : "township", minutes);
        if (offered.ok()) {
          ++made;
        } else {
          EXPECT_THAT(offered, StatusIs(StatusCode::kFailedPrecondition, "EXPERT_OVERLAP"));
        }
      }
    });
  }
  for (std::thread& scheduler : schedulers) scheduler.join();
  EXPECT_GT(made, 2);
  EXPECT_EQ(Count("session"), std::to_string(made));
  EXPECT_EQ(Count("session a JOIN session b ON a.session_id < b.session_id WHERE a.starts_at < "
                  "b.ends_at + INTERVAL IF(a.site_id = b.site_id, 0, 45) MINUTE AND b.starts_at < "
                  "a.ends_at + INTERVAL IF(a.site_id = b.site_id, 0, 45) MINUTE"),
            "0");
}

}  // namespace
}  // namespace yilian::scheduling
