// To whom and from what a referral may be made: asked wherever somebody names a receiver or a
// source.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/referral/rpc/referral_handlers_fixture.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

class ReceiverChecksTest : public ReferralHandlersFixture {
 protected:
  void SetUp() override {
    ReferralHandlersFixture::SetUp();
    region_.Add(kVillage, Tier::kVillageClinic);
    region_.Add(kOutside, Tier::kTertiaryHospital, "another");
    region_.Add(kOutsideTownship, Tier::kTownshipHospital, "another");
    region_.Add(kAuthority, Tier::kHealthAuthority);
  }
  absl::Status CreateFor(OrganizationId receiver, v1::Direction direction = v1::DIRECTION_UP) {
    v1::CreateReferralRequest request = NewRequest();
    request.set_receiving_organization_id(receiver.ToString());
    request.set_direction(direction);
    request.set_submit(false);
    return Create(request).status();
  }
  v1::Referral Submitted() {
    const auto created = Create(NewRequest());
    EXPECT_THAT(created, IsOk());
    return created.ok() ? *created : v1::Referral();
  }
  // The patient has been in the hospital's care.
  v1::Referral InCare() {
    const v1::Referral submitted = Submitted();
    EXPECT_THAT(mysql::RunTransaction(
                    *pool_, {.name = "test.InCare", .deadline = Deadline()},
                    [&](mysql::Session& session) {
                      return referrals_
                          ->ApplyInJob(
                              session, *ReferralId::Parse(submitted.referral_id()), clock_.Now(),
                              [](const Referral& now, absl::Time at) {
                                Change change{.after = now, .events = {"ReferralMovedInTest"}};
                                change.after.state = State::kInCare;
                                change.after.updated_at = at;
                                ++change.after.version;
                                return std::optional<Change>(change);
                              })
                          .status();
                    }),
                IsOk());
    v1::GetReferralRequest get;
    get.set_referral_id(submitted.referral_id());
    return *handlers_->Get(By(kSpecialist, get), get);
  }
  absl::Status CompleteFor(const v1::Referral& referral, OrganizationId down_to) {
    auto request = On<v1::CompleteReferralRequest>(referral);
    request.set_outcome_letter("病情平稳");
    auto* down = request.mutable_down_referral();
    down->set_receiving_organization_id(down_to.ToString());
    down->mutable_care_plan()->set_discharge_summary("支架术后");
    auto* task = down->mutable_care_plan()->add_tasks();
    task->set_instruction("复查血钾");
    task->set_due_date(absl::FormatCivilTime(absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone())));
    return handlers_->Complete(By(kSpecialist, request), request).status();
  }

  const OrganizationId kNowhere = Org(9);
  const OrganizationId kVillage = Org(10);
  const OrganizationId kOutside = Org(11);
  const OrganizationId kOutsideTownship = Org(12);
  const OrganizationId kAuthority = Org(13);
};

constexpr char kReceiver[] = "receiving_organization_id, receiving_department_id";

TEST_F(ReceiverChecksTest, CreateNamesAReceiverOfTheRegionTheConsortiumAndTheDirection) {
  const absl::Status unknown = CreateFor(kNowhere);
  EXPECT_THAT(unknown, StatusIs(kBad, "RECEIVER_UNKNOWN"));
  EXPECT_THAT(RefusedFields(unknown), ElementsAre(kReceiver));
  const absl::Status outside = CreateFor(kOutside);
  EXPECT_THAT(outside, StatusIs(kBad, "FIELD_INVALID"));
  EXPECT_THAT(RefusedFields(outside), ElementsAre(kReceiver));
  const absl::Status downwards = CreateFor(kVillage);
  EXPECT_THAT(downwards, StatusIs(kBad, "FIELD_INVALID"));
  EXPECT_THAT(RefusedFields(downwards), ElementsAre("direction"));
  EXPECT_THAT(RefusedFields(CreateFor(kSpecialist.organization, v1::DIRECTION_LATERAL)),
              ElementsAre("direction"));
  EXPECT_THAT(RefusedFields(CreateFor(kOutsideTownship)), ElementsAre(kReceiver, "direction"))
      << "all that is wrong at once";
  EXPECT_THAT(RefusedFields(CreateFor(kAuthority)), ElementsAre(kReceiver));
  EXPECT_THAT(CreateFor(kSpecialist.organization), IsOk());
}

