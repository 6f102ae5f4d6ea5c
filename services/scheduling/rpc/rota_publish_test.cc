// Rotas that become sessions, on a real database.
#include <thread>

#include "services/scheduling/testing/rota_fixture.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class PublishedRota : public RotaFixture {
 protected:
  v1::GetRotaResponse PublishedNow(const v1::RotaProblem& problem) {
    const v1::GetRotaResponse planned = Planned(problem);
    EXPECT_THAT(Publish(planned.rota()), IsOk());
    return Get(planned.rota().rota_id());
  }
};

TEST_F(PublishedRota, EveryVisitIsASessionAtItsStation) {
  const v1::GetRotaResponse planned = Planned(Problem());
  const v1::PublishRotaRequest request = PublishOf(planned.rota());
  const auto published = desk_->Ask(Person("hospital"), &RotaHandlers::PublishRota, request);
  ASSERT_THAT(published, IsOk());
  EXPECT_EQ(published->made(), 4);
  EXPECT_EQ(published->withdrawn(), 0);
  EXPECT_EQ(published->rota().state(), v1::ROTA_STATE_PUBLISHED);
  const v1::RotaPlan plan = Get(planned.rota().rota_id()).plan();
  ASSERT_THAT(plan.visits(), SizeIs(4));
  for (const v1::RotaVisit& visit : plan.visits()) {
    v1::GetSessionRequest ask;
    ask.set_session_id(visit.session_id());
    const auto session = desk_->Ask(Person("township"), &SchedulingHandlers::GetSession, ask);
    ASSERT_THAT(session, IsOk());
    EXPECT_EQ(session->kind(), v1::SESSION_KIND_OUTREACH);
    EXPECT_EQ(session->organization_id(), Named("hospital").ToString());
    EXPECT_EQ(session->site_id(), visit.station_id());
    EXPECT_EQ(session->practitioner_id(), visit.practitioner_id());
    EXPECT_EQ(session->department_id(), Named("cardiology").ToString());
    EXPECT_EQ(session->seats(), 6);
    EXPECT_EQ(session->free_seats(), 5);  // one of the default reserve is green
    EXPECT_EQ(absl::FormatTime("%F %R", absl::FromUnixSeconds(session->time().start().seconds()),
                               absl::UTCTimeZone()),
              visit.day() + " 00:30");
  }
  EXPECT_EQ(Count("seat"), "24");
  EXPECT_EQ(Events("SessionCreated"), "4");
  EXPECT_EQ(Events("RotaPublished"), "1");
  // The same request again is the same answer; another one comes too late.
  const auto again = desk_->Ask(Person("hospital"), &RotaHandlers::PublishRota, request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), published->SerializeAsString());
  EXPECT_EQ(Count("session"), "4");
  EXPECT_THAT(Publish(published->rota()), StatusIs(StatusCode::kFailedPrecondition));
  // It stands as its own plan says.
  const auto review = Check(published->rota());
  ASSERT_THAT(review, IsOk());
  EXPECT_THAT(review->violations(), SizeIs(0));
  EXPECT_EQ(review->cost().total(), planned.rota().cost());
}

TEST_F(PublishedRota, NothingIsMadeWhereOneVisitConflicts) {
  const v1::GetRotaResponse planned = Planned(Problem());
  const v1::RotaVisit& visit = planned.plan().visits(2);
  const std::string expert =
      visit.practitioner_id() == Named("Dr He").ToString() ? "Dr He" : "Dr Gao";
  const auto session = Session(expert, visit.day());
  ASSERT_THAT(session, IsOk());
  const auto refused = Publish(planned.rota());
  ASSERT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_EQ(status::ReasonOf(refused.status()), "ROTA_BROKEN");
  const auto detail = status::PreconditionOf(refused.status());
  ASSERT_TRUE(detail);
  ASSERT_THAT(detail->violations(), SizeIs(1));
  EXPECT_EQ(detail->violations(0).type(), "NOT_AVAILABLE");
  EXPECT_THAT(detail->violations(0).subject(), HasSubstr(visit.day()));
  EXPECT_THAT(detail->violations(0).description(), HasSubstr(session->session_id()));
  EXPECT_EQ(Count("session"), "1");
  EXPECT_EQ(Count("rota_session"), "0");
  EXPECT_EQ(Get(planned.rota().rota_id()).rota().state(), v1::ROTA_STATE_PLANNED);
}

TEST_F(PublishedRota, OutsideTheSitesHoursNobodyIsSent) {
  v1::DefineSiteRequest site;
  site.set_organization_id(Named("township").ToString());
  site.set_time_zone("Asia/Shanghai");
  v1::OpeningHours& open = *site.add_opening_hours();
  open.set_weekday(v1::WEEKDAY_TUESDAY);
  open.mutable_hours()->set_start("08:00");
  open.mutable_hours()->set_end("12:00");
  auto defined = desk_->Ask(Person("township"), &TemplateHandlers::DefineSite, site);
  ASSERT_THAT(defined, IsOk());
  const v1::GetRotaResponse planned = Planned(Problem());
  for (const v1::RotaVisit& visit : planned.plan().visits()) {
    if (visit.station_id() != Named("township").ToString()) continue;
    EXPECT_TRUE(visit.day() == "2026-10-06" || visit.day() == "2026-10-13") << visit.day();
  }
  site.mutable_opening_hours(0)->set_weekday(v1::WEEKDAY_FRIDAY);
  site.set_etag(defined->etag());
  ASSERT_THAT(desk_->Ask(Person("township"), &TemplateHandlers::DefineSite, site), IsOk());
  const auto review = Check(planned.rota());
  ASSERT_THAT(review, IsOk());
  ASSERT_THAT(review->violations(), SizeIs(2));
  EXPECT_EQ(review->violations(0).rule(), v1::ROTA_RULE_OUTSIDE_SITE_HOURS);
  EXPECT_THAT(Publish(planned.rota()), StatusIs(StatusCode::kFailedPrecondition));
}

