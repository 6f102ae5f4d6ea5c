// What a withdrawn consent stops and what it does not: the use cases on a real database, with a
// directory that answers as it is told.
#include "services/referral/rpc/consent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/blob/media_sniffer.h"
#include "common/relationship/consents.h"
#include "services/referral/jobs/consents.h"
#include "services/referral/rpc/advice_handlers.h"
#include "services/referral/rpc/attachment_handlers.h"
#include "services/referral/rpc/handlers.h"
#include "services/referral/store/advice_fixture.h"
#include "services/referral/store/mysql_attachment_count.h"
#include "tests/support/directory_consents.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"

namespace yilian::referral {
namespace {

using directory::v1::CONSENT_PURPOSE_REFERRAL;
using directory::v1::CONSENT_PURPOSE_REMOTE_CONSULTATION;
using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using ::testing::Contains;
using ::testing::Not;

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
const OrganizationId kElsewhere = Org(8);  // in another consortium
const Actor kCommunity{.organization = Org(5), .practitioner = Person(5)};

// Every organization exists, each on the level that its way asks for.
class OpenRegion : public ReceiverDirectory,
                   public OrganizationDirectory,
                   public OpinionDirectory,
                   public CitedReports,
                   public RequiredItems {
 public:
  absl::StatusOr<bool> Exists(OrganizationId, DepartmentId, absl::Time) override { return true; }
  absl::StatusOr<std::optional<Organization>> Find(OrganizationId organization,
                                                   absl::Time) override {
    const bool small =
        organization == kAsker.organization || organization == kCommunity.organization;
    const char* consortium = organization == kElsewhere ? "another" : "consortium";
    return Organization{organization, small ? Tier::kTownshipHospital : Tier::kTertiaryHospital,
                        OrganizationId(base::Uuid::V5(base::Uuid(), consortium))};
  }
  absl::StatusOr<std::optional<SignedOpinion>> Find(const std::string&, std::string_view,
                                                    absl::Time) override {
    return std::optional<SignedOpinion>();
  }
  absl::StatusOr<std::vector<std::string>> Unknown(OrganizationId, PatientId,
                                                   const std::vector<std::string>&,
                                                   absl::Time) override {
    return std::vector<std::string>();
  }
  absl::StatusOr<Requirements> Of(DepartmentId, absl::Time) override { return Requirements(); }
};

class ConsentTest : public AdviceFixture {
 protected:
  void SetUp() override {
    AdviceFixture::SetUp();
    if (IsSkipped()) return;
    const std::string folder = pki_.folder() + "/seal";
    std::filesystem::create_directories(folder);
    ASSERT_THAT(crypto::CreateKeyFile(folder + "/2026-11-22.key"), IsOk());
    sealer_ = *crypto::Sealer::Open(folder);
    sniffer_ = *blob::MediaSniffer::Open();
    count_ = std::make_unique<MysqlAttachmentCount>(*pool_);
    Register(kAsker.organization);
    Connect(directory_.NewChannel());
  }
  void Connect(const std::shared_ptr<grpc::Channel>& directory) {
    relationships_ = std::make_unique<relationship::Check>(*pool_, directory, clock_);
    handlers_ =
        std::make_unique<ReferralHandlers>(ReferralHandlers::Deps{.store = *referrals_,
                                                                  .deadlines = deadlines_,
                                                                  .receivers = region_,
                                                                  .organizations = region_,
                                                                  .opinions = region_,
                                                                  .cited_reports = region_,
                                                                  .required_items = region_,
                                                                  .attachments = *count_,
                                                                  .relationships = *relationships_,
                                                                  .sealer = *sealer_,
                                                                  .wake_sagas = [] {}});
    advice_handlers_ =
        std::make_unique<AdviceHandlers>(AdviceHandlers::Deps{.store = *advice_,
                                                              .answers = answers_,
                                                              .deadlines = deadlines_,
                                                              .receivers = region_,
                                                              .organizations = region_,
                                                              .relationships = *relationships_,
                                                              .sealer = *sealer_,
                                                              .zone = absl::UTCTimeZone()});
    attachment_handlers_ = std::make_unique<AttachmentHandlers>(
        AttachmentHandlers::Deps{.store = *attachments_,
                                 .blobs = *blobs_,
                                 .sniffer = *sniffer_,
                                 .relationships = *relationships_});
  }
  void Run(const std::function<absl::Status(mysql::Session&)>& work) {
    EXPECT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Run", .deadline = Deadline()}, work),
                IsOk());
  }
  void Register(OrganizationId organization) {
    EXPECT_THAT(test_support::Relate(*pool_, patient_.uuid(), organization.uuid(), clock_.Now()),
                IsOk());
  }
  template <typename Payload>
  void Tell(const std::string& type, const directory::v1::Consent& consent) {
    Payload payload;
    *payload.mutable_consent() = consent;
    event::v1::Event event;
    event.set_event_id(base::Uuid::V7().ToString());
    event.set_type(type);
    event.mutable_payload()->PackFrom(payload);
    Run([&](mysql::Session& session) {
      return ApplyConsentEvent(session, event, *referrals_, clock_.Now());
    });
  }
  // The patient said yes before, and says no now: to everybody, or to `to` alone.
  void Withdraw(directory::v1::ConsentPurpose purpose, OrganizationId to = {}) {
    directory::v1::Consent consent;
    consent.set_consent_id(base::Uuid::V7().ToString());
    consent.set_patient_id(patient_.ToString());
    consent.set_purpose(purpose);
    if (!to.is_nil()) consent.add_organization_ids(to.ToString());
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    consent.mutable_starts_at()->set_seconds(now - 3600);
    Tell<directory::v1::ConsentRecorded>("ConsentRecorded", consent);
    consent.mutable_revoked_at()->set_seconds(now - 1);
    Tell<directory::v1::ConsentRevoked>("ConsentRevoked", consent);
  }
  void Renew(directory::v1::ConsentPurpose purpose) {
    directory::v1::Consent consent;
    consent.set_consent_id(base::Uuid::V7().ToString());
    consent.set_patient_id(patient_.ToString());
    consent.set_purpose(purpose);
    consent.mutable_starts_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
    Tell<directory::v1::ConsentRecorded>("ConsentRecorded", consent);
  }

