// What templates, sites and absences are refused for, on a real database: each time with what is in
// the way, and the plan before stays in force.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "services/scheduling/testing/template_fixture.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::HasSubstr;

class TemplateRefusals : public TemplateFixture {
 protected:
  static std::string MetaOf(const absl::Status& status, const std::string& key) {
    const auto info = status::InfoOf(status);
    return info && info->metadata().contains(key) ? info->metadata().at(key) : "";
  }
  static std::string RuleOf(const absl::Status& status) {
    const auto bad = status::BadRequestOf(status);
    if (!bad || bad->field_violations_size() == 0) return "";
    return bad->field_violations(0).field() + ": " + bad->field_violations(0).description();
  }
  static v1::OpeningHours Open(v1::Weekday weekday, const std::string& start,
                               const std::string& end) {
    v1::OpeningHours open;
    open.set_weekday(weekday);
    *open.mutable_hours() = Hours(start, end);
    return open;
  }
};

TEST_F(TemplateRefusals, NameWhatIsInTheWayAndLeaveThePlanInForce) {
  ASSERT_THAT(DefineSite("township", "Europe/Berlin"), IsOk());
  ASSERT_THAT(
      DefineSite("elsewhere", "Asia/Kolkata", "", {Open(v1::WEEKDAY_TUESDAY, "08:00", "17:00")}),
      IsOk());
  const v1::SessionTemplate made = Made(Plan());
  v1::TemplatePlan tuesdays = Plan("colleague");
  tuesdays.clear_weekdays();
  tuesdays.add_weekdays(v1::WEEKDAY_TUESDAY);
  tuesdays.set_resource_kind(v1::RESOURCE_KIND_ROOM);
  tuesdays.set_resource_code("305");
  const v1::SessionTemplate other = Made(tuesdays);
  v1::CreateSessionRequest single = desk_->Offer(4);  // Monday 28 September, 22:13 to 02:13
  single.set_practitioner_id(Named("expert").ToString());
  const v1::Session blocking = desk_->Create(single);

  struct Case {
    std::string reason;
    std::string meta;   // "key=value"
    std::string field;  // and its rule
    std::function<void(v1::TemplatePlan&)> change;
  };
  const std::vector<Case> cases = {
      {"TEMPLATE_OVERLAP", "blocking_template_id=" + other.template_id(), "plan.practitioner_id",
       [&](v1::TemplatePlan& plan) {
         plan.set_practitioner_id(Named("colleague").ToString());
         plan.add_weekdays(v1::WEEKDAY_TUESDAY);
       }},
      {"TEMPLATE_OVERLAP", "subject=RESOURCE", "plan.resource_code",
       [&](v1::TemplatePlan& plan) {
         plan.set_resource_kind(v1::RESOURCE_KIND_ROOM);
         plan.set_resource_code("305");
         plan.add_weekdays(v1::WEEKDAY_TUESDAY);
       }},
      {"EXPERT_OVERLAP", "blocking_session_id=" + blocking.session_id(), "plan.practitioner_id",
       [](v1::TemplatePlan& plan) { *plan.mutable_hours() = Hours("22:00", "23:00"); }},
      {"OUTSIDE_SITE_HOURS", "weekday=MONDAY", "plan.hours",
       [](v1::TemplatePlan& plan) { plan.set_site_id(Named("elsewhere").ToString()); }},
      {"OUTSIDE_CONSORTIUM", "organization_id=" + Named("elsewhere").ToString(),
       "plan.quotas[1].organization_id",
       [](v1::TemplatePlan& plan) {
         plan.mutable_quotas(0)->set_seats(3);
         v1::PoolQuota& reserve = *plan.add_quotas();
         reserve.set_kind(v1::POOL_KIND_ORGANIZATION);
         reserve.set_organization_id(Named("elsewhere").ToString());
         reserve.set_seats(1);
       }},
      {"TIME_NOT_ON_CLOCK", "date=2027-03-28", "plan.hours",
       [](v1::TemplatePlan& plan) {
         plan.set_site_id(Named("township").ToString());
         plan.clear_weekdays();
         plan.add_weekdays(v1::WEEKDAY_SUNDAY);
         *plan.mutable_hours() = Hours("02:30", "05:00");
       }},
      {"FIELD_INVALID", "", "plan.quotas: keep 9 seats, the session has 4; allowed: at most 4",
       [](v1::TemplatePlan& plan) { plan.mutable_quotas(0)->set_seats(9); }},
      {"FIELD_INVALID", "", "plan.effective_until: is before effective_from; allowed: 2026-09-21",
       [](v1::TemplatePlan& plan) { plan.set_effective_until("2026-09-20"); }},
  };
  for (const Case& c : cases) {
    v1::TemplatePlan plan = Plan();
    c.change(plan);
    const absl::Status refused = Change(made, plan).status();
    EXPECT_EQ(status::ReasonOf(refused), c.reason) << refused;
    EXPECT_THAT(RuleOf(refused), HasSubstr(c.field)) << c.reason;
    EXPECT_THAT(RuleOf(refused), HasSubstr("allowed: ")) << c.reason;
    EXPECT_TRUE(status::LocalizedOf(refused)) << c.reason;
    if (!c.meta.empty()) {
      const size_t equals = c.meta.find('=');
      EXPECT_EQ(MetaOf(refused, c.meta.substr(0, equals)), c.meta.substr(equals + 1)) << c.reason;
    }
    // As a new template it is refused alike, where it does not run into the one that is there.
    if (c.reason == "OUTSIDE_CONSORTIUM" || c.reason == "OUTSIDE_SITE_HOURS") {
      plan.set_practitioner_id(Named("nobody else").ToString());
      EXPECT_EQ(status::ReasonOf(Create(plan).status()), c.reason);
    }
    EXPECT_EQ(Get(made)->SerializeAsString(), made.SerializeAsString()) << c.reason;
  }
  EXPECT_EQ(Events("SessionTemplateChanged"), "0");
  EXPECT_EQ(Events("SessionWithdrawn"), "0");
  EXPECT_EQ(Count("session_template"), "2");
}

