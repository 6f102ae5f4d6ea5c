#include "services/directory/domain/care.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

class CareTest : public ::testing::Test {
 protected:
  CareParties Parties(CareStage stage) {
    return {.source = CareSource::kReferral,
            .source_id = referral_,
            .patients = {patient_},
            .organizations = {township_, hospital_},
            .stage = stage};
  }
  // What is stored after `change`.
  void Store(const CareChange& change) {
    for (const auto* list : {&change.opened, &change.ended}) {
      for (const CareRelationship& one : *list) {
        std::erase_if(stored_, [&](const CareRelationship& old) { return old.id == one.id; });
        stored_.push_back(one);
      }
    }
  }

  const PatientId patient_ = PatientId::New(kNow);
  const OrganizationId township_ = OrganizationId::New(kNow);
  const OrganizationId hospital_ = OrganizationId::New(kNow);
  const base::Uuid referral_ = base::Uuid::V7();
  std::vector<CareRelationship> stored_;
};

TEST_F(CareTest, NobodySeesAnythingBeforeTheBeginning) {
  const CareChange change = Reconcile(Parties(CareStage::kNotYet), stored_, kNow);
  EXPECT_THAT(change.opened, IsEmpty());
  EXPECT_THAT(change.ended, IsEmpty());
}

TEST_F(CareTest, BothSidesOpenOnce) {
  const CareChange change = Reconcile(Parties(CareStage::kOpen), stored_, kNow);
  ASSERT_THAT(change.opened, SizeIs(2));
  EXPECT_EQ(change.opened[0].organization, township_);
  EXPECT_EQ(change.opened[1].organization, hospital_);
  EXPECT_EQ(change.opened[1].started_at, kNow);
  EXPECT_FALSE(change.opened[1].ends_at.has_value());
  Store(change);
  const CareChange again = Reconcile(Parties(CareStage::kOpen), stored_, kNow + absl::Hours(1));
  EXPECT_THAT(again.opened, IsEmpty());
  EXPECT_THAT(again.ended, IsEmpty());
}

TEST_F(CareTest, TheEndOfAReferralLeavesThirtyDays) {
  Store(Reconcile(Parties(CareStage::kOpen), stored_, kNow));
  const CareChange change = Reconcile(Parties(CareStage::kClosed), stored_, kNow);
  EXPECT_THAT(change.opened, IsEmpty());
  ASSERT_THAT(change.ended, SizeIs(2));
  EXPECT_EQ(change.ended[0].ends_at, kNow + absl::Hours(720));
  EXPECT_EQ(change.ended[0].version, 2);
  Store(change);
  EXPECT_THAT(Reconcile(Parties(CareStage::kClosed), stored_, kNow + absl::Hours(1)).ended,
              IsEmpty())
      << "a later event does not move the end out";
}

TEST_F(CareTest, TheEndOfAConsultationLeavesSevenDays) {
  CareParties parties = Parties(CareStage::kOpen);
  parties.source = CareSource::kConsultation;
  parties.organizations = {hospital_};
  Store(Reconcile(parties, stored_, kNow));
  parties.stage = CareStage::kClosed;
  const CareChange change = Reconcile(parties, stored_, kNow);
  ASSERT_THAT(change.ended, SizeIs(1));
  EXPECT_EQ(change.ended[0].ends_at, kNow + absl::Hours(168));
}

TEST_F(CareTest, WhatClosesBeforeItOpenedOpensNothing) {
  const CareChange change = Reconcile(Parties(CareStage::kClosed), stored_, kNow);
  EXPECT_THAT(change.opened, IsEmpty());
  EXPECT_THAT(change.ended, IsEmpty());
}

TEST_F(CareTest, ARedirectEndsTheFormerReceiverAndOpensTheNewOne) {
  Store(Reconcile(Parties(CareStage::kOpen), stored_, kNow));
  CareParties redirected = Parties(CareStage::kOpen);
  redirected.organizations[1] = OrganizationId::New(kNow);
  const CareChange change = Reconcile(redirected, stored_, kNow);
  ASSERT_THAT(change.opened, SizeIs(1));
  EXPECT_EQ(change.opened[0].organization, redirected.organizations[1]);
  ASSERT_THAT(change.ended, SizeIs(1));
  EXPECT_EQ(change.ended[0].organization, hospital_);
  Store(change);
  // And back again: the former receiver's relationship loses its end and keeps its beginning.
  const CareChange back = Reconcile(Parties(CareStage::kOpen), stored_, kNow + absl::Hours(1));
  ASSERT_THAT(back.opened, SizeIs(1));
  EXPECT_EQ(back.opened[0].organization, hospital_);
  EXPECT_EQ(back.opened[0].started_at, kNow);
  EXPECT_FALSE(back.opened[0].ends_at.has_value());
  EXPECT_EQ(back.opened[0].version, 3);
}

TEST_F(CareTest, AMergedPatientsReferralHoldsForBothRecords) {
  CareParties parties = Parties(CareStage::kOpen);
  parties.patients.push_back(PatientId::New(kNow));
  EXPECT_THAT(Reconcile(parties, stored_, kNow).opened, SizeIs(4));
}

TEST_F(CareTest, AContractHoldsOnItsDaysInTheRegionsTime) {
  const Contract contract{.id = ContractId::New(kNow),
                          .patient = patient_,
                          .organization = township_,
                          .start_date = absl::CivilDay(2026, 1, 1),
                          .end_date = absl::CivilDay(2026, 12, 31)};
  const CareRelationship relationship = RelationshipOf(contract);
  EXPECT_EQ(relationship.started_at,
            absl::FromCivil(absl::CivilSecond(2025, 12, 31, 16), absl::UTCTimeZone()));
  EXPECT_EQ(relationship.ends_at,
            absl::FromCivil(absl::CivilSecond(2026, 12, 31, 16), absl::UTCTimeZone()));
  EXPECT_EQ(relationship.source_id, contract.id.uuid());
}

TEST_F(CareTest, AContractThatIsTerminatedEndsAtOnce) {
  CareRelationship open = RelationshipOf({.id = ContractId(referral_),
                                          .patient = patient_,
                                          .organization = township_,
                                          .start_date = DayOf(kNow),
                                          .end_date = DayOf(kNow) + 100});
  CareParties parties = Parties(CareStage::kClosed);
  parties.source = CareSource::kContract;
  const CareChange change = Reconcile(parties, {open}, kNow);
  ASSERT_THAT(change.ended, SizeIs(1));
  EXPECT_EQ(change.ended[0].ends_at, kNow);
}

TEST_F(CareTest, AContractIsSignedForTheOwnOrganizationAndEndsAfterItBegan) {
  Contract contract{.organization = township_,
                    .start_date = absl::CivilDay(2026, 1, 2),
                    .end_date = absl::CivilDay(2026, 1, 2)};
  EXPECT_THAT(Check(contract, {.organization = township_}), IsOk());
  EXPECT_THAT(Check(contract, {.organization = hospital_}),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(Check(contract, {.is_service = true}), IsOk());
  contract.end_date = absl::CivilDay(2026, 1, 1);
  EXPECT_THAT(Check(contract, {.organization = township_}),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::directory
