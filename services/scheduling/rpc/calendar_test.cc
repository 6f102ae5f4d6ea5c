// Calendars and their links as callers meet them, on a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libical/ical.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "services/scheduling/jobs/directory_events.h"
#include "services/scheduling/jobs/directory_names.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/account.pb.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::scheduling {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using test_support::TestDatabase;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

rpc::Caller Expert(std::string_view organization = "hospital") {
  rpc::Caller caller = Person(organization);
  caller.user_id = Named("user of the expert");
  caller.practitioner_id = Named("expert");
  caller.roles = {policy::v1::ROLE_EXPERT};
  return caller;
}

rpc::Caller Scheduler(std::string_view organization = "hospital") {
  rpc::Caller caller = Person(organization);
  caller.roles = {policy::v1::ROLE_SCHEDULER};
  return caller;
}

// Summaries by UID, a cancelled one with an x before it.
std::map<std::string, std::string> EventsIn(const std::string& icalendar) {
  std::map<std::string, std::string> events;
  icalcomponent* const calendar = icalparser_parse_string(icalendar.c_str());
  EXPECT_NE(calendar, nullptr);
  if (calendar == nullptr) return events;
  for (icalcomponent* one = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
       one != nullptr; one = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
    const bool cancelled = icalcomponent_get_status(one) == ICAL_STATUS_CANCELLED;
    events[icalcomponent_get_uid(one)] =
        (cancelled ? "x " : "") + std::string(icalcomponent_get_summary(one));
  }
  icalcomponent_free(calendar);
  return events;
}

class Calendars : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    desk_ = std::make_unique<SchedulingDesk>(
        TestDatabase::Get().NewSchema(SchedulingDesk::Migrations()), kNow);
    desk_->Register("hospital", Tier::kTertiaryHospital, "hospital");
    desk_->Register("township", Tier::kTownshipHospital, "hospital");
  }

  v1::Session Offer(std::string_view organization, absl::Duration ahead,
                    std::string_view expert = "expert", std::string_view site = "") {
    v1::CreateSessionRequest offer = desk_->Offer(2, ahead);
    offer.set_organization_id(Named(organization).ToString());
    offer.set_practitioner_id(Named(expert).ToString());
    if (!site.empty()) offer.set_site_id(Named(site).ToString());
    return desk_->Create(offer);
  }

  template <typename Payload>
  void Tell(const Payload& payload) {
    event::v1::Event event;
    event.mutable_payload()->PackFrom(payload);
    EXPECT_THAT(
        mysql::RunTransaction(
            desk_->pool(), {.name = "test.Tell", .deadline = absl::Now() + absl::Seconds(30)},
            [&](mysql::Session& sql) { return ApplyDirectoryName(sql, event, kNow); }),
        IsOk());
  }
  template <typename Payload>
  void TellOfAccount(const Payload& payload) {
    event::v1::Event event;
    event.mutable_payload()->PackFrom(payload);
    EXPECT_THAT(
        mysql::RunTransaction(
            desk_->pool(), {.name = "test.Tell", .deadline = absl::Now() + absl::Seconds(30)},
            [&](mysql::Session& sql) {
              return ApplyDirectoryEvent(sql, event, desk_->upkeep(), desk_->clock().Now());
            }),
        IsOk());
  }
  static directory::v1::AffiliationEndSet Leaves(const rpc::Caller& who, absl::Time at) {
    directory::v1::AffiliationEndSet end;
    end.set_user_id(who.user_id.ToString());
    end.set_affiliation_id(Named("affiliation").ToString());
    end.set_organization_id(who.organization_id.ToString());
    end.mutable_ends_at()->set_seconds(absl::ToUnixSeconds(at));
    return end;
  }
  void TellNames() {
    directory::v1::DepartmentRegistered department;
    department.mutable_department()->set_department_id(Named("cardiology").ToString());
    department.mutable_department()->set_name("心内科");
    Tell(department);
    directory::v1::PractitionerRegistered expert;
    expert.mutable_practitioner()->set_practitioner_id(Named("expert").ToString());
    expert.mutable_practitioner()->set_name("陈大夫");
    Tell(expert);
    directory::v1::OrganizationRegistered township;
    township.mutable_organization()->set_organization_id(Named("township").ToString());
    township.mutable_organization()->set_name("桃溪镇卫生院");
    Tell(township);
  }

  absl::StatusOr<v1::Calendar> OfExpert(const rpc::Caller& by, std::string_view expert = "expert") {
    v1::GetCalendarRequest request;
    request.set_practitioner_id(Named(expert).ToString());
    return desk_->Ask(by, &CalendarHandlers::GetCalendar, request);
  }
  std::map<std::string, std::string> EventsFor(const rpc::Caller& by) {
    const auto calendar = OfExpert(by);
    EXPECT_THAT(calendar, IsOk());
    return calendar.ok() ? EventsIn(calendar->icalendar()) : std::map<std::string, std::string>();
  }
  static std::string UidOf(const v1::Session& session) { return session.session_id() + "@test"; }

  absl::StatusOr<v1::CalendarLink> Link(const rpc::Caller& by, const std::string& request_id = "") {
    v1::CreateCalendarLinkRequest request;
    request.set_request_id(request_id);
    request.set_practitioner_id(Named("expert").ToString());
    return desk_->Ask(by, &CalendarHandlers::CreateCalendarLink, request);
  }
  absl::StatusOr<v1::CalendarLink> Revoke(const rpc::Caller& by, const v1::CalendarLink& link) {
    v1::RevokeCalendarLinkRequest request;
    request.set_link_id(link.link_id());
    return desk_->Ask(by, &CalendarHandlers::RevokeCalendarLink, request);
  }
  std::vector<std::string> LinksOf(const rpc::Caller& by, bool with_ended = false) {
    v1::ListCalendarLinksRequest request;
    request.set_with_ended(with_ended);
    const auto listed = desk_->Ask(by, &CalendarHandlers::ListCalendarLinks, request);
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> ids;
    for (const v1::CalendarLink& link : listed->links()) {
      EXPECT_THAT(link.secret(), IsEmpty());
      ids.push_back(link.link_id());
    }
    return ids;
  }
  absl::StatusOr<v1::CalendarFeed> Feed(const std::string& secret, const std::string& etag = "") {
    v1::GetCalendarFeedRequest request;
    request.set_secret(secret);
    if (!etag.empty()) request.add_etags(etag);
    return desk_->Ask(Service("gateway"), &CalendarHandlers::GetCalendarFeed, request);
  }

  std::unique_ptr<SchedulingDesk> desk_;
};

