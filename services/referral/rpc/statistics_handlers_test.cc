// Whose figures a caller is shown, and who may say what of a completed referral.
#include "services/referral/rpc/statistics_handlers.h"

#include "services/referral/rpc/handlers.h"
#include "services/referral/store/mysql_statistics_rebuild.h"
#include "services/referral/store/statistics_fixture.h"
#include "tests/support/directory_consents.h"
#include "tests/support/test_call.h"

namespace yilian::referral {
namespace {

using status::StatusIs;
using test_support::TestCall;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr auto kCoordinator = policy::v1::ROLE_REFERRAL_COORDINATOR;
constexpr auto kRegion = policy::v1::ROLE_REGIONAL_ADMINISTRATOR;

// Nothing that is asked here asks anybody.
class NoDirectory : public ReceiverDirectory,
                    public OrganizationDirectory,
                    public OpinionDirectory,
                    public CitedReports,
                    public RequiredItems,
                    public AttachmentCount {
 public:
  absl::StatusOr<bool> Exists(OrganizationId, DepartmentId, absl::Time) override { return false; }
  absl::StatusOr<std::optional<Organization>> Find(OrganizationId, absl::Time) override {
    return std::optional<Organization>();
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
  absl::StatusOr<int> Of(ReferralId, absl::Time) override { return 0; }
};

class RatesHandlersTest : public StatisticsFixture {
 protected:
  void SetUp() override {
    StatisticsFixture::SetUp();
    if (IsSkipped()) return;
    rebuild_ = std::make_unique<MysqlStatisticsRebuild>(*unit_, *statistics_);
    handlers_ = std::make_unique<StatisticsHandlers>(*statistics_, *rebuild_);
    relationships_ = std::make_unique<relationship::Check>(*pool_, directory_.NewChannel(), clock_);
    commands_ =
        std::make_unique<ReferralHandlers>(ReferralHandlers::Deps{.store = *referrals_,
                                                                  .deadlines = deadlines_,
                                                                  .receivers = nobody_,
                                                                  .organizations = nobody_,
                                                                  .opinions = nobody_,
                                                                  .cited_reports = nobody_,
                                                                  .required_items = nobody_,
                                                                  .attachments = nobody_,
                                                                  .relationships = *relationships_,
                                                                  .sealer = sealer_,
                                                                  .wake_sagas = [] {}});
  }

  static rpc::Caller Caller(const Actor& of, policy::v1::Role role) {
    return {.user_id = base::Uuid::V5(of.organization.uuid(), "user"),
            .practitioner_id = base::Uuid::V5(of.organization.uuid(), "practitioner"),
            .organization_id = of.organization.uuid(),
            .roles = {role}};
  }
  absl::StatusOr<int64_t> ReceivedBy(const Actor& organization, const rpc::Caller& asks) {
    v1::GetStatisticsRequest request;
    request.set_organization_id(organization.organization.ToString());
    request.set_grain(v1::GRAIN_MONTH);
    request.set_first_day("2026-03-01");
    request.set_last_day("2026-03-31");
    const auto found = handlers_->GetStatistics(TestCall(asks, request), request);
    if (!found.ok()) return found.status();
    return found->total().counts().received();
  }
  absl::StatusOr<std::vector<std::string>> TasksFor(const rpc::Caller& asks, const Actor& owner,
                                                    bool sent) {
    v1::ListNotActedRequest request;
    if (!owner.organization.is_nil()) request.set_organization_id(owner.organization.ToString());
    request.set_sent(sent);
    const auto found = commands_->ListNotActed(TestCall(asks, request), request);
    if (!found.ok()) return found.status();
    std::vector<std::string> tasks;
    for (const v1::NotActed& task : found->tasks()) tasks.push_back(task.task_id());
    return tasks;
  }
  // A down-referral of the hospital whose task nobody has done by its date.
  std::string Overdue(const Actor& centre) {
    const TaskId task(base::Uuid::V7());
    Referral down{.id = ReferralId(base::Uuid::V7()), .patient = PatientId(base::Uuid::V7())};
    down.direction = Direction::kDown;
    down.state = State::kAccepted;
    down.referring_organization = kHospital.organization;
    down.receiving_organization = centre.organization;
    down.submitted_at = clock_.Now();
    down.updated_at = clock_.Now();
    down.version = 1;
    down.care_plan = CarePlan{.discharge_summary = "好转出院",
                              .tasks = {{.id = task,
                                         .instruction = "复查血钾",
                                         .due_date = absl::CivilDay(2026, 3, 1),
                                         .state = TaskState::kOverdue}}};
    EXPECT_THAT(
        referrals_->Create<v1::Referral>(
            WriteAs(kHospital.organization.uuid()),
            [&](absl::Time) { return Change{.after = down, .events = {"ReferralSubmitted"}}; },
            [](const std::vector<Change>&) { return v1::Referral(); }),
        IsOk());
    return task.ToString();
  }
  template <typename Request>
  static Request On(const Referral& referral) {
    Request request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_referral_id(referral.id.ToString());
    return request;
  }
  absl::StatusOr<v1::Referral> Ask(const Referral& referral, const rpc::Caller& asks) {
    auto request = On<v1::RecordPatientRatingRequest>(referral);
    request.set_score(4);
    request.set_respondent(v1::RESPONDENT_FAMILY_MEMBER);
    return commands_->RecordPatientRating(TestCall(asks, request), request);
  }
  absl::StatusOr<v1::Referral> Contact(const Referral& referral, const rpc::Caller& asks,
                                       absl::Time at, const std::string& request_id = "") {
    auto request = On<v1::RecordClosingContactRequest>(referral);
    if (!request_id.empty()) request.set_request_id(request_id);
    wire::SetTime(request.mutable_contacted_at(), at);
    request.set_reached(true);
    request.set_satisfaction(v1::SATISFACTION_SATISFIED);
    request.set_remarks("恢复良好");
    return commands_->RecordClosingContact(TestCall(asks, request), request);
  }

  const Actor kOther{.organization = Org(3)};
  NoDirectory nobody_;
  test_support::DirectoryConsents directory_;
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<MysqlStatisticsRebuild> rebuild_;
  std::unique_ptr<StatisticsHandlers> handlers_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<ReferralHandlers> commands_;
};

TEST_F(RatesHandlersTest, AnOrganizationSeesItsOwnFiguresAndTheRegionAll) {
  Submit(kHospital, cardiology_);
  Submit(kHospital, cardiology_);
  Submit(kOther, cardiology_);
  Follow();
  EXPECT_EQ(*ReceivedBy(kHospital, Caller(kHospital, kCoordinator)), 2);
  const auto not_found = StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND");
  EXPECT_THAT(ReceivedBy(kOther, Caller(kHospital, kCoordinator)), not_found);
  EXPECT_THAT(ReceivedBy({.organization = Org(99)}, Caller(kHospital, kCoordinator)), not_found)
      << "as one that does not exist";
  EXPECT_EQ(*ReceivedBy(kOther, Caller(kTownship, kRegion)), 1);
  EXPECT_EQ(*ReceivedBy(kOther, rpc::Caller{.service = "ctl"}), 1);
}

TEST_F(RatesHandlersTest, TheRankingIsOfAllForWhomThePolicyLetsIn) {
  Submit(kHospital, cardiology_);
  Submit(kOther, cardiology_);
  Follow();
  v1::RankOrganizationsRequest request;
  request.set_day("2026-03-15");
  request.set_rank_by(v1::RANK_BY_RESPONSE);
  for (const policy::v1::Role role : {kCoordinator, kRegion}) {
    const auto ranked =
        handlers_->RankOrganizations(TestCall(Caller(kHospital, role), request), request);
    ASSERT_THAT(ranked, IsOk());
    std::vector<std::string> organizations;
    for (const auto& one : ranked->organizations()) organizations.push_back(one.organization_id());
    EXPECT_THAT(organizations, UnorderedElementsAre(kHospital.organization.ToString(),
                                                    kOther.organization.ToString()));
  }
  // The handler shows all that it has: who may ask is the policy's, and these are all.
  const auto* method = v1::RankOrganizationsRequest::descriptor()
                           ->file()
                           ->FindServiceByName("ReferralStatisticsService")
                           ->FindMethodByName("RankOrganizations");
  const policy::v1::MethodPolicy& rule = method->options().GetExtension(policy::v1::policy);
  EXPECT_THAT(rule.roles(), ElementsAre(kCoordinator, kRegion));
  EXPECT_FALSE(rule.any_person());
  EXPECT_FALSE(rule.organization_systems());
}

TEST_F(RatesHandlersTest, WhatNobodyActedOnIsShownToWhomItConcernsAndToTheRegion) {
  const std::string mine = Overdue(kTownship);
  const std::string others = Overdue(kOther);
  EXPECT_THAT(*TasksFor(Caller(kTownship, kCoordinator), kTownship, false), ElementsAre(mine));
  EXPECT_THAT(*TasksFor(Caller(kHospital, kCoordinator), kHospital, true),
              UnorderedElementsAre(mine, others));
  const auto not_found = StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND");
  EXPECT_THAT(TasksFor(Caller(kTownship, kCoordinator), kOther, false), not_found);
  EXPECT_THAT(TasksFor(Caller(kTownship, kCoordinator), {}, false), not_found)
      << "the whole region's";
  EXPECT_THAT(*TasksFor(Caller(kTownship, kRegion), kOther, false), ElementsAre(others));
  EXPECT_THAT(*TasksFor(Caller(kTownship, kRegion), {}, false), UnorderedElementsAre(mine, others));
}

TEST_F(RatesHandlersTest, ThePatientIsAskedByTheReferrerOrByAnOffice) {
  const Referral referral = Submit(kHospital, cardiology_);
  EXPECT_THAT(Ask(referral, Caller(kTownship, policy::v1::ROLE_CLINIC_DOCTOR)),
              StatusIs(absl::StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE"));
  Complete(referral.id);
  const auto doctor = Caller(kTownship, policy::v1::ROLE_CLINIC_DOCTOR);
  const auto rated = Ask(referral, doctor);
  ASSERT_THAT(rated, IsOk());
  EXPECT_EQ(rated->patient_rating().score(), 4);
  EXPECT_EQ(rated->patient_rating().respondent(), v1::RESPONDENT_FAMILY_MEMBER);
  EXPECT_EQ(rated->patient_rating().practitioner_id(), doctor.practitioner_id.ToString());
  EXPECT_EQ(rated->patient_rating().organization_id(), kTownship.organization.ToString());
  EXPECT_THAT(Ask(referral, Caller(kHospital, kCoordinator)), IsOk());
  EXPECT_THAT(Ask(referral, Caller(kHospital, policy::v1::ROLE_FAMILY_DOCTOR)), IsOk());
  EXPECT_THAT(Ask(referral, Caller(kHospital, policy::v1::ROLE_HOSPITAL_DOCTOR)),
              StatusIs(absl::StatusCode::kPermissionDenied, "NOT_YOUR_SIDE"));
  EXPECT_THAT(Ask(referral, Caller(kOther, kCoordinator)),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(RatesHandlersTest, AClosingContactIsKeptOnceForARequest) {
  const Referral referral = Submit(kHospital, cardiology_);
  Complete(referral.id);
  const absl::Time closed = clock_.Now();
  clock_.Advance(absl::Hours(48));
  EXPECT_THAT(Contact(referral, Caller(kHospital, policy::v1::ROLE_FAMILY_DOCTOR), clock_.Now()),
              StatusIs(absl::StatusCode::kPermissionDenied, "NOT_YOUR_SIDE"));
  EXPECT_THAT(Contact(referral, Caller(kTownship, kCoordinator), closed - absl::Hours(1)),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  const std::string request = base::Uuid::V7().ToString();
  const auto office = Caller(kHospital, kCoordinator);
  for (int again = 0; again < 2; ++again) {
    const auto made = Contact(referral, office, clock_.Now(), request);
    ASSERT_THAT(made, IsOk());
    ASSERT_EQ(made->closing_contacts_size(), 1);
    EXPECT_EQ(made->closing_contacts(0).organization_id(), kHospital.organization.ToString());
    EXPECT_EQ(made->closing_contacts(0).practitioner_id(), office.practitioner_id.ToString());
    EXPECT_EQ(made->closing_contacts(0).remarks(), "恢复良好");
  }
  EXPECT_EQ(
      Contact(referral, Caller(kTownship, kCoordinator), clock_.Now())->closing_contacts_size(), 2);
}

}  // namespace
}  // namespace yilian::referral
