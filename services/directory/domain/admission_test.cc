// Stays in hospitals, as pure decisions: whatever the order in which they are told, the outcome is
// the one that the hospital's own records have.
#include "services/directory/domain/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "common/status/matchers.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::SizeIs;
using Kind = StayNews::Kind;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);
const OrganizationId kHospital = OrganizationId::New(kNow);
const PatientId kPatient = PatientId::New(kNow);

// Recorded `minute` minutes after the patient came.
StayNews News(Kind kind, int minute) {
  StayNews news{.kind = kind,
                .visit = {.organization = kHospital, .number = "ZY-1"},
                .patient = kPatient,
                .recorded_at = kNow + absl::Minutes(minute)};
  if (kind == Kind::kAdmitted) news.admitted_at = kNow;
  if (kind == Kind::kDischarged) news.discharged_at = kNow + absl::Minutes(minute);
  return news;
}

absl::StatusOr<Admission> Hear(const std::vector<StayNews>& all) {
  absl::StatusOr<Admission> stay = FirstHeard(all.front(), kNow);
  for (size_t i = 1; i < all.size() && stay.ok(); ++i) stay = Told(*stay, all[i]);
  return stay;
}

TEST(AdmissionTest, IsToldForTheOwnOrganizationAndNotForTheFuture) {
  const Actor actor{.organization = kHospital};
  EXPECT_THAT(CheckStay(News(Kind::kAdmitted, 5), actor, kNow), IsOk());
  StayNews late = News(Kind::kDischarged, 6);
  late.admitted_at = late.discharged_at;
  const absl::Status status = CheckStay(late, actor, kNow);
  EXPECT_THAT(status, StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_EQ(status::BadRequestOf(status)->field_violations_size(), 3);
  const Actor other{.organization = OrganizationId::New(kNow)};
  EXPECT_THAT(CheckStay(News(Kind::kAdmitted, 0), other, kNow),
              StatusIs(kDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(CheckStay(News(Kind::kAdmitted, 0), {.is_service = true}, kNow), IsOk());
}

TEST(AdmissionTest, ADischargeIsAfterTheAdmissionAndALaterOneCorrectsIt) {
  StayNews early = News(Kind::kDischarged, 10);
  early.discharged_at = kNow - absl::Seconds(1);
  EXPECT_THAT(Hear({News(Kind::kAdmitted, 0), early}), StatusIs(kInvalid, "FIELD_INVALID"));
  StayNews alone = early;
  alone.admitted_at = kNow;
  EXPECT_THAT(Hear({alone}), StatusIs(kInvalid, "FIELD_INVALID"));
  EXPECT_THAT(Hear({News(Kind::kDischarged, 60),
                    [] {
                      StayNews after = News(Kind::kAdmitted, 61);
                      after.admitted_at = kNow + absl::Minutes(61);
                      return after;
                    }()}),
              StatusIs(kInvalid, "FIELD_INVALID"));
  const auto twice =
      Hear({News(Kind::kAdmitted, 0), News(Kind::kDischarged, 60), News(Kind::kDischarged, 90)});
  ASSERT_THAT(twice, IsOk());
  EXPECT_EQ(twice->discharged_at, kNow + absl::Minutes(90));
  EXPECT_EQ(twice->version, 3);
  StayNews again = News(Kind::kDischarged, 91);
  again.discharged_at = *twice->discharged_at;
  EXPECT_EQ(Told(*twice, again)->version, 3) << "nobody sees a change in a repetition";
}

// Each history, told in every order, and with every message twice.
TEST(AdmissionTest, WhateverTheOrderTheHospitalsOwnHolds) {
  const StayNews admitted = News(Kind::kAdmitted, 0);
  const StayNews discharged = News(Kind::kDischarged, 60);
  const StayNews stays = News(Kind::kDischargeCancelled, 70);
  const StayNews gone = News(Kind::kDischarged, 80);
  const StayNews mistake = News(Kind::kAdmissionCancelled, 90);
  const StayNews anew = News(Kind::kAdmitted, 100);
  const struct {
    std::vector<StayNews> history;
    CareStage stage;
    int left_after;  // minutes; 0: the patient is there
  } cases[] = {
      {{admitted, discharged}, CareStage::kClosed, 60},
      {{admitted, discharged, stays}, CareStage::kOpen, 0},
      {{admitted, discharged, stays, gone}, CareStage::kClosed, 80},
      {{admitted, mistake}, CareStage::kVoid, 0},
      {{admitted, discharged, mistake}, CareStage::kVoid, 60},
      {{admitted, mistake, anew}, CareStage::kOpen, 0},
      {{admitted, discharged, stays, mistake, anew}, CareStage::kOpen, 0},
      {{admitted, News(Kind::kAdmissionCancelled, 0)}, CareStage::kVoid, 0},
      {{discharged, News(Kind::kDischargeCancelled, 60)}, CareStage::kOpen, 0},
  };
  for (const auto& one : cases) {
    std::vector<size_t> order(one.history.size() * 2);
    for (size_t i = 0; i < order.size(); ++i) order[i] = i / 2;
    do {
      std::vector<StayNews> told;
      for (const size_t i : order) told.push_back(one.history[i]);
      const auto stay = Hear(told);
      ASSERT_THAT(stay, IsOk());
      ASSERT_EQ(StageOf(*stay), one.stage);
      const absl::Time left = kNow + absl::Minutes(one.left_after);
      ASSERT_EQ(stay->discharged_at, one.left_after == 0 ? std::nullopt : std::optional(left));
      if (one.history[0].kind == Kind::kAdmitted && one.stage != CareStage::kVoid) {
        ASSERT_EQ(stay->admitted_at, kNow);
      }
    } while (order.size() <= 8 && std::next_permutation(order.begin(), order.end()));
  }
}

TEST(AdmissionTest, ACancelledStaysNumberMayBecomeAnotherPatients) {
  StayNews other = News(Kind::kAdmitted, 20);
  other.patient = PatientId::New(kNow);
  const auto stay = Hear({News(Kind::kAdmitted, 0), News(Kind::kAdmissionCancelled, 10), other});
  ASSERT_THAT(stay, IsOk());
  EXPECT_EQ(stay->patient, other.patient);
  EXPECT_EQ(StageOf(*stay), CareStage::kOpen);
}

TEST(AdmissionTest, TheHospitalSeesThePatientUntilThirtyDaysAfterTheDischarge) {
  CareParties parties{.source = CareSource::kAdmission,
                      .source_id = base::Uuid::V7(),
                      .patients = {PatientId::New(kNow)},
                      .organizations = {OrganizationId::New(kNow)},
                      .stage = CareStage::kOpen};
  const CareChange opened = Reconcile(parties, {}, kNow);
  ASSERT_THAT(opened.opened, SizeIs(1));
  parties.stage = CareStage::kClosed;
  const CareChange ended = Reconcile(parties, opened.opened, kNow + absl::Hours(48));
  ASSERT_THAT(ended.ended, SizeIs(1));
  EXPECT_EQ(ended.ended[0].ends_at, kNow + absl::Hours(48) + absl::Hours(30 * 24));
  parties.stage = CareStage::kVoid;
  const CareChange taken = Reconcile(parties, ended.ended, kNow + absl::Hours(49));
  ASSERT_THAT(taken.ended, SizeIs(1));
  EXPECT_EQ(taken.ended[0].ends_at, kNow + absl::Hours(49)) << "it never was";
}

}  // namespace
}  // namespace yilian::directory
