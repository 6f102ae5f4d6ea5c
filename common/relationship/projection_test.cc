#include "common/relationship/projection.h"

#include <gtest/gtest.h>

#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/access.pb.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::relationship {
namespace {

namespace v1 = directory::v1;
using status::IsOk;
using status::StatusIs;

const absl::Time kStart = absl::FromUnixSeconds(1'790'000'000);

void Put(google::protobuf::Timestamp* timestamp, absl::Time at) {
  timestamp->set_seconds(absl::ToUnixSeconds(at));
}

event::v1::Event EventOf(std::string type, const google::protobuf::Message& payload) {
  event::v1::Event event;
  event.set_event_id(base::Uuid::V7().ToString());
  event.set_type(std::move(type));
  event.mutable_payload()->PackFrom(payload);
  return event;
}

class ProjectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto pool = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(kMigrations));
    ASSERT_THAT(pool, IsOk());
    pool_ = *std::move(pool);
  }

  absl::Status Feed(const event::v1::Event& event) {
    return mysql::RunTransaction(
        *pool_, {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(10)},
        [&](mysql::Session& session) { return Apply(session, event); });
  }
  absl::Status Open(const base::Uuid& patient, const base::Uuid& organization,
                    v1::CareSource source, const base::Uuid& source_id, absl::Time started_at,
                    std::optional<absl::Time> ends_at = std::nullopt) {
    v1::CareRelationshipOpened opened;
    opened.set_patient_id(patient.ToString());
    opened.set_organization_id(organization.ToString());
    opened.set_source(source);
    opened.set_source_id(source_id.ToString());
    Put(opened.mutable_started_at(), started_at);
    if (ends_at) Put(opened.mutable_ends_at(), *ends_at);
    return Feed(EventOf("CareRelationshipOpened", opened));
  }
  absl::Status End(const base::Uuid& patient, const base::Uuid& organization, v1::CareSource source,
                   const base::Uuid& source_id, absl::Time ends_at) {
    v1::CareRelationshipEnded ended;
    ended.set_patient_id(patient.ToString());
    ended.set_organization_id(organization.ToString());
    ended.set_source(source);
    ended.set_source_id(source_id.ToString());
    Put(ended.mutable_ends_at(), ends_at);
    return Feed(EventOf("CareRelationshipEnded", ended));
  }
  absl::Status Merge(const base::Uuid& survivor, const base::Uuid& gone) {
    v1::PatientsMerged merged;
    merged.set_surviving_patient_id(survivor.ToString());
    merged.set_merged_patient_id(gone.ToString());
    return Feed(EventOf("PatientsMerged", merged));
  }
  bool HoldsAt(const base::Uuid& patient, const base::Uuid& organization, absl::Time at) {
    bool holds = false;
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(10),
                               [&](mysql::Session& session) -> absl::Status {
                                 auto found = Holds(session, patient, organization, at);
                                 if (!found.ok()) return found.status();
                                 holds = *found;
                                 return absl::OkStatus();
                               }),
                IsOk());
    return holds;
  }

  bool GlassAt(const base::Uuid& user, const base::Uuid& organization, absl::Time at) {
    bool broken = false;
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(10),
                               [&](mysql::Session& session) -> absl::Status {
                                 auto found =
                                     HasBrokenGlass(session, patient_, user, organization, at);
                                 if (!found.ok()) return found.status();
                                 broken = *found;
                                 return absl::OkStatus();
                               }),
                IsOk());
    return broken;
  }

  std::unique_ptr<mysql::Pool> pool_;
  const base::Uuid patient_ = base::Uuid::V7();
  const base::Uuid township_ = base::Uuid::V7();
  const base::Uuid hospital_ = base::Uuid::V7();
  const base::Uuid referral_ = base::Uuid::V7();
};

TEST_F(ProjectionTest, HoldsFromTheStartForThisOrganizationAndPersonOnly) {
  ASSERT_THAT(Open(patient_, township_, v1::CARE_SOURCE_REGISTRATION, patient_, kStart), IsOk());
  EXPECT_TRUE(HoldsAt(patient_, township_, kStart));
  EXPECT_TRUE(HoldsAt(patient_, township_, kStart + absl::Hours(24 * 365)));
  EXPECT_FALSE(HoldsAt(patient_, township_, kStart - absl::Microseconds(1)));
  EXPECT_FALSE(HoldsAt(patient_, hospital_, kStart));
  EXPECT_FALSE(HoldsAt(base::Uuid::V7(), township_, kStart));
}

TEST_F(ProjectionTest, EndsAtItsEndAndOpensAnewWithoutOne) {
  ASSERT_THAT(Open(patient_, hospital_, v1::CARE_SOURCE_REFERRAL, referral_, kStart), IsOk());
  const absl::Time end = kStart + absl::Hours(720);
  ASSERT_THAT(End(patient_, hospital_, v1::CARE_SOURCE_REFERRAL, referral_, end), IsOk());
  EXPECT_TRUE(HoldsAt(patient_, hospital_, end - absl::Microseconds(1)));
  EXPECT_FALSE(HoldsAt(patient_, hospital_, end));
  ASSERT_THAT(Open(patient_, hospital_, v1::CARE_SOURCE_REFERRAL, referral_, end), IsOk());
  EXPECT_TRUE(HoldsAt(patient_, hospital_, end + absl::Hours(1)));
}

