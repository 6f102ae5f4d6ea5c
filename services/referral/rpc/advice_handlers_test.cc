// The use cases of advice and statistics: checks before the transaction, pages, and what reads
// leave behind.
#include "services/referral/rpc/advice_handlers.h"

#include <grpcpp/create_channel.h>

#include <filesystem>
#include <set>

#include "services/referral/rpc/statistics_handlers.h"
#include "services/referral/store/advice_fixture.h"
#include "services/referral/store/mysql_statistics_rebuild.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using ::testing::HasSubstr;

// Knows the two organizations of the fixture, and a third outside their consortium.
class SmallRegion : public ReceiverDirectory, public OrganizationDirectory {
 public:
  absl::StatusOr<bool> Exists(OrganizationId organization, DepartmentId department,
                              absl::Time) override {
    return (organization == kSpecialist.organization || organization == Org(3)) &&
           department == kCardiology;
  }
  absl::StatusOr<std::optional<Organization>> Find(OrganizationId organization,
                                                   absl::Time) override {
    const OrganizationId consortium(base::Uuid::V5(base::Uuid(), "consortium"));
    if (organization == kAsker.organization) {
      return Organization{organization, Tier::kTownshipHospital, consortium};
    }
    if (organization == kSpecialist.organization) {
      return Organization{organization, Tier::kTertiaryHospital, consortium};
    }
    if (organization == Org(3)) return Organization{organization, Tier::kTertiaryHospital, {}};
    return std::optional<Organization>();
  }
};

rpc::Caller CallerOf(const Actor& actor) {
  return {.user_id = actor.practitioner.uuid(),
          .practitioner_id = actor.practitioner.uuid(),
          .organization_id = actor.organization.uuid(),
          .roles = {policy::v1::ROLE_CLINIC_DOCTOR}};
}
const Actor kColleague{.organization = kAsker.organization, .practitioner = Person(7)};

class AdviceHandlersTest : public AdviceFixture {
 protected:
  void SetUp() override {
    AdviceFixture::SetUp();
    if (IsSkipped()) return;
    const std::string folder = pki_.folder() + "/seal";
    std::filesystem::create_directories(folder);
    ASSERT_THAT(crypto::CreateKeyFile(folder + "/2026-11-22.key"), IsOk());
    sealer_ = *crypto::Sealer::Open(folder);
    // Nobody listens there: what the projection does not know cannot be asked for.
    relationships_ = std::make_unique<relationship::Check>(
        *pool_, grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()), clock_);
    handlers_ =
        std::make_unique<AdviceHandlers>(AdviceHandlers::Deps{.store = *advice_,
                                                              .answers = answers_,
                                                              .deadlines = deadlines_,
                                                              .receivers = region_,
                                                              .organizations = region_,
                                                              .relationships = *relationships_,
                                                              .sealer = *sealer_,
                                                              .zone = absl::UTCTimeZone()});
    ASSERT_THAT(
        test_support::Relate(*pool_, patient_.uuid(), kAsker.organization.uuid(), clock_.Now()),
        IsOk());
  }

  v1::AskAdviceRequest Question() {
    v1::AskAdviceRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_patient_id(patient_.ToString());
    request.set_urgency(v1::URGENCY_ROUTINE);
    request.set_advising_organization_id(kSpecialist.organization.ToString());
    request.set_advising_department_id(kCardiology.ToString());
    request.set_question("血压控制不佳");
    request.set_patient_consented(true);
    return request;
  }
  v1::Advice Asked() {
    const v1::AskAdviceRequest request = Question();
    const auto asked = handlers_->Ask(TestCall(CallerOf(kAsker), request), request);
    EXPECT_THAT(asked, IsOk());
    return asked.ok() ? *asked : v1::Advice();
  }
  v1::SayAdviceRequest Say(const v1::Advice& read) {
    v1::SayAdviceRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_advice_id(read.advice_id());
    request.set_etag(read.etag());
    request.set_text("建议来院");
    return request;
  }
  v1::ConvertAdviceRequest Conversion(const v1::Advice& read) {
    v1::ConvertAdviceRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_advice_id(read.advice_id());
    request.set_etag(read.etag());
    request.set_direction(v1::DIRECTION_UP);
    request.set_channel(v1::CHANNEL_STANDARD);
    request.set_setting(v1::SETTING_OUTPATIENT);
    request.set_urgency(v1::URGENCY_ROUTINE);
    request.mutable_summary()->set_complaint("头晕");
    return request;
  }

  const PatientId patient_{base::Uuid::V7()};
  SmallRegion region_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<AdviceHandlers> handlers_;
};