TEST_F(PublishedRota, ANewerOneKeepsWhatIsBookedAndPlansTheRestAnew) {
  // One expert: who is sent when is no choice.
  v1::RotaProblem problem = Problem();
  problem.mutable_experts()->DeleteSubrange(1, 1);
  const v1::GetRotaResponse before = PublishedNow(problem);
  ASSERT_THAT(before.plan().visits(), SizeIs(4));
  const v1::RotaVisit booked = before.plan().visits(0);
  Book(booked.session_id(), "Li");

  // In the second week the township wants nobody, and the expert has Wednesdays besides.
  problem.mutable_needs(0)->set_days(1, 0);
  problem.mutable_experts(0)->add_available("2026-10-07");
  const v1::GetRotaResponse planned = Planned(problem);
  ASSERT_THAT(planned.plan().kept(), SizeIs(1));
  EXPECT_EQ(planned.plan().kept(0).session_id(), booked.session_id());
  ASSERT_THAT(planned.plan().taken_out(), SizeIs(1));
  EXPECT_EQ(planned.plan().taken_out(0).day(), booked.day());
  ASSERT_THAT(planned.plan().visits(), SizeIs(2));
  EXPECT_EQ(planned.rota().unmet(), 0);

  const auto published = Publish(planned.rota());
  ASSERT_THAT(published, IsOk());
  ASSERT_THAT(published->kept(), SizeIs(1));
  EXPECT_EQ(published->kept(0).session_id(), booked.session_id());
  // Three of the four before were free: each stays as a visit of the new plan, or is taken back.
  EXPECT_EQ(published->made() + published->stayed(), 2);
  EXPECT_EQ(published->stayed() + published->withdrawn(), 3);
  EXPECT_EQ(Count("session WHERE cancelled = 0"), "3");
  EXPECT_EQ(Events("SessionWithdrawn"), std::to_string(published->withdrawn()));
  EXPECT_EQ(Get(before.rota().rota_id()).rota().state(), v1::ROTA_STATE_REPLACED);
  EXPECT_EQ(Events("RotaReplaced"), "1");
  const auto review = Check(published->rota());
  ASSERT_THAT(review, IsOk());
  EXPECT_THAT(review->violations(), SizeIs(0));
  EXPECT_THAT(review->kept(), SizeIs(1));
}

TEST_F(PublishedRota, BookedWhileTheNewerOneIsPublishedItStaysOrIsRefused) {
  v1::RotaProblem problem = Problem();
  problem.mutable_experts()->DeleteSubrange(1, 1);
  const v1::GetRotaResponse before = PublishedNow(problem);
  // The same visits at another hour: every session would be made anew.
  problem.mutable_hours()->set_start("08:00");
  const v1::GetRotaResponse planned = Planned(problem);
  Book(before.plan().visits(0).session_id(), "Li");
  const auto refused = Publish(planned.rota());
  ASSERT_THAT(refused, StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_EQ(status::ReasonOf(refused.status()), "ROTA_BROKEN");
  // The rota before stays in force.
  EXPECT_EQ(Get(before.rota().rota_id()).rota().state(), v1::ROTA_STATE_PUBLISHED);
  EXPECT_EQ(Count("session WHERE cancelled = 0"), "4");
}

TEST_F(PublishedRota, OfAnotherCodeTheyStandSideBySide) {
  v1::RotaProblem problem = Problem();
  problem.mutable_experts()->DeleteSubrange(1, 1);
  const v1::GetRotaResponse first = PublishedNow(problem);
  problem.mutable_experts(0)->set_practitioner_id(Named("Dr Gao").ToString());
  const v1::GetRotaResponse second = Planned(problem, "SECOND");
  ASSERT_THAT(Publish(second.rota()), IsOk());
  EXPECT_EQ(Get(first.rota().rota_id()).rota().state(), v1::ROTA_STATE_PUBLISHED);
  EXPECT_EQ(Count("session WHERE cancelled = 0"), "8");
}

TEST_F(PublishedRota, OfTwoPublishedAtOnceOneReplacesTheOther) {
  const v1::GetRotaResponse one = Planned(Problem());
  const v1::GetRotaResponse other = Planned(Problem());
  absl::StatusOr<v1::PublishRotaResponse> first = absl::UnknownError("");
  absl::StatusOr<v1::PublishRotaResponse> second = absl::UnknownError("");
  std::thread beside([&] { first = Publish(one.rota()); });
  second = Publish(other.rota());
  beside.join();
  EXPECT_THAT(first, IsOk());
  EXPECT_THAT(second, IsOk());
  EXPECT_EQ(Count("rota WHERE state = 'PUBLISHED'"), "1");
  EXPECT_EQ(Count("rota WHERE state = 'REPLACED'"), "1");
  // The same problem and seed is the same plan: its sessions stay.
  EXPECT_EQ(Count("session WHERE cancelled = 0"), "4");
}

}  // namespace
}  // namespace yilian::scheduling
