#include "services/scheduling/domain/session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/status/matchers.h"
#include "services/scheduling/domain/release.h"

namespace yilian::scheduling {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const OrganizationId kHospital = OrganizationId(base::Uuid::V5(base::Uuid(), "hospital"));
const OrganizationId kClinic = OrganizationId(base::Uuid::V5(base::Uuid(), "clinic"));
const PractitionerId kExpert = PractitionerId(base::Uuid::V5(base::Uuid(), "expert"));

NewSession Offer(int seats, absl::Duration ahead = absl::Hours(24) * 7) {
  return {.organization = kHospital,
          .department = DepartmentId(base::Uuid::V5(base::Uuid(), "cardiology")),
          .specialty = "CARDIOLOGY",
          .practitioner = kExpert,
          .time = {kNow + ahead, kNow + ahead + absl::Hours(4)},
          .seats = seats};
}

absl::StatusOr<PlannedSession> Plan(const NewSession& offer) {
  return PlanSession(SessionId::New(kNow), offer, Rules(), kNow);
}

int Count(const PlannedSession& planned, PoolKind kind) {
  return static_cast<int>(std::count_if(planned.pools.begin(), planned.pools.end(),
                                        [&](const SeatPool& pool) { return pool.kind == kind; }));
}

std::vector<std::string> BadFields(const absl::Status& status) {
  std::vector<std::string> fields;
  const std::optional<google::rpc::BadRequest> bad = status::BadRequestOf(status);
  if (bad) {
    for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

TEST(DefaultQuotas, KeepThirtyPercentRoundedUpAndHalfOfAnExpertsSeats) {
  struct Case {
    int seats;
    bool expert;
    int green;
    int consortium;
  };
  for (const Case& c : {Case{10, false, 1, 2}, Case{11, false, 1, 3}, Case{10, true, 1, 4},
                        Case{11, true, 1, 5}, Case{3, false, 0, 1}, Case{1, true, 0, 1},
                        Case{2, true, 0, 1}, Case{4, false, 1, 1}, Case{500, true, 1, 249}}) {
    int green = 0;
    int consortium = 0;
    for (const Quota& quota : DefaultQuotas(c.seats, c.expert, Rules())) {
      (quota.kind == PoolKind::kGreen ? green : consortium) += quota.seats;
    }
    EXPECT_EQ(green, c.green) << c.seats << (c.expert ? " expert" : "");
    EXPECT_EQ(consortium, c.consortium) << c.seats << (c.expert ? " expert" : "");
  }
}

TEST(PlanSession, GivesEverySeatAPoolTheNarrowestFirst) {
  NewSession offer = Offer(10);
  offer.quotas = {{PoolKind::kConsortium, OrganizationId(), 2},
                  {PoolKind::kOrganization, kClinic, 3},
                  {PoolKind::kGreen, OrganizationId(), 1}};
  const absl::StatusOr<PlannedSession> planned = Plan(offer);
  ASSERT_THAT(planned, IsOk());
  ASSERT_EQ(planned->pools.size(), 10u);
  EXPECT_EQ(planned->pools[0].kind, PoolKind::kGreen);
  EXPECT_EQ(planned->pools[1], (SeatPool{PoolKind::kOrganization, kClinic}));
  EXPECT_EQ(planned->pools[4].kind, PoolKind::kConsortium);
  EXPECT_EQ(planned->pools[9].kind, PoolKind::kOpen);
  EXPECT_EQ(planned->session.site, kHospital);
  EXPECT_EQ(planned->session.organization_release_at, offer.time.start - absl::Hours(48));
}

TEST(PlanSession, AppliesReleasesWhoseTimeHasPassed) {
  NewSession offer = Offer(10, absl::Hours(36));
  offer.quotas = {{PoolKind::kOrganization, kClinic, 3}, {PoolKind::kGreen, OrganizationId(), 1}};
  absl::StatusOr<PlannedSession> planned = Plan(offer);
  ASSERT_THAT(planned, IsOk());
  EXPECT_EQ(Count(*planned, PoolKind::kOrganization), 0);
  EXPECT_EQ(Count(*planned, PoolKind::kConsortium), 3);
  EXPECT_EQ(Count(*planned, PoolKind::kGreen), 1);
  EXPECT_EQ(planned->session.released, ReleaseStage::kOrganization);

  offer.time = {kNow + absl::Hours(24), kNow + absl::Hours(25)};
  planned = Plan(offer);
  ASSERT_THAT(planned, IsOk());
  EXPECT_EQ(Count(*planned, PoolKind::kOpen), 10);
  EXPECT_EQ(planned->session.released, ReleaseStage::kAll);
}

TEST(PlanSession, NamesEveryBrokenRule) {
  NewSession offer = Offer(3, -absl::Hours(1));
  offer.time.end = offer.time.start - absl::Hours(1);
  offer.kind = SessionKind::kOutreach;
  offer.practitioner = PractitionerId();
  offer.quotas = {{PoolKind::kOrganization, OrganizationId(), 1},
                  {PoolKind::kGreen, kClinic, 1},
                  {PoolKind::kConsortium, OrganizationId(), 1},
                  {PoolKind::kConsortium, OrganizationId(), 1}};
  const absl::StatusOr<PlannedSession> planned = Plan(offer);
  EXPECT_THAT(planned, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(BadFields(planned.status()),
              UnorderedElementsAre("time.end", "time.start", "quotas[0].organization_id",
                                   "quotas[1].organization_id", "quotas[3].kind", "quotas",
                                   "practitioner_id"));
}

TEST(PlanSession, RefusesMoreThanADay) {
  NewSession offer = Offer(3);
  offer.time.end = offer.time.start + absl::Hours(24);
  EXPECT_THAT(Plan(offer), IsOk());
  offer.time.end += absl::Microseconds(1);
  EXPECT_THAT(BadFields(Plan(offer).status()), ElementsAre("time"));
}

TEST(SeatTime, SharesTheSessionWithoutGapOrOverlap) {
  for (const int seats : {1, 7, 10, 499}) {
    const absl::StatusOr<PlannedSession> planned = Plan(Offer(seats));
    ASSERT_THAT(planned, IsOk());
    const Session& session = planned->session;
    EXPECT_EQ(session.SeatTime(1).start, session.time.start);
    EXPECT_EQ(session.SeatTime(seats).end, session.time.end);
    for (int number = 2; number <= seats; ++number) {
      EXPECT_EQ(session.SeatTime(number).start, session.SeatTime(number - 1).end);
    }
  }
}

TEST(SeatTime, IsTheWholeSessionForABed) {
  NewSession offer = Offer(4);
  offer.kind = SessionKind::kBed;
  const absl::StatusOr<PlannedSession> planned = Plan(offer);
  ASSERT_THAT(planned, IsOk());
  EXPECT_EQ(planned->session.SeatTime(3), offer.time);
}

TEST(DueReleases, WidenInOrderAndOnce) {
  Session session = Plan(Offer(10))->session;
  const Release first{ReleaseStage::kOrganization, PoolKind::kOrganization, PoolKind::kConsortium};
  const Release second{ReleaseStage::kAll, PoolKind::kConsortium, PoolKind::kOpen};
  const Release third{ReleaseStage::kAll, PoolKind::kGreen, PoolKind::kOpen};
  const absl::Time organization = session.organization_release_at;
  const absl::Time open = session.open_release_at;
  EXPECT_THAT(DueReleases(session, organization - absl::Microseconds(1)), IsEmpty());
  EXPECT_THAT(DueReleases(session, organization), ElementsAre(first));
  EXPECT_THAT(DueReleases(session, open), ElementsAre(first, second, third));
  session.released = ReleaseStage::kOrganization;
  EXPECT_THAT(DueReleases(session, open - absl::Microseconds(1)), IsEmpty());
  EXPECT_THAT(DueReleases(session, open), ElementsAre(second, third));
  session.released = ReleaseStage::kAll;
  EXPECT_THAT(DueReleases(session, open + absl::Hours(1)), IsEmpty());
}

TEST(DueReleases, OpenEverythingWhereThatComesFirst) {
  Session session = Plan(Offer(10))->session;
  session.organization_release_at = session.open_release_at + absl::Hours(1);
  EXPECT_EQ(DueReleases(session, session.open_release_at).size(), 3u);
}

}  // namespace
}  // namespace yilian::scheduling