TEST_F(AdviceHandlersTest, OnlyWhoCaresForAPatientMayAskAboutOne) {
  const v1::AskAdviceRequest request = Question();
  const Actor stranger{.organization = Org(3), .practitioner = Person(8)};
  EXPECT_FALSE(handlers_->Ask(TestCall(CallerOf(stranger), request), request).ok());
  EXPECT_EQ(Asked().state(), v1::ADVICE_STATE_OPEN);
}

TEST_F(AdviceHandlersTest, AnUnknownDepartmentCannotBeAsked) {
  v1::AskAdviceRequest request = Question();
  request.set_advising_department_id(base::Uuid::V7().ToString());
  EXPECT_THAT(handlers_->Ask(TestCall(CallerOf(kAsker), request), request).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "RECEIVER_UNKNOWN"));
}

TEST_F(AdviceHandlersTest, AProposedReferralWaitsForTheYesOfWhoAsked) {
  const v1::Advice asked = Asked();
  const v1::SayAdviceRequest propose = Say(asked);
  const auto proposed =
      handlers_->ProposeReferral(TestCall(CallerOf(kSpecialist), propose), propose);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_TRUE(proposed->referral_proposed());
  EXPECT_TRUE(proposed->referral_id().empty());

  const v1::ConvertAdviceRequest request = Conversion(*proposed);
  EXPECT_THAT(handlers_->Convert(TestCall(CallerOf(kSpecialist), request), request).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "NOT_YOUR_ADVICE_SIDE"));
  EXPECT_THAT(handlers_->Convert(TestCall(CallerOf(kColleague), request), request).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "NOT_THE_ASKER"));
  const auto converted = handlers_->Convert(TestCall(CallerOf(kAsker), request), request);
  ASSERT_THAT(converted, IsOk());
  EXPECT_EQ(converted->advice().state(), v1::ADVICE_STATE_CONVERTED);
  EXPECT_EQ(converted->referral().state(), v1::STATE_DRAFT);
  EXPECT_EQ(converted->referral().receiving_organization_id(), kSpecialist.organization.ToString());
  EXPECT_THAT(converted->referral().summary().history(), HasSubstr("建议来院"));
  EXPECT_EQ(converted->advice().referral_id(), converted->referral().referral_id());
}

TEST_F(AdviceHandlersTest, ADraftGoesOnlyWhereAReferralMay) {
  const v1::Advice asked = Asked();
  v1::ConvertAdviceRequest request = Conversion(asked);
  request.set_receiving_organization_id(Org(3).ToString());
  request.set_receiving_department_id(kCardiology.ToString());
  EXPECT_THAT(handlers_->Convert(TestCall(CallerOf(kAsker), request), request).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  request.set_receiving_organization_id(Org(4).ToString());
  EXPECT_THAT(handlers_->Convert(TestCall(CallerOf(kAsker), request), request).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "RECEIVER_UNKNOWN"));
  EXPECT_EQ(Read(*AdviceId::Parse(asked.advice_id())).state, AdviceState::kOpen);
}