TEST_F(Calendars, AnExpertSeesEverySessionAnOrganizationItsOwn) {
  TellNames();
  const v1::Session at_home = Offer("hospital", kDay);
  const v1::Session outreach = Offer("hospital", 2 * kDay, "expert", "township");
  const v1::Session elsewhere = Offer("elsewhere", 3 * kDay);
  Offer("hospital", kDay, "colleague");
  const auto all = EventsFor(Expert());
  EXPECT_THAT(all, SizeIs(3));
  EXPECT_EQ(all.at(UidOf(at_home)), "心内科 门诊");
  EXPECT_TRUE(all.contains(UidOf(elsewhere)));
  EXPECT_THAT(EventsFor(Person("hospital")), SizeIs(2));
  const auto at_township = EventsFor(Person("township"));
  EXPECT_THAT(at_township, SizeIs(1));
  EXPECT_TRUE(at_township.contains(UidOf(outreach)));
}

TEST_F(Calendars, AnExpertOfOthersLooksLikeNobody) {
  TellNames();
  Offer("hospital", kDay);
  const auto stranger = OfExpert(Person("stranger"));
  const auto nobody = OfExpert(Person("stranger"), "nobody");
  ASSERT_THAT(stranger, IsOk());
  ASSERT_THAT(nobody, IsOk());
  EXPECT_EQ(stranger->icalendar(), nobody->icalendar());
}