TEST_F(ReceiverChecksTest, RedirectAsksForTheNewReceiverAsSeenFromTheReferrer) {
  const v1::Referral submitted = Submitted();
  const absl::Status unknown = Redirect(submitted, kNowhere).status();
  EXPECT_THAT(unknown, StatusIs(kBad, "RECEIVER_UNKNOWN"));
  EXPECT_THAT(RefusedFields(unknown), ElementsAre(kReceiver));
  EXPECT_THAT(RefusedFields(Redirect(submitted, kOutside).status()), ElementsAre(kReceiver));
  EXPECT_THAT(RefusedFields(Redirect(submitted, kVillage).status()), ElementsAre("direction"));
  // Down from the hospital that redirects, but up from the township that refers.
  EXPECT_THAT(Redirect(submitted, kOtherHospital.organization), IsOk());
}

TEST_F(ReceiverChecksTest, RedirectAsksForWhatTheNewDepartmentRequires) {
  const v1::Referral submitted = Submitted();
  const DepartmentId clinic(base::Uuid::V7());
  region_.required_by = clinic;
  region_.required = {.items = {{"HISTORY", RequiredItemKind::kText, "病史", {}, {}},
                                {"ECG", RequiredItemKind::kAttachment, "心电图", {}, {}}},
                      .settings = {Setting::kInpatient}};
  const absl::Status refused = Redirect(submitted, kOtherHospital.organization, clinic).status();
  EXPECT_THAT(refused, StatusIs(kBad, "FIELD_INVALID"));
  EXPECT_THAT(RefusedFields(refused), ElementsAre("receiving_department_id"));
  region_.required.settings.clear();
  const absl::Status incomplete = Redirect(submitted, kOtherHospital.organization, clinic).status();
  EXPECT_THAT(incomplete, StatusIs(absl::StatusCode::kFailedPrecondition, "INCOMPLETE"));
  EXPECT_EQ(status::PreconditionOf(incomplete)->violations_size(), 2);
  EXPECT_THAT(Redirect(submitted, kOtherHospital.organization), IsOk()) << "a department without";
}

TEST_F(ReceiverChecksTest, CompleteAsksForWhoIsToGoOnWithThePatient) {
  const v1::Referral in_care = InCare();
  constexpr char kDown[] = "down_referral.receiving_organization_id";
  const absl::Status unknown = CompleteFor(in_care, kNowhere);
  EXPECT_THAT(unknown, StatusIs(kBad, "RECEIVER_UNKNOWN"));
  EXPECT_THAT(RefusedFields(unknown), ElementsAre(kDown));
  const absl::Status outside = CompleteFor(in_care, kOutsideTownship);
  EXPECT_THAT(outside, StatusIs(kBad, "FIELD_INVALID"));
  EXPECT_THAT(RefusedFields(outside), ElementsAre(kDown));
  region_.Add(kOtherHospital.organization, Tier::kTertiaryHospital);
  EXPECT_THAT(RefusedFields(CompleteFor(in_care, kOtherHospital.organization)),
              ElementsAre("direction"))
      << "not down";
  EXPECT_THAT(CompleteFor(in_care, kVillage), IsOk()) << "nothing of the refusals was kept";
}

class SourceTest : public ReferralHandlersFixture {
 protected:
  absl::Status From(const std::string& id, const std::string& token = "token") {
    v1::CreateReferralRequest request = NewRequest();
    request.mutable_source()->set_kind(v1::Source::KIND_OPINION);
    request.mutable_source()->set_id(id);
    return handlers_->Create(By(kAsker, request, token), request).status();
  }
  const std::string consultation_ = base::Uuid::V7().ToString();
};

TEST_F(SourceTest, IsASignedOpinionThatTheOrganizationAskedForOnThisPatient) {
  const auto refused = [](const absl::Status& status, const char* field) {
    EXPECT_THAT(status, StatusIs(kBad, "SOURCE_UNFIT"));
    EXPECT_THAT(RefusedFields(status), ElementsAre(field));
  };
  const SignedOpinion fit{.patient = patient_, .requesting_organization = kAsker.organization};
  region_.opinion = fit;
  refused(From("E-1001"), "source.id");
  refused(From(consultation_, ""), "source");
  region_.opinion.reset();
  refused(From(consultation_), "source.id");
  region_.opinion = {.patient = patient_, .requesting_organization = kSpecialist.organization};
  refused(From(consultation_), "source.id");
  region_.opinion = {.patient = PatientId(base::Uuid::V7()),
                     .requesting_organization = kAsker.organization};
  refused(From(consultation_), "source.id");
  region_.opinion = fit;
  EXPECT_THAT(From(consultation_), IsOk());
}

TEST_F(SourceTest, AForeignOpinionLooksLikeNone) {
  const absl::Status none = From(consultation_);
  region_.opinion = {.patient = patient_, .requesting_organization = kSpecialist.organization};
  EXPECT_EQ(From(consultation_).message(), none.message());
  EXPECT_EQ(status::BadRequestOf(From(consultation_))->SerializeAsString(),
            status::BadRequestOf(none)->SerializeAsString());
}

}  // namespace
}  // namespace yilian::referral
