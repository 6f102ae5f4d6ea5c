// What is said of a referral after it was completed.
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/referral/domain/referral_fixture.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;

Referral Completed() {
  Referral referral = InState(State::kCompleted);
  referral.completed_at = kMonday;
  return referral;
}

TEST(PatientRating, KeepsWhoSaidItAndWhoAsked) {
  const Actor doctor{.organization = kTownship.organization,
                     .practitioner = PractitionerId(base::Uuid::V7())};
  const auto rated = Completed().RecordPatientRating(doctor, 4, Respondent::kFamilyMember, kMonday);
  ASSERT_THAT(rated, IsOk());
  EXPECT_EQ(rated->events, std::vector<std::string>{"ReferralPatientRated"});
  const PatientRating& rating = *rated->after.patient_rating;
  EXPECT_EQ(rating.score, 4);
  EXPECT_EQ(rating.respondent, Respondent::kFamilyMember);
  EXPECT_EQ(rating.asked_by, doctor);
  EXPECT_EQ(rating.recorded_at, kMonday);
  EXPECT_EQ(rated->after.referrer_score, std::nullopt);
}

TEST(PatientRating, TheLastOneCounts) {
  const Referral rated =
      Completed().RecordPatientRating(kTownship, 2, Respondent::kPatient, kMonday)->after;
  EXPECT_EQ(rated.RecordPatientRating(kHospital, 5, Respondent::kPatient, kMonday)
                ->after.patient_rating->score,
            5);
}

TEST(ClosingContact, EveryAttemptIsKept) {
  const absl::Time later = kMonday + absl::Hours(30);
  const Referral tried =
      Completed().RecordClosingContact(kTownship, {.contacted_at = later}, later)->after;
  const auto reached = tried.RecordClosingContact(
      kHospital, {.contacted_at = later, .reached = true, .satisfaction = Satisfaction::kSatisfied},
      later);
  ASSERT_THAT(reached, IsOk());
  EXPECT_EQ(reached->events, std::vector<std::string>{"ReferralClosingContactRecorded"});
  ASSERT_EQ(reached->after.closing_contacts.size(), 2u);
  EXPECT_EQ(reached->after.closing_contacts[0].by.organization, kTownship.organization);
  EXPECT_FALSE(reached->after.closing_contacts[0].reached);
  EXPECT_EQ(reached->after.closing_contacts[1].by.organization, kHospital.organization);
}

TEST(ClosingContact, IsMadeAfterTheCompletionAndOnlyWhoWasReachedSaysSomething) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID");
  const absl::Time now = kMonday + absl::Hours(1);
  EXPECT_THAT(Completed().RecordClosingContact(
                  kTownship, {.contacted_at = kMonday - absl::Minutes(1), .reached = true}, now),
              refused);
  EXPECT_THAT(Completed().RecordClosingContact(
                  kTownship, {.contacted_at = now + absl::Minutes(1), .reached = true}, now),
              refused);
  EXPECT_THAT(Completed().RecordClosingContact(
                  kTownship, {.contacted_at = now, .satisfaction = Satisfaction::kSatisfied}, now),
              refused);
}

TEST(ClosingContact, ThereAreAtMostTwenty) {
  Referral referral = Completed();
  referral.closing_contacts.resize(20);
  EXPECT_THAT(referral.RecordClosingContact(kTownship, {.contacted_at = kMonday}, kMonday),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::referral
