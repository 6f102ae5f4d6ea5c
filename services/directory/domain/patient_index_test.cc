#include "services/directory/domain/patient_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace yilian::directory {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

MatchReview Review() {
  return NewReview(PatientId::New(kNow), PatientId::New(kNow + absl::Seconds(1)),
                   {.bits = 24.56,
                    .fields = {{MatchField::kBirthDate, Agreement::kClose, 5},
                               {MatchField::kSex, Agreement::kEqual, 1}}},
                   kNow);
}

TEST(Review, HoldsThePairInOneOrderAndTheScoreInTenths) {
  const PatientId a = PatientId::New(kNow);
  const PatientId b = PatientId::New(kNow + absl::Seconds(1));
  const MatchReview review = NewReview(b, a, {.bits = 24.56}, kNow);
  EXPECT_EQ(review.low, a);
  EXPECT_EQ(review.high, b);
  EXPECT_EQ(review.decibits, 246);
  EXPECT_EQ(review.due_at, kNow);
}

TEST(Review, AgreementsAreKeptAsTextWithoutValues) {
  const std::string text = TextOf(Review().agreements);
  EXPECT_EQ(text, "BIRTH_DATE=CLOSE,SEX=EQUAL");
  const std::vector<FieldAgreement> read = AgreementsFromText(text);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].field, MatchField::kBirthDate);
  EXPECT_EQ(read[0].agreement, Agreement::kClose);
  EXPECT_TRUE(AgreementsFromText("").empty());
  EXPECT_TRUE(AgreementsFromText("NEWER=EQUAL,nonsense").empty());
  EXPECT_LE(
      TextOf(std::vector<FieldAgreement>(100, {MatchField::kIdentifier, Agreement::kNearSound, 0}))
          .size(),
      400u);
}

TEST(Review, IsDecidedOnceByVersion) {
  const MatchReview review = Review();
  const base::Uuid steward = base::Uuid::V7();
  const auto same = Decide(
      review, {.version = 1, .state = ReviewState::kSame, .survivor = review.high, .by = steward},
      kNow);
  ASSERT_THAT(same, IsOk());
  EXPECT_EQ(same->state, ReviewState::kSame);
  EXPECT_EQ(same->decided_by, steward);
  EXPECT_EQ(same->decided_at, kNow);
  EXPECT_EQ(same->version, 2);
  EXPECT_THAT(Decide(*same, {.version = 2, .state = ReviewState::kDifferent}, kNow),
              StatusIs(StatusCode::kFailedPrecondition, "REVIEW_DECIDED"));
  EXPECT_THAT(Decide(review, {.version = 2, .state = ReviewState::kDifferent}, kNow),
              StatusIs(StatusCode::kAborted, "ETAG_STALE"));
}

TEST(Review, PutOffItComesAgainLater) {
  const auto later =
      Decide(Review(), {.version = 1, .state = ReviewState::kOpen, .defer_days = 7}, kNow);
  ASSERT_THAT(later, IsOk());
  EXPECT_EQ(later->state, ReviewState::kOpen);
  EXPECT_EQ(later->due_at, kNow + absl::Hours(168));
  EXPECT_FALSE(later->decided_at.has_value());
}

TEST(Review, TheSurvivorIsOneOfTheTwoAndAPutOffHasDays) {
  EXPECT_THAT(Decide(Review(), {.version = 1, .state = ReviewState::kSame}, kNow),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(
      Decide(Review(),
             {.version = 1, .state = ReviewState::kSame, .survivor = PatientId::New(kNow)}, kNow),
      StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Decide(Review(), {.version = 1, .state = ReviewState::kOpen}, kNow),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(OwnIdentifier, IsOfTheOwnOrganizationOrACard) {
  const OrganizationId hospital = OrganizationId::New(kNow);
  const Actor actor = {.organization = hospital};
  const auto own = NormalOwnIdentifier({hospital.ToString(), "MRN 7"}, actor);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->value, "MRN 7");
  const auto card = NormalOwnIdentifier({"CN-INSURANCE", "a123 4567b"}, actor);
  ASSERT_THAT(card, IsOk());
  EXPECT_EQ(card->value, "A1234567B");
  EXPECT_THAT(NormalOwnIdentifier({"CN-HEALTH-CARD", "12-3"}, actor),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  for (const std::string& issuer :
       {OrganizationId::New(kNow).ToString(), std::string("CN-ID"), std::string("else")}) {
    EXPECT_THAT(NormalOwnIdentifier({issuer, "1"}, actor),
                StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"))
        << issuer;
  }
  EXPECT_THAT(
      NormalOwnIdentifier({OrganizationId::New(kNow).ToString(), "1"}, {.is_service = true}),
      IsOk());
}

}  // namespace
}  // namespace yilian::directory
