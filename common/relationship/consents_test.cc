#include "common/relationship/consents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/mysql/pool.h"
#include "common/mysql/transaction.h"
#include "common/relationship/projection.h"
#include "common/status/error.h"
#include "common/status/matchers.h"
#include "tests/support/test_database.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/directory/v1/patient_index.pb.h"

namespace yilian::relationship {
namespace {

namespace v1 = directory::v1;
using status::IsOk;
using status::StatusIs;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

const absl::Time kStart = absl::FromUnixSeconds(1'790'000'000);
const base::Uuid kHospital = base::Uuid::V5(base::Uuid(), "hospital");
const base::Uuid kTownship = base::Uuid::V5(base::Uuid(), "township");

absl::Time Day(int day) { return kStart + absl::Hours(24 * day); }
ConsentTerms Given(int from, std::optional<int> revoked = std::nullopt,
                   std::vector<base::Uuid> to = {}) {
  ConsentTerms terms{.organizations = std::move(to), .starts_at = Day(from)};
  if (revoked) terms.revoked_at = Day(*revoked);
  return terms;
}

TEST(LastWord, IsNoOnlyAfterAWithdrawal) {
  EXPECT_FALSE(LastWordIsNo({}, kHospital, Day(1))) << "nobody has asked";
  EXPECT_FALSE(LastWordIsNo({Given(0)}, kHospital, Day(1)));
  EXPECT_FALSE(LastWordIsNo({Given(0, 2)}, kHospital, Day(1))) << "not yet withdrawn";
  EXPECT_TRUE(LastWordIsNo({Given(0, 2)}, kHospital, Day(2)));
}

TEST(LastWord, ConcernsThoseWhomTheConsentNamed) {
  EXPECT_TRUE(LastWordIsNo({Given(0, 1, {kHospital})}, kHospital, Day(2)));
  EXPECT_FALSE(LastWordIsNo({Given(0, 1, {kTownship})}, kHospital, Day(2)));
  EXPECT_FALSE(LastWordIsNo({Given(0, 1), Given(0, std::nullopt, {kHospital})}, kHospital, Day(2)));
  EXPECT_TRUE(LastWordIsNo({Given(0, 1), Given(0, std::nullopt, {kHospital})}, kTownship, Day(2)));
}

TEST(LastWord, ANewConsentOutweighsTheOldWithdrawalAndItsEndIsNone) {
  ConsentTerms anew = Given(3);
  anew.ends_at = Day(5);
  EXPECT_TRUE(LastWordIsNo({Given(0, 1), anew}, kHospital, Day(2))) << "it has not begun";
  EXPECT_FALSE(LastWordIsNo({Given(0, 1), anew}, kHospital, Day(4)));
  EXPECT_FALSE(LastWordIsNo({Given(0, 1), anew}, kHospital, Day(6)));
  anew.revoked_at = Day(4);
  EXPECT_TRUE(LastWordIsNo({Given(0, 1), anew}, kHospital, Day(6)));
}

class ConsentsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto pool = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(kMigrations));
    ASSERT_THAT(pool, IsOk());
    pool_ = *std::move(pool);
  }

