// What a referral cites is asked of `lab` when it is handed over.
#include "services/referral/rpc/citations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/referral/rpc/referral_handlers_fixture.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

class CitationsTest : public ReferralHandlersFixture {
 protected:
  static v1::Citation Cited(v1::Citation::Kind kind, const std::string& id) {
    v1::Citation citation;
    citation.set_kind(kind);
    citation.set_id(id);
    return citation;
  }
  v1::CreateReferralRequest Citing(const std::vector<std::string>& reports) {
    v1::CreateReferralRequest request = NewRequest();
    *request.add_citations() = Cited(v1::Citation::KIND_IMAGING_STUDY, "1.2.840.113619.2");
    for (const std::string& report : reports) {
      *request.add_citations() = Cited(v1::Citation::KIND_LAB_REPORT, report);
    }
    return request;
  }
  absl::StatusOr<v1::Referral> Submit(const v1::Referral& draft,
                                      v1::Channel channel = v1::CHANNEL_UNSPECIFIED) {
    auto request = On<v1::SubmitReferralRequest>(draft);
    request.set_patient_consented(true);
    request.set_channel(channel);
    return handlers_->Submit(By(kAsker, request), request);
  }

  const std::string known_ = base::Uuid::V7().ToString();
  const std::string unknown_ = base::Uuid::V7().ToString();
};

TEST_F(CitationsTest, AReportThatIsNotThereIsRefusedByItsField) {
  region_.known_reports = {known_};
  const auto refused = Create(Citing({known_, unknown_}));
  EXPECT_THAT(refused, StatusIs(kBad, "FIELD_INVALID"));
  EXPECT_THAT(RefusedFields(refused.status()), ElementsAre("citations[2].id"));
  EXPECT_EQ(region_.asked_by, kAsker.organization);
  EXPECT_EQ(region_.asked_about, patient_);
  const auto created = Create(Citing({known_}));
  ASSERT_THAT(created, IsOk());
  EXPECT_FALSE(created->citations_unchecked());
}

TEST_F(CitationsTest, ADraftIsNotAskedAboutUntilItIsHandedOver) {
  v1::CreateReferralRequest request = Citing({unknown_});
  request.set_submit(false);
  const auto draft = Create(request);
  ASSERT_THAT(draft, IsOk());
  EXPECT_EQ(region_.asked_for_reports, 0);
  const auto refused = Submit(*draft);
  EXPECT_THAT(refused, StatusIs(kBad, "FIELD_INVALID"));
  EXPECT_THAT(RefusedFields(refused.status()), ElementsAre("citations[1].id"));
  auto without = On<v1::SubmitReferralRequest>(*draft);
  without.set_patient_consented(true);
  without.mutable_citations();
  EXPECT_THAT(handlers_->Submit(By(kAsker, without), without), IsOk()) << "left out, as it says";
}

TEST_F(CitationsTest, WhatIsNoReportIsNotAskedAbout) {
  EXPECT_THAT(Create(Citing({})), IsOk());
  EXPECT_THAT(Create(Citing({"L-1001"})), StatusIs(kBad, "FIELD_INVALID"));
  EXPECT_EQ(region_.asked_for_reports, 0);
}

TEST_F(CitationsTest, WithoutTheLaboratoryServiceASubmissionWaitsAndSaysWhatToDo) {
  for (const absl::Status& away :
       {absl::UnavailableError("down"), absl::DeadlineExceededError("slow")}) {
    region_.lab = away;
    const auto refused = Create(Citing({known_}));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable, "CITATIONS_UNCHECKED"));
    EXPECT_TRUE(status::RetryOf(refused.status()).has_value());
    EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("submit again"));
  }
  EXPECT_THAT(Create(NewRequest()), IsOk()) << "cites nothing";
}

TEST_F(CitationsTest, GreenChannelAndEmergencyAreNotHeldUpAndTheReceiverIsTold) {
  region_.lab = absl::UnavailableError("down");
  v1::CreateReferralRequest green = Citing({known_});
  green.set_channel(v1::CHANNEL_GREEN);
  v1::CreateReferralRequest emergency = Citing({known_});
  emergency.set_urgency(v1::URGENCY_EMERGENCY);
  emergency.mutable_summary()->set_complaint("昏迷");
  for (const auto& request : {green, emergency}) {
    const auto created = Create(request);
    ASSERT_THAT(created, IsOk());
    v1::GetReferralRequest get;
    get.set_referral_id(created->referral_id());
    const auto read = handlers_->Get(By(kSpecialist, get), get);
    ASSERT_THAT(read, IsOk());
    EXPECT_TRUE(read->citations_unchecked());
  }
  region_.lab = absl::OkStatus();
  green.set_request_id(base::Uuid::V7().ToString());
  EXPECT_THAT(Create(green), StatusIs(kBad, "FIELD_INVALID")) << "that they are not there is known";
}

TEST_F(CitationsTest, ASubmissionMayNameItsChannelAndNoOther) {
  v1::CreateReferralRequest request = NewRequest();
  request.set_submit(false);
  request.set_channel(v1::CHANNEL_GREEN);
  const auto draft = Create(request);
  ASSERT_THAT(draft, IsOk());
  const auto refused = Submit(*draft, v1::CHANNEL_STANDARD);
  EXPECT_THAT(refused, StatusIs(kBad, "FIELD_INVALID"));
  EXPECT_THAT(RefusedFields(refused.status()), ElementsAre("channel"));
  EXPECT_THAT(Submit(*draft, v1::CHANNEL_GREEN), IsOk());
}

}  // namespace
}  // namespace yilian::referral