TEST_F(ProjectionTest, AContractHoldsForItsPeriod) {
  const absl::Time end = kStart + absl::Hours(24);
  ASSERT_THAT(Open(patient_, township_, v1::CARE_SOURCE_CONTRACT, base::Uuid::V7(), kStart, end),
              IsOk());
  EXPECT_TRUE(HoldsAt(patient_, township_, kStart));
  EXPECT_FALSE(HoldsAt(patient_, township_, end));
}

TEST_F(ProjectionTest, OneReasonEndingLeavesTheOthers) {
  ASSERT_THAT(Open(patient_, hospital_, v1::CARE_SOURCE_REFERRAL, referral_, kStart), IsOk());
  ASSERT_THAT(Open(patient_, hospital_, v1::CARE_SOURCE_REGISTRATION, patient_, kStart), IsOk());
  ASSERT_THAT(End(patient_, hospital_, v1::CARE_SOURCE_REFERRAL, referral_, kStart), IsOk());
  EXPECT_TRUE(HoldsAt(patient_, hospital_, kStart + absl::Hours(1)));
}

TEST_F(ProjectionTest, TheSurvivorOfAMergeInheritsAndTheMergedRecordKeeps) {
  const base::Uuid survivor = base::Uuid::V7();
  ASSERT_THAT(Open(survivor, township_, v1::CARE_SOURCE_REGISTRATION, survivor, kStart), IsOk());
  ASSERT_THAT(Open(patient_, township_, v1::CARE_SOURCE_REGISTRATION, patient_, kStart), IsOk());
  ASSERT_THAT(Open(patient_, hospital_, v1::CARE_SOURCE_REFERRAL, referral_, kStart), IsOk());
  ASSERT_FALSE(HoldsAt(survivor, hospital_, kStart));

  ASSERT_THAT(Merge(survivor, patient_), IsOk());
  ASSERT_THAT(Merge(survivor, patient_), IsOk());  // as after a crash between effect and cursor
  EXPECT_TRUE(HoldsAt(survivor, hospital_, kStart));
  EXPECT_TRUE(HoldsAt(patient_, hospital_, kStart));

  // The copy ends like any other row: its key is the survivor's.
  ASSERT_THAT(End(survivor, hospital_, v1::CARE_SOURCE_REFERRAL, referral_, kStart), IsOk());
  EXPECT_FALSE(HoldsAt(survivor, hospital_, kStart));
  ASSERT_THAT(End(survivor, township_, v1::CARE_SOURCE_REGISTRATION, survivor, kStart), IsOk());
  EXPECT_FALSE(HoldsAt(survivor, township_, kStart)) << "the copied registration has its own key";
}

TEST_F(ProjectionTest, ABrokenGlassIsItsBreakersForItsTimeAndNoRelationship) {
  const base::Uuid doctor = base::Uuid::V7();
  const absl::Time end = kStart + absl::Minutes(60);
  v1::GlassBroken broken;
  v1::BrokenGlass& glass = *broken.mutable_broken_glass();
  glass.set_broken_glass_id(base::Uuid::V7().ToString());
  glass.set_patient_id(patient_.ToString());
  glass.set_organization_id(hospital_.ToString());
  glass.set_user_id(doctor.ToString());
  Put(glass.mutable_started_at(), kStart);
  Put(glass.mutable_ends_at(), end);
  ASSERT_THAT(Feed(EventOf("GlassBroken", broken)), IsOk());
  ASSERT_THAT(Feed(EventOf("GlassBroken", broken)), IsOk());
  EXPECT_TRUE(GlassAt(doctor, hospital_, end - absl::Microseconds(1)));
  EXPECT_FALSE(GlassAt(doctor, hospital_, end));
  EXPECT_FALSE(GlassAt(base::Uuid::V7(), hospital_, kStart)) << "a colleague's";
  EXPECT_FALSE(GlassAt(doctor, township_, kStart)) << "for another organization";
  EXPECT_FALSE(HoldsAt(patient_, hospital_, kStart)) << "what writes ask does not know it";
  EXPECT_THAT(Feed(EventOf("GlassBroken", v1::GlassBroken())),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_MALFORMED"));
}

TEST_F(ProjectionTest, OtherEventsAreIgnoredAndABrokenOneIsNamed) {
  EXPECT_THAT(Feed(EventOf("PatientRegistered", v1::PatientRegistered())), IsOk());
  EXPECT_THAT(Feed(EventOf("CareRelationshipOpened", v1::CareRelationshipOpened())),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_MALFORMED"));
  EXPECT_THAT(Feed(EventOf("PatientsMerged", v1::UserRevoked())),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_MALFORMED"));
}

}  // namespace
}  // namespace yilian::relationship