  static rpc::Caller CallerOf(const Actor& actor) {
    return {.user_id = actor.practitioner.uuid(),
            .practitioner_id = actor.practitioner.uuid(),
            .organization_id = actor.organization.uuid(),
            .roles = {policy::v1::ROLE_CLINIC_DOCTOR}};
  }
  absl::StatusOr<v1::Referral> Create(bool submit, v1::Urgency urgency = v1::URGENCY_ROUTINE) {
    v1::CreateReferralRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_patient_id(patient_.ToString());
    request.set_direction(v1::DIRECTION_UP);
    request.set_channel(v1::CHANNEL_STANDARD);
    request.set_setting(v1::SETTING_OUTPATIENT);
    request.set_urgency(urgency);
    request.set_receiving_organization_id(kSpecialist.organization.ToString());
    request.set_receiving_department_id(base::Uuid::V7().ToString());
    request.mutable_summary()->set_complaint("胸痛");
    request.mutable_summary()->mutable_diagnosis()->set_code("I20.0");
    request.set_submit(submit);
    request.set_patient_consented(true);
    return handlers_->Create(TestCall(CallerOf(kAsker), request), request);
  }
  template <typename Request>
  Request On(const v1::Referral& read) {
    Request request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_referral_id(read.referral_id());
    request.set_etag(Get(read, kAsker).etag());
    return request;
  }
  v1::Referral Get(const v1::Referral& read, const Actor& reader) {
    v1::GetReferralRequest request;
    request.set_referral_id(read.referral_id());
    const auto found = handlers_->Get(TestCall(CallerOf(reader), request), request);
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : v1::Referral();
  }
  std::vector<v1::Command> ActionsFor(const v1::Referral& read) {
    v1::ListAvailableActionsRequest request;
    request.set_referral_id(read.referral_id());
    const auto found =
        handlers_->ListAvailableActions(TestCall(CallerOf(kAsker), request), request);
    EXPECT_THAT(found, IsOk());
    std::vector<v1::Command> commands;
    for (const int command : found->commands())
      commands.push_back(static_cast<v1::Command>(command));
    return commands;
  }
  absl::Status Submit(const v1::Referral& read) {
    auto request = On<v1::SubmitReferralRequest>(read);
    request.set_patient_consented(true);
    return handlers_->Submit(TestCall(CallerOf(kAsker), request), request).status();
  }
  absl::Status Return(const v1::Referral& read) {
    auto request = On<v1::ReturnReferralRequest>(read);
    request.set_reason(v1::REASON_CODE_INFORMATION_MISSING);
    request.set_comment("缺心电图");
    return handlers_->Return(TestCall(CallerOf(kSpecialist), request), request).status();
  }
  absl::Status Accept(const v1::Referral& read) {
    const auto request = On<v1::AcceptReferralRequest>(read);
    return handlers_->Accept(TestCall(CallerOf(kSpecialist), request), request).status();
  }
  absl::Status Redirect(const v1::Referral& read, const Actor& to) {
    auto request = On<v1::RedirectReferralRequest>(read);
    request.set_receiving_organization_id(to.organization.ToString());
    request.set_receiving_department_id(base::Uuid::V7().ToString());
    request.set_reason(v1::REASON_CODE_WRONG_DEPARTMENT);
    request.set_comment("请贵院看");
    return handlers_->Redirect(TestCall(CallerOf(kSpecialist), request), request).status();
  }
  void Set(const v1::Referral& read, State state) {
    Run([&](mysql::Session& session) {
      return referrals_
          ->ApplyInJob(session, *ReferralId::Parse(read.referral_id()), clock_.Now(),
                       [&](const Referral& now, absl::Time) {
                         Change change{.after = now, .events = {"ReferralMovedInTest"}};
                         change.after.state = state;
                         ++change.after.version;
                         return std::optional<Change>(change);
                       })
          .status();
    });
  }
  absl::Status Complete(const v1::Referral& read, const Actor& down_to) {
    auto request = On<v1::CompleteReferralRequest>(read);
    request.set_outcome_letter("已行支架植入，病情平稳。");
    auto* down = request.mutable_down_referral();
    down->set_receiving_organization_id(down_to.organization.ToString());
    down->mutable_care_plan()->set_discharge_summary("支架术后");
    auto* task = down->mutable_care_plan()->add_tasks();
    task->set_instruction("复查血钾");
    task->set_due_date(absl::FormatCivilTime(absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone())));
    return handlers_->Complete(TestCall(CallerOf(kSpecialist), request), request).status();
  }
  absl::Status Upload(const v1::Referral& read, const Actor& by) {
    v1::BeginUploadRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_referral_id(read.referral_id());
    request.set_name("ecg.pdf");
    request.set_media_type(v1::MEDIA_TYPE_PDF);
    request.set_size(4);
    request.set_sha256(std::string(32, 's'));
    return attachment_handlers_->BeginUpload(TestCall(CallerOf(by), request), request).status();
  }
  std::vector<std::string> EventsOf(const v1::Referral& read) {
    return Events(*base::Uuid::Parse(read.referral_id()));
  }