TEST_F(AdviceHandlersTest, PagesCoverAWorklistAndEveryThreadShownIsNamed) {
  std::set<std::string> all;
  for (int i = 0; i < 5; ++i) all.insert(Asked().advice_id());
  v1::ListAdviceRequest request;
  request.set_worklist(v1::ADVICE_WORKLIST_TO_ANSWER);
  request.mutable_page()->set_page_size(2);
  std::set<std::string> seen;
  do {
    const TestCall call(CallerOf(kSpecialist), request);
    const auto page = handlers_->List(call, request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(call.reads().size(), static_cast<size_t>(page->advice_size()));
    for (const v1::Advice& advice : page->advice()) {
      EXPECT_TRUE(seen.insert(advice.advice_id()).second);
      EXPECT_EQ(advice.turns_size(), 0);
      EXPECT_EQ(advice.turn_count(), 1);
    }
    request.mutable_page()->set_page_token(page->page().next_page_token());
  } while (!request.page().page_token().empty());
  EXPECT_EQ(seen, all);
}

TEST_F(AdviceHandlersTest, EveryContradictionOfAListIsNamed) {
  v1::ListAdviceRequest request;
  request.set_worklist(v1::ADVICE_WORKLIST_ASKED);
  request.set_department_id(kCardiology.ToString());
  request.set_mine(true);
  const absl::Status status =
      handlers_->List(TestCall(CallerOf(kAsker), request), request).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("2 field(s)"));
}

class StatisticsHandlersTest : public AdviceFixture {
 protected:
  v1::GetStatisticsRequest Request(const std::string& first, const std::string& last) {
    v1::GetStatisticsRequest request;
    request.set_organization_id(kSpecialist.organization.ToString());
    request.set_grain(v1::GRAIN_DAY);
    request.set_first_day(first);
    request.set_last_day(last);
    return request;
  }
  absl::StatusOr<v1::GetStatisticsResponse> Get(const rpc::Caller& caller,
                                                const v1::GetStatisticsRequest& request) {
    MysqlStatisticsStore store(*pool_, *referrals_);
    MysqlStatisticsRebuild rebuild(*unit_, store);
    return StatisticsHandlers(store, rebuild).GetStatistics(TestCall(caller, request), request);
  }
};

TEST_F(StatisticsHandlersTest, OnlyTheRegionSeesTheCountsOfOthers) {
  const v1::GetStatisticsRequest request = Request("2026-03-01", "2026-03-31");
  EXPECT_THAT(Get(CallerOf(kSpecialist), request).status(), IsOk());
  EXPECT_THAT(Get(CallerOf(kAsker), request).status(),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  rpc::Caller region = CallerOf(kAsker);
  region.roles = {policy::v1::ROLE_REGIONAL_ADMINISTRATOR};
  EXPECT_THAT(Get(region, request).status(), IsOk());
}

TEST_F(StatisticsHandlersTest, ARebuildingGoesOnWhereItsStepEnded) {
  MysqlStatisticsStore store(*pool_, *referrals_);
  MysqlStatisticsRebuild rebuild(*unit_, store);
  StatisticsHandlers handlers(store, rebuild);
  const auto step = [&](const std::string& from) {
    v1::RebuildStatisticsRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_step(from);
    return handlers.RebuildStatistics(TestCall(CallerOf(kAsker), request), request);
  };
  const auto first = step("");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->next_step(), HasSubstr("organizations:"));
  EXPECT_EQ(step(first->next_step())->next_step(), "");
  for (const char* bad : {"referrals", "referrals:", "organizations:x", "else:"}) {
    EXPECT_THAT(step(bad).status(), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"))
        << bad;
  }
}

TEST_F(StatisticsHandlersTest, APeriodHasAnOrderAndAnEnd) {
  EXPECT_THAT(Get(CallerOf(kSpecialist), Request("2026-03-02", "2026-03-01")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Get(CallerOf(kSpecialist), Request("2025-01-01", "2026-03-01")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  v1::GetStatisticsRequest months = Request("2026-01-02", "2026-03-01");
  months.set_grain(v1::GRAIN_MONTH);
  EXPECT_THAT(Get(CallerOf(kSpecialist), months).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace yilian::referral