TEST_F(TemplateRefusals, AReserveForAMemberIsTaken) {
  v1::TemplatePlan plan = Plan();
  plan.clear_quotas();
  v1::PoolQuota& reserve = *plan.add_quotas();
  reserve.set_kind(v1::POOL_KIND_ORGANIZATION);
  reserve.set_organization_id(Named("township").ToString());
  reserve.set_seats(2);
  Made(plan);
  EXPECT_EQ(Count("seat WHERE pool = 'ORGANIZATION'"), "14");
}

TEST_F(TemplateRefusals, TheTemplatesOfOthersLookLikeNone) {
  const v1::SessionTemplate made = Made(Plan());
  v1::GetSessionTemplateRequest get;
  get.set_template_id(made.template_id());
  v1::ChangeSessionTemplateRequest change;
  change.set_template_id(made.template_id());
  change.set_etag(made.etag());
  *change.mutable_plan() = Plan();
  v1::EndSessionTemplateRequest end;
  end.set_template_id(made.template_id());
  end.set_etag(made.etag());
  v1::ListTemplateConflictsRequest list;
  list.set_organization_id(Named("township").ToString());
  list.set_template_id(made.template_id());
  const rpc::Caller other = Person("township");
  const std::vector<absl::Status> answers = {
      desk_->Ask(other, &TemplateHandlers::GetSessionTemplate, get).status(),
      desk_->Ask(other, &TemplateHandlers::ChangeSessionTemplate, change).status(),
      desk_->Ask(other, &TemplateHandlers::EndSessionTemplate, end).status(),
      desk_->Ask(other, &TemplateHandlers::ListTemplateConflicts, list).status()};
  get.set_template_id(base::Uuid::V7().ToString());
  const absl::Status none = desk_->Ask(other, &TemplateHandlers::GetSessionTemplate, get).status();
  EXPECT_THAT(none, StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  for (const absl::Status& answer : answers) EXPECT_EQ(answer, none);
  EXPECT_EQ(Create(Plan("x"), "township").status().code(), StatusCode::kOk);
  v1::CreateSessionTemplateRequest foreign;
  foreign.set_organization_id(Named("hospital").ToString());
  *foreign.mutable_plan() = Plan("y");
  EXPECT_THAT(desk_->Ask(other, &TemplateHandlers::CreateSessionTemplate, foreign),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
}

TEST_F(TemplateRefusals, TheAbsencesOfOthersLookLikeNone) {
  v1::RecordAbsenceRequest record;
  record.set_organization_id(Named("hospital").ToString());
  record.set_practitioner_id(Named("expert").ToString());
  record.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow));
  record.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow));
  EXPECT_THAT(desk_->Ask(Person("hospital"), &TemplateHandlers::RecordAbsence, record),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  record.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow + absl::Hours(99)));
  EXPECT_THAT(desk_->Ask(Person("township"), &TemplateHandlers::RecordAbsence, record),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  const auto made = desk_->Ask(Person("hospital"), &TemplateHandlers::RecordAbsence, record);
  ASSERT_THAT(made, IsOk());
  v1::EndAbsenceRequest end;
  end.set_absence_id(made->absence_id());
  end.set_etag(made->etag());
  EXPECT_THAT(desk_->Ask(Person("township"), &TemplateHandlers::EndAbsence, end),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(desk_->Ask(Person("hospital"), &TemplateHandlers::EndAbsence, end), IsOk());
}

TEST_F(TemplateRefusals, ASiteKeepsWhatItsTemplatesMean) {
  const v1::SessionTemplate made = Made(Plan());
  const absl::Status zone = DefineSite("hospital", "Asia/Kolkata").status();
  EXPECT_THAT(zone, StatusIs(StatusCode::kFailedPrecondition, "SITE_IN_USE"));
  EXPECT_EQ(MetaOf(zone, "blocking_template_id"), made.template_id());
  EXPECT_THAT(DefineSite("hospital", "Asia/Xanadu"),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  const absl::Status hours = DefineSite("hospital", "Asia/Shanghai", "",
                                        {Open(v1::WEEKDAY_MONDAY, "08:00", "12:00"),
                                         Open(v1::WEEKDAY_THURSDAY, "08:00", "11:00")})
                                 .status();
  EXPECT_THAT(hours, StatusIs(StatusCode::kFailedPrecondition, "OUTSIDE_SITE_HOURS"));
  EXPECT_EQ(MetaOf(hours, "blocking_template_id"), made.template_id());
  EXPECT_EQ(MetaOf(hours, "weekday"), "THURSDAY");
  EXPECT_EQ(MetaOf(hours, "allowed"), "08:00-11:00");

  const absl::StatusOr<v1::Site> site = DefineSite(
      "hospital", "Asia/Shanghai", "",
      {Open(v1::WEEKDAY_MONDAY, "08:00", "12:00"), Open(v1::WEEKDAY_THURSDAY, "00:00", "00:00")});
  ASSERT_THAT(site, IsOk());
  EXPECT_THAT(DefineSite("hospital", "Asia/Shanghai"),
              StatusIs(StatusCode::kAborted, "ETAG_STALE"));
  v1::GetSiteRequest get;
  get.set_organization_id(Named("hospital").ToString());
  EXPECT_EQ(desk_->Ask(Person("township"), &TemplateHandlers::GetSite, get)->SerializeAsString(),
            site->SerializeAsString());
  EXPECT_EQ(Events("SiteDefined"), "1");
  ASSERT_THAT(End(made, "2026-09-22"), IsOk());
  desk_->clock().Advance(absl::Hours(48));
  EXPECT_THAT(DefineSite("hospital", "Asia/Kolkata", site->etag()), IsOk());
}

TEST_F(TemplateRefusals, ASiteThatWasNeverDefinedHasTheRegionsClock) {
  v1::GetSiteRequest get;
  get.set_organization_id(Named("township").ToString());
  const auto site = desk_->Ask(Person("hospital"), &TemplateHandlers::GetSite, get);
  ASSERT_THAT(site, IsOk());
  EXPECT_EQ(site->time_zone(), "Asia/Shanghai");
  EXPECT_EQ(site->etag(), "");
}

}  // namespace
}  // namespace yilian::scheduling
