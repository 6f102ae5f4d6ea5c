// Consent, emergency access and the report, as pure decisions.
#include <gmock/gmock.h>

#include "common/status/error.h"
#include "common/status/matchers.h"
#include "services/directory/domain/broken_glass.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/consent.h"
#include "services/directory/domain/record_access.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
const absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
const absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;

Consent ForResearch() {
  return {.id = ConsentId::New(kNow),
          .patient = PatientId::New(kNow),
          .purpose = ConsentPurpose::kResearch,
          .starts_at = kNow};
}

TEST(ConsentTest, HoldsInItsTimeForThoseItNames) {
  const OrganizationId hospital = OrganizationId::New(kNow);
  const OrganizationId other = OrganizationId::New(kNow);
  Consent consent = ForResearch();
  EXPECT_TRUE(consent.Allows(other, kNow)) << "without names: everyone";
  consent.organizations = {hospital};
  EXPECT_TRUE(consent.Allows(hospital, kNow));
  EXPECT_FALSE(consent.Allows(other, kNow));
  EXPECT_FALSE(consent.Allows(hospital, kNow - absl::Seconds(1)));
  consent.ends_at = kNow + absl::Hours(1);
  EXPECT_TRUE(consent.Allows(hospital, kNow + absl::Minutes(59)));
  EXPECT_FALSE(consent.Allows(hospital, kNow + absl::Hours(1)));
}

TEST(ConsentTest, ARevocationHoldsFromThenOnAndOnce) {
  const Consent consent = ForResearch();
  EXPECT_THAT(Revoked(consent, "v2", kNow), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  const auto revoked = Revoked(consent, "v1", kNow + absl::Hours(1));
  ASSERT_THAT(revoked, IsOk());
  EXPECT_TRUE(revoked->Allows(OrganizationId::New(kNow), kNow));
  EXPECT_FALSE(revoked->Allows(OrganizationId::New(kNow), kNow + absl::Hours(1)));
  EXPECT_THAT(Revoked(*revoked, "v2", kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CONSENT_REVOKED"));
}

TEST(ConsentTest, EveryFaultOfOneIsNamed) {
  EXPECT_THAT(Check(ForResearch(), kNow), IsOk());
  Consent wrong = ForResearch();
  wrong.purpose = ConsentPurpose::kTreatment;
  wrong.ends_at = wrong.starts_at;
  const OrganizationId twice = OrganizationId::New(kNow);
  wrong.organizations = {twice, twice};
  const absl::Status status = Check(wrong, kNow);
  EXPECT_THAT(status, StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_EQ(status::BadRequestOf(status)->field_violations_size(), 3);
}

class GlassTest : public ::testing::Test {
 protected:
  const Actor doctor_{.organization = OrganizationId::New(kNow), .user = UserId::New(kNow)};
  const BrokenGlass glass_ =
      Break(GlassRules(), PatientId::New(kNow), doctor_, GlassReason::kEmergency, "昏迷送医", kNow);
  const GlassReview review_{.verdict = GlassVerdict::kJustified,
                            .comment = "急诊记录相符",
                            .reviewer = UserId::New(kNow),
                            .at = kNow + absl::Hours(2)};
};

TEST_F(GlassTest, LastsAnHourAndIsReviewedWithinThreeDays) {
  EXPECT_EQ(glass_.ends_at, kNow + absl::Hours(1));
  EXPECT_EQ(glass_.review_due_at, kNow + absl::Hours(72));
  EXPECT_EQ(glass_.user, doctor_.user);
}

TEST_F(GlassTest, IsReviewedOnceByAnotherPerson) {
  GlassReview own = review_;
  own.reviewer = doctor_.user;
  EXPECT_THAT(Reviewed(glass_, "v1", own), StatusIs(kDenied, "OWN_ACCOUNT"));
  EXPECT_THAT(Reviewed(glass_, "v7", review_), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  const auto reviewed = Reviewed(glass_, "v1", review_);
  ASSERT_THAT(reviewed, IsOk());
  EXPECT_THAT(Reviewed(*reviewed, "v2", review_),
              StatusIs(absl::StatusCode::kFailedPrecondition, "REVIEW_DONE"));
  EXPECT_FALSE(Escalated(*reviewed, kNow + absl::Hours(72)).has_value());
}

TEST_F(GlassTest, EscalatesOnceWhenTheReviewIsLate) {
  const auto escalated = Escalated(glass_, kNow + absl::Hours(72));
  ASSERT_TRUE(escalated.has_value());
  EXPECT_FALSE(Escalated(*escalated, kNow + absl::Hours(73)).has_value());
  EXPECT_THAT(Reviewed(*escalated, "v2", review_), IsOk()) << "late is better than never";
}

// A trail of fixed rows, or one that is away: what a peer answers.
class FixedTrail : public AccessTrail {
 public:
  FixedTrail(std::string service, absl::StatusOr<std::vector<RecordAccess>> rows)
      : service_(std::move(service)), rows_(std::move(rows)) {}
  const std::string& service() const override { return service_; }
  absl::StatusOr<std::vector<RecordAccess>> List(const AccessesQuery&, absl::Time) override {
    return rows_;
  }

 private:
  const std::string service_;
  const absl::StatusOr<std::vector<RecordAccess>> rows_;
};

std::vector<RecordAccess> At(std::initializer_list<int> minutes) {
  std::vector<RecordAccess> rows;
  for (const int minute : minutes) {
    rows.push_back({.audit_id = base::Uuid::V7(), .occurred_at = kNow + absl::Minutes(minute)});
  }
  return rows;
}

TEST(ReportTest, PutsThePartsTogetherByTimeAndCutsThePage) {
  FixedTrail lab("lab", At({9, 5, 1}));
  FixedTrail referral("referral", At({8, 2}));
  const MergedAccesses merged =
      ListAccesses({&lab, &referral}, {.limit = 4}, absl::Now() + absl::Seconds(5));
  EXPECT_THAT(merged.missing, IsEmpty());
  std::vector<std::string> services;
  for (const RecordAccess& one : merged.accesses) services.push_back(one.service);
  EXPECT_THAT(services, ::testing::ElementsAre("lab", "referral", "lab", "referral"));
}

TEST(ReportTest, APartThatIsAwayIsNamedAndTheOthersAreThere) {
  FixedTrail lab("lab", At({9}));
  FixedTrail referral("referral", absl::UnavailableError("away"));
  const MergedAccesses merged =
      ListAccesses({&referral, &lab}, {.limit = 4}, absl::Now() + absl::Seconds(5));
  EXPECT_THAT(merged.accesses, SizeIs(1));
  ASSERT_THAT(merged.missing, SizeIs(1));
  EXPECT_EQ(merged.missing[0].service, "referral");
  EXPECT_FALSE(merged.missing[0].reason.empty());
}

}  // namespace
}  // namespace yilian::directory