  const PatientId patient_{base::Uuid::V7()};
  test_support::DirectoryConsents directory_;
  OpenRegion region_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<blob::MediaSniffer> sniffer_;
  std::unique_ptr<MysqlAttachmentCount> count_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<ReferralHandlers> handlers_;
  std::unique_ptr<AdviceHandlers> advice_handlers_;
  std::unique_ptr<AttachmentHandlers> attachment_handlers_;
};

TEST_F(ConsentTest, NobodyHavingAskedIsNoRefusal) {
  EXPECT_THAT(Create(true), IsOk());
  EXPECT_EQ(directory_.asked(), 0) << "one local query, no call";
}

TEST_F(ConsentTest, NothingIsSubmittedToWhomThePatientSaidNo) {
  Withdraw(CONSENT_PURPOSE_REFERRAL, kSpecialist.organization);
  EXPECT_THAT(Create(true), StatusIs(kRefused, "CONSENT_WITHDRAWN"));
  const auto draft = Create(false);
  ASSERT_THAT(draft, IsOk()) << "a draft is handed to nobody";
  const absl::Status refused = Submit(*draft);
  EXPECT_THAT(refused, StatusIs(kRefused, "CONSENT_WITHDRAWN"));
  EXPECT_EQ(status::InfoOf(refused)->domain(), "yilian.referral");
  EXPECT_EQ(status::InfoOf(refused)->metadata().at("organization_id"),
            kSpecialist.organization.ToString());
  EXPECT_EQ(Get(*draft, kAsker).state(), v1::STATE_DRAFT);
  EXPECT_THAT(ActionsFor(*draft), Not(Contains(v1::COMMAND_SUBMIT)));
  Renew(CONSENT_PURPOSE_REFERRAL);
  EXPECT_THAT(ActionsFor(*draft), Contains(v1::COMMAND_SUBMIT));
}