TEST_F(Calendars, ASiteShowsWhatTakesPlaceThere) {
  TellNames();
  const v1::Session outreach = Offer("hospital", kDay, "expert", "township");
  Offer("hospital", kDay, "colleague");
  v1::GetCalendarRequest request;
  request.set_site_id(Named("township").ToString());
  const auto calendar = desk_->Ask(Person("township"), &CalendarHandlers::GetCalendar, request);
  ASSERT_THAT(calendar, IsOk());
  EXPECT_THAT(calendar->icalendar(), HasSubstr("LOCATION:桃溪镇卫生院"));
  const auto events = EventsIn(calendar->icalendar());
  EXPECT_THAT(events, SizeIs(1));
  EXPECT_EQ(events.at(UidOf(outreach)), "心内科 门诊 陈大夫");
  EXPECT_THAT(desk_->Ask(Person("hospital"), &CalendarHandlers::GetCalendar, request),
              StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
}

TEST_F(Calendars, ACancelledSessionStaysAndIsMarked) {
  const v1::Session session = Offer("hospital", kDay);
  const auto before = OfExpert(Expert());
  ASSERT_THAT(before, IsOk());
  EXPECT_THAT(before->icalendar(), HasSubstr("SEQUENCE:0\r\n"));
  desk_->clock().Advance(absl::Minutes(10));
  v1::CancelSessionRequest request;
  request.set_session_id(session.session_id());
  request.set_reason("EXPERT_ILL");
  ASSERT_THAT(desk_->Ask(Person("hospital"), &CancellationHandlers::CancelSession, request),
              IsOk());
  const auto after = OfExpert(Expert());
  ASSERT_THAT(after, IsOk());
  EXPECT_THAT(EventsIn(after->icalendar()).at(UidOf(session)), HasSubstr("x "));
  EXPECT_THAT(after->icalendar(), Not(HasSubstr("SEQUENCE:0\r\n")));
  EXPECT_THAT(after->icalendar(), HasSubstr("LAST-MODIFIED:20260921T142320Z"));
  EXPECT_NE(before->etag(), after->etag());
}

TEST_F(Calendars, APeriodNarrowsThem) {
  Offer("hospital", kDay);
  Offer("hospital", 3 * kDay);
  v1::GetCalendarRequest request;
  request.set_practitioner_id(Named("expert").ToString());
  request.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(kNow + 2 * kDay));
  request.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow + 4 * kDay));
  const auto calendar = desk_->Ask(Expert(), &CalendarHandlers::GetCalendar, request);
  ASSERT_THAT(calendar, IsOk());
  EXPECT_THAT(EventsIn(calendar->icalendar()), SizeIs(1));
  request.mutable_time()->mutable_end()->set_seconds(absl::ToUnixSeconds(kNow + 400 * kDay));
  EXPECT_THAT(desk_->Ask(Expert(), &CalendarHandlers::GetCalendar, request),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(Calendars, NothingOfAPatientIsInThem) {
  const v1::Session session = Offer("hospital", kDay);
  const auto before = OfExpert(Expert());
  const auto held = desk_->Hold(desk_->Wish(session, "patient", "township"));
  ASSERT_THAT(held, IsOk());
  ASSERT_THAT(desk_->Book(*held), IsOk());
  const auto after = OfExpert(Expert());
  ASSERT_THAT(before, IsOk());
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(before->icalendar(), after->icalendar());
}

TEST_F(Calendars, ALinkShowsTheCalendarUntilItIsRevoked) {
  const v1::Session session = Offer("hospital", kDay);
  const auto link = Link(Expert());
  ASSERT_THAT(link, IsOk());
  EXPECT_THAT(link->secret(), SizeIs(43));
  EXPECT_TRUE(link->own());
  const auto feed = Feed(link->secret());
  ASSERT_THAT(feed, IsOk());
  EXPECT_TRUE(EventsIn(feed->calendar().icalendar()).contains(UidOf(session)));
  EXPECT_FALSE(feed->unchanged());

  const auto again = Feed(link->secret(), feed->calendar().etag());
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->unchanged());
  EXPECT_THAT(again->calendar().icalendar(), IsEmpty());
  Offer("hospital", 2 * kDay);
  EXPECT_FALSE(Feed(link->secret(), feed->calendar().etag())->unchanged());

  ASSERT_THAT(Revoke(Expert(), *link), IsOk());
  ASSERT_THAT(Revoke(Expert(), *link), IsOk());
  const auto revoked = Feed(link->secret());
  const auto unknown = Feed(std::string(43, 'A'));
  EXPECT_THAT(revoked, StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_EQ(revoked.status(), unknown.status());
  EXPECT_EQ(desk_->Read("SELECT COUNT(*) FROM outbox WHERE type LIKE 'CalendarLink%'"), "2");
}

TEST_F(Calendars, ALinkEndsByItself) {
  const auto link = Link(Expert());
  ASSERT_THAT(link, IsOk());
  desk_->clock().Advance(367 * kDay);
  EXPECT_THAT(Feed(link->secret()), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(LinksOf(Expert()), IsEmpty());
  EXPECT_THAT(LinksOf(Expert(), true), SizeIs(1));
}

TEST_F(Calendars, ALinkEndsWithItsMakersAccount) {
  const auto link = Link(Expert());
  const auto schedulers = Link(Scheduler());
  ASSERT_THAT(link, IsOk());
  ASSERT_THAT(schedulers, IsOk());
  desk_->clock().Advance(kDay);
  directory::v1::AccountClosed closed;
  closed.set_user_id(Expert().user_id.ToString());
  closed.mutable_closed_at()->set_seconds(absl::ToUnixSeconds(desk_->clock().Now()));
  TellOfAccount(closed);
  EXPECT_THAT(Feed(link->secret()), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Feed(schedulers->secret()), IsOk()) << "somebody else's";
  EXPECT_THAT(LinksOf(Expert()), IsEmpty());
  EXPECT_THAT(LinksOf(Expert(), true), SizeIs(1));
  // Opened again, the account makes links anew; what ended stays ended.
  desk_->clock().Advance(absl::Seconds(1));
  const auto anew = Link(Expert());
  ASSERT_THAT(anew, IsOk());
  EXPECT_THAT(Feed(anew->secret()), IsOk());
  EXPECT_THAT(Feed(link->secret()), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(Calendars, ALinkEndsWhenItsMakerLeavesTheOrganization) {
  const auto link = Link(Expert());
  const auto elsewhere = Link(Expert("township"));
  ASSERT_THAT(link, IsOk());
  ASSERT_THAT(elsewhere, IsOk());
  TellOfAccount(Leaves(Expert(), kNow + 2 * kDay));
  EXPECT_THAT(Feed(link->secret()), IsOk()) << "not before that day";
  // It is brought forward.
  TellOfAccount(Leaves(Expert(), kNow + kDay));
  desk_->clock().Advance(kDay);
  EXPECT_THAT(Feed(link->secret()), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Feed(elsewhere->secret()), IsOk()) << "of where they still are";
  EXPECT_THAT(LinksOf(Scheduler()), IsEmpty());
  EXPECT_THAT(LinksOf(Scheduler(), true), SizeIs(1));
}

TEST_F(Calendars, LinksThatEndedMakeRoomForOthers) {
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Link(Expert()), IsOk());
  EXPECT_THAT(Link(Expert()), StatusIs(StatusCode::kFailedPrecondition, "CALENDAR_LINK_LIMIT"));
  TellOfAccount(Leaves(Expert(), kNow + kDay));
  desk_->clock().Advance(kDay + absl::Seconds(1));
  EXPECT_THAT(Link(Expert()), IsOk()) << "who came back";
}

TEST_F(Calendars, TheSecretIsToldOnceAndStoredNowhere) {
  const std::string request_id = base::Uuid::V7().ToString();
  const auto link = Link(Expert(), request_id);
  ASSERT_THAT(link, IsOk());
  const auto again = Link(Expert(), request_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->link_id(), link->link_id());
  EXPECT_THAT(again->secret(), IsEmpty());
  for (const char* const place : {"SELECT COUNT(*) FROM outbox WHERE INSTR(payload, '",
                                  "SELECT COUNT(*) FROM calendar_link "
                                  "WHERE INSTR(secret_digest, '"}) {
    EXPECT_EQ(desk_->Read(place + link->secret() + "') > 0"), "0");
  }
}

TEST_F(Calendars, OthersLinksLookLikeNone) {
  const auto link = Link(Expert());
  ASSERT_THAT(link, IsOk());
  rpc::Caller colleague = Expert();
  colleague.user_id = Named("colleague");
  colleague.practitioner_id = Named("colleague");
  EXPECT_THAT(Link(colleague), StatusIs(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Revoke(colleague, *link), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Revoke(Scheduler("township"), *link), StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(LinksOf(colleague), IsEmpty());
  EXPECT_THAT(LinksOf(Scheduler("township")), IsEmpty());
  EXPECT_THAT(LinksOf(Scheduler()), SizeIs(1));
  EXPECT_THAT(Revoke(Scheduler(), *link), IsOk());
}

TEST_F(Calendars, ASchedulersLinkShowsTheOrganizationsSessions) {
  const v1::Session own = Offer("hospital", kDay);
  Offer("elsewhere", 2 * kDay);
  const auto link = Link(Scheduler());
  ASSERT_THAT(link, IsOk());
  EXPECT_FALSE(link->own());
  const auto feed = Feed(link->secret());
  ASSERT_THAT(feed, IsOk());
  const auto events = EventsIn(feed->calendar().icalendar());
  EXPECT_THAT(events, SizeIs(1));
  EXPECT_TRUE(events.contains(UidOf(own)));
}

TEST_F(Calendars, NobodyGetsMoreLinksThanAllowedNotEvenAtOnce) {
  std::vector<std::thread> people;
  std::atomic<int> made = 0;
  for (int i = 0; i < 8; ++i) {
    people.emplace_back([&] {
      for (int j = 0; j < 4; ++j) made += Link(Expert()).ok() ? 1 : 0;
    });
  }
  for (std::thread& person : people) person.join();
  EXPECT_EQ(made, 20);
  EXPECT_THAT(Link(Expert()), StatusIs(StatusCode::kFailedPrecondition, "CALENDAR_LINK_LIMIT"));
}

}  // namespace
}  // namespace yilian::scheduling