  template <typename Payload>
  absl::StatusOr<std::vector<base::Uuid>> Feed(const std::string& type, const Payload& payload) {
    event::v1::Event event;
    event.set_event_id(base::Uuid::V7().ToString());
    event.set_type(type);
    event.mutable_payload()->PackFrom(payload);
    std::vector<base::Uuid> touched;
    const absl::Status status = mysql::RunTransaction(
        *pool_, {.name = "test.Apply", .deadline = absl::Now() + absl::Seconds(10)},
        [&](mysql::Session& session) -> absl::Status {
          auto applied = ApplyConsent(session, event);
          if (!applied.ok()) return applied.status();
          touched = *std::move(applied);
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return touched;
  }
  static v1::Consent Consent(const base::Uuid& patient) {
    v1::Consent consent;
    consent.set_consent_id(base::Uuid::V7().ToString());
    consent.set_patient_id(patient.ToString());
    consent.set_purpose(v1::CONSENT_PURPOSE_REFERRAL);
    consent.mutable_starts_at()->set_seconds(absl::ToUnixSeconds(kStart));
    return consent;
  }
  absl::StatusOr<std::vector<base::Uuid>> Record(const v1::Consent& consent) {
    v1::ConsentRecorded recorded;
    *recorded.mutable_consent() = consent;
    return Feed("ConsentRecorded", recorded);
  }
  absl::StatusOr<std::vector<base::Uuid>> Revoke(v1::Consent consent, absl::Time at) {
    consent.mutable_revoked_at()->set_seconds(absl::ToUnixSeconds(at));
    v1::ConsentRevoked revoked;
    *revoked.mutable_consent() = consent;
    return Feed("ConsentRevoked", revoked);
  }
  bool Withdrawn(const base::Uuid& patient,
                 v1::ConsentPurpose purpose = v1::CONSENT_PURPOSE_REFERRAL) {
    bool withdrawn = false;
    EXPECT_THAT(mysql::RunRead(*pool_, absl::Now() + absl::Seconds(10),
                               [&](mysql::Session& session) -> absl::Status {
                                 const auto found = ConsentWithdrawn(session, patient, kHospital,
                                                                     purpose, Day(10));
                                 if (!found.ok()) return found.status();
                                 withdrawn = *found;
                                 return absl::OkStatus();
                               }),
                IsOk());
    return withdrawn;
  }

  std::unique_ptr<mysql::Pool> pool_;
  const base::Uuid patient_ = base::Uuid::V7();
};

TEST_F(ConsentsTest, AWithdrawalCountsForItsPurposeHoweverOftenItIsTold) {
  const v1::Consent consent = Consent(patient_);
  EXPECT_THAT(*Record(consent), UnorderedElementsAre(patient_));
  EXPECT_FALSE(Withdrawn(patient_));
  EXPECT_THAT(*Revoke(consent, Day(3)), UnorderedElementsAre(patient_));
  ASSERT_THAT(Record(consent), IsOk());
  EXPECT_TRUE(Withdrawn(patient_));
  EXPECT_FALSE(Withdrawn(patient_, v1::CONSENT_PURPOSE_REMOTE_CONSULTATION));
  EXPECT_FALSE(Withdrawn(base::Uuid::V7()));
  ASSERT_THAT(Record(Consent(patient_)), IsOk());
  EXPECT_FALSE(Withdrawn(patient_));
}

TEST_F(ConsentsTest, TheSurvivorOfAMergeHasTheConsentsUntilItIsUndone) {
  const v1::Consent consent = Consent(patient_);
  ASSERT_THAT(Record(consent), IsOk());
  const base::Uuid survivor = base::Uuid::V7();
  v1::PatientsMerged merged;
  merged.set_merge_id(base::Uuid::V7().ToString());
  merged.set_surviving_patient_id(survivor.ToString());
  merged.set_merged_patient_id(patient_.ToString());
  EXPECT_THAT(*Feed("PatientsMerged", merged), UnorderedElementsAre(survivor, patient_));
  EXPECT_THAT(*Revoke(consent, Day(3)), UnorderedElementsAre(survivor, patient_));
  EXPECT_TRUE(Withdrawn(survivor));
  v1::PatientsUnmerged undone;
  undone.set_merge_id(merged.merge_id());
  undone.set_surviving_patient_id(survivor.ToString());
  undone.set_merged_patient_id(patient_.ToString());
  ASSERT_THAT(Feed("PatientsUnmerged", undone), IsOk());
  EXPECT_FALSE(Withdrawn(survivor));
  EXPECT_TRUE(Withdrawn(patient_));
}

TEST_F(ConsentsTest, AnEventThatIsNotWhatItSaysIsRefused) {
  v1::Consent consent = Consent(patient_);
  consent.add_organization_ids("no id");
  EXPECT_THAT(Record(consent).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_MALFORMED"));
  EXPECT_THAT(Feed("ConsentRevoked", v1::ConsentRecorded()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "EVENT_MALFORMED"));
}

TEST(ConsentWithdrawn, SaysWhatToDoInBothLanguages) {
  const absl::Status error =
      ConsentWithdrawnError("yilian.referral", kHospital, v1::CONSENT_PURPOSE_REFERRAL);
  EXPECT_THAT(error, StatusIs(absl::StatusCode::kFailedPrecondition, "CONSENT_WITHDRAWN"));
  EXPECT_THAT(status::LocalizedOf(error)->message(), HasSubstr("转诊"));
  EXPECT_THAT(status::PreconditionOf(error)->violations(0).description(),
              HasSubstr("RecordConsent, purpose REFERRAL"));
  EXPECT_EQ(status::InfoOf(error)->metadata().at("organization_id"), kHospital.ToString());
}

}  // namespace
}  // namespace yilian::relationship