TEST_F(ConsentTest, AnEmergencyWaitsForNoPaper) {
  Withdraw(CONSENT_PURPOSE_REFERRAL);
  EXPECT_THAT(Create(true, v1::URGENCY_EMERGENCY), IsOk());
}

TEST_F(ConsentTest, AnotherPurposeOrAnotherOrganizationIsNotMeant) {
  Withdraw(CONSENT_PURPOSE_REMOTE_CONSULTATION);
  Withdraw(CONSENT_PURPOSE_REFERRAL, Org(3));
  EXPECT_THAT(Create(true), IsOk());
}

TEST_F(ConsentTest, ANewConsentCountsBeforeItsEventHasCome) {
  Withdraw(CONSENT_PURPOSE_REFERRAL);
  directory_.Allow(true);
  EXPECT_THAT(Create(true), IsOk());
  EXPECT_EQ(directory_.asked(), 1);
}

TEST_F(ConsentTest, WithoutTheDirectoryAWithdrawalStands) {
  Withdraw(CONSENT_PURPOSE_REFERRAL);
  Connect(grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()));
  EXPECT_THAT(Create(true).status(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ConsentTest, BothSidesOfAnOpenReferralAreToldAndKeepWhatTheyHave) {
  const auto submitted = Create(true);
  ASSERT_THAT(submitted, IsOk());
  Withdraw(CONSENT_PURPOSE_REFERRAL);
  for (const Actor& side : {kAsker, kSpecialist}) {
    const v1::Referral read = Get(*submitted, side);
    EXPECT_TRUE(read.consent_withdrawn());
    EXPECT_EQ(read.summary().complaint(), "胸痛");
  }
  EXPECT_THAT(EventsOf(*submitted), Contains("ReferralConsentWithdrawn"));
  EXPECT_THAT(Accept(*submitted), IsOk()) << "care goes on";
  EXPECT_TRUE(Get(*submitted, kAsker).consent_withdrawn());
  Renew(CONSENT_PURPOSE_REFERRAL);
  EXPECT_FALSE(Get(*submitted, kSpecialist).consent_withdrawn());
  EXPECT_THAT(EventsOf(*submitted), Contains("ReferralConsentRenewed"));
}

TEST_F(ConsentTest, AReferralToAnotherOrganizationIsNotTouched) {
  const auto submitted = Create(true);
  ASSERT_THAT(submitted, IsOk());
  Withdraw(CONSENT_PURPOSE_REFERRAL, Org(3));
  EXPECT_FALSE(Get(*submitted, kAsker).consent_withdrawn());
  EXPECT_THAT(EventsOf(*submitted), Not(Contains("ReferralConsentWithdrawn")));
}

TEST_F(ConsentTest, AReturnedReferralIsNotHandedOverAgain) {
  const auto submitted = Create(true);
  ASSERT_THAT(submitted, IsOk());
  Withdraw(CONSENT_PURPOSE_REFERRAL);
  ASSERT_THAT(Return(*submitted), IsOk());
  EXPECT_THAT(Submit(*submitted), StatusIs(kRefused, "CONSENT_WITHDRAWN"));
  Renew(CONSENT_PURPOSE_REFERRAL);
  EXPECT_THAT(Submit(*submitted), IsOk());
}

TEST_F(ConsentTest, ARedirectAsksForTheNewReceiver) {
  const auto submitted = Create(true);
  ASSERT_THAT(submitted, IsOk());
  Withdraw(CONSENT_PURPOSE_REFERRAL, Org(3));
  EXPECT_THAT(Redirect(*submitted, {.organization = Org(3)}),
              StatusIs(kRefused, "CONSENT_WITHDRAWN"));
  EXPECT_THAT(Redirect(*submitted, {.organization = Org(4)}), IsOk());
  // The first receiver takes back what it has seen, whatever the patient says of it now.
  Withdraw(CONSENT_PURPOSE_REFERRAL, kSpecialist.organization);
  EXPECT_THAT(Redirect(*submitted, kSpecialist), IsOk());
}

TEST_F(ConsentTest, TheWayBackAsksForTheCommunityCentre) {
  const auto submitted = Create(true);
  ASSERT_THAT(submitted, IsOk());
  Set(*submitted, State::kInCare);
  Withdraw(CONSENT_PURPOSE_REFERRAL, kCommunity.organization);
  EXPECT_THAT(Complete(*submitted, kCommunity), StatusIs(kRefused, "CONSENT_WITHDRAWN"));
  EXPECT_EQ(Get(*submitted, kAsker).state(), v1::STATE_IN_CARE);
  EXPECT_THAT(Complete(*submitted, kAsker), IsOk());
}

TEST_F(ConsentTest, NothingIsAttachedForTheOtherSideUntilThePatientIsThere) {
  const auto draft = Create(false);
  const auto submitted = Create(true);
  ASSERT_THAT(submitted, IsOk());
  Withdraw(CONSENT_PURPOSE_REFERRAL);
  EXPECT_THAT(Upload(*draft, kAsker), IsOk());
  EXPECT_THAT(Upload(*submitted, kAsker), StatusIs(kRefused, "CONSENT_WITHDRAWN"));
  EXPECT_THAT(Upload(*submitted, kSpecialist), IsOk()) << "goes to where the patient is known";
  Set(*submitted, State::kArrived);
  EXPECT_THAT(Upload(*submitted, kAsker), IsOk());
}

TEST_F(ConsentTest, NoSpecialistIsAskedOrAskedOn) {
  v1::AskAdviceRequest ask;
  ask.set_request_id(base::Uuid::V7().ToString());
  ask.set_patient_id(patient_.ToString());
  ask.set_urgency(v1::URGENCY_ROUTINE);
  ask.set_advising_organization_id(kSpecialist.organization.ToString());
  ask.set_advising_department_id(kCardiology.ToString());
  ask.set_question("血压控制不佳");
  ask.set_patient_consented(true);
  v1::AskAdviceRequest elsewhere = ask;
  elsewhere.set_advising_organization_id(kElsewhere.ToString());
  EXPECT_THAT(advice_handlers_->Ask(TestCall(CallerOf(kAsker), elsewhere), elsewhere),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  const auto asked = advice_handlers_->Ask(TestCall(CallerOf(kAsker), ask), ask);
  ASSERT_THAT(asked, IsOk());
  Withdraw(CONSENT_PURPOSE_REMOTE_CONSULTATION);
  ask.set_request_id(base::Uuid::V7().ToString());
  EXPECT_THAT(advice_handlers_->Ask(TestCall(CallerOf(kAsker), ask), ask),
              StatusIs(kRefused, "CONSENT_WITHDRAWN"));
  v1::SayAdviceRequest say;
  say.set_request_id(base::Uuid::V7().ToString());
  say.set_advice_id(asked->advice_id());
  say.set_etag(asked->etag());
  say.set_text("昨日血压 180/110");
  EXPECT_THAT(advice_handlers_->Continue(TestCall(CallerOf(kAsker), say), say),
              StatusIs(kRefused, "CONSENT_WITHDRAWN"));
  EXPECT_THAT(advice_handlers_->Answer(TestCall(CallerOf(kSpecialist), say), say), IsOk());
}

}  // namespace
}  // namespace yilian::referral
