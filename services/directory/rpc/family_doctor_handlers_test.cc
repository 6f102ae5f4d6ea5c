#include "services/directory/rpc/family_doctor_handlers.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "services/directory/store/mysql_team_store.h"
#include "services/directory/testing/directory_fixture.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
const absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
const absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

class FamilyDoctorTest : public testing::DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    teams_ = std::make_unique<MysqlTeamStore>(*pool_);
    handlers_ = std::make_unique<FamilyDoctorHandlers>(FamilyDoctorHandlers::Deps{
        .unit = *unit_, .teams = *teams_, .contracts = *contracts_, .sealer = sealer_});
    centre_ = MakeOrganization("东湖社区卫生服务中心", v1::TIER_COMMUNITY_CENTRE);
    leader_ = MakePractitioner(centre_, "赵敏");
    const auto team = MakeTeam("家医一队");
    ASSERT_THAT(team, IsOk());
    team_ = team->team_id();
    resident_ = MakePatient(centre_);
  }

  absl::StatusOr<v1::Team> MakeTeam(const std::string& name, const rpc::Caller& caller = Ctl()) {
    v1::CreateTeamRequest request;
    request.set_request_id(testing::NewId());
    request.set_organization_id(centre_);
    request.set_name(name);
    request.set_leader_practitioner_id(leader_);
    return As(caller, *handlers_, &FamilyDoctorHandlers::CreateTeam, request);
  }
  absl::StatusOr<v1::Team> SetMember(const std::string& etag, const std::string& practitioner,
                                     v1::TeamRole role, const rpc::Caller& caller = Ctl()) {
    v1::SetTeamMemberRequest request;
    request.set_request_id(testing::NewId());
    request.set_team_id(team_);
    request.set_etag(etag);
    request.set_practitioner_id(practitioner);
    request.set_role(role);
    return As(caller, *handlers_, &FamilyDoctorHandlers::SetTeamMember, request);
  }
  absl::StatusOr<v1::Team> RemoveMember(const std::string& etag, const std::string& practitioner) {
    v1::RemoveTeamMemberRequest request;
    request.set_request_id(testing::NewId());
    request.set_team_id(team_);
    request.set_etag(etag);
    request.set_practitioner_id(practitioner);
    return As(Ctl(), *handlers_, &FamilyDoctorHandlers::RemoveTeamMember, request);
  }
  std::vector<std::string> MembersOn(const std::string& day) {
    v1::GetTeamRequest request;
    request.set_team_id(team_);
    request.set_on(day);
    const auto team = As(Ctl(), *handlers_, &FamilyDoctorHandlers::GetTeam, request);
    EXPECT_THAT(team, IsOk());
    std::vector<std::string> members;
    for (const v1::TeamMember& one : team->members()) members.push_back(one.practitioner_id());
    return members;
  }

  absl::CivilDay Today() { return DayOf(clock_.Now()); }
  v1::CreateContractRequest Wish(absl::CivilDay start, absl::CivilDay end) {
    v1::CreateContractRequest request;
    request.set_request_id(testing::NewId());
    request.set_patient_id(resident_);
    request.set_organization_id(centre_);
    request.set_practitioner_id(leader_);
    request.set_team_id(team_);
    request.set_service_package("BASIC");
    request.set_start_date(absl::FormatCivilTime(start));
    request.set_end_date(absl::FormatCivilTime(end));
    return request;
  }
  absl::StatusOr<v1::Contract> Sign(const v1::CreateContractRequest& request,
                                    const rpc::Caller& caller = Ctl()) {
    return As(caller, *patient_handlers_, &PatientHandlers::CreateContract, request);
  }
  // From today, for ten days.
  v1::Contract Signed() {
    const auto contract = Sign(Wish(Today(), Today() + 9));
    EXPECT_THAT(contract, IsOk());
    return *contract;
  }
  v1::RenewContractRequest Renewal(const v1::Contract& contract, absl::CivilDay end) {
    v1::RenewContractRequest request;
    request.set_request_id(testing::NewId());
    request.set_contract_id(contract.contract_id());
    request.set_etag(contract.etag());
    request.set_end_date(absl::FormatCivilTime(end));
    return request;
  }
  absl::StatusOr<v1::Contract> Renew(const v1::RenewContractRequest& request,
                                     const rpc::Caller& caller = Ctl()) {
    return As(caller, *handlers_, &FamilyDoctorHandlers::RenewContract, request);
  }
  absl::StatusOr<v1::Contract> Terminate(const v1::Contract& contract,
                                         const rpc::Caller& caller = Ctl()) {
    v1::TerminateContractRequest request;
    request.set_request_id(testing::NewId());
    request.set_contract_id(contract.contract_id());
    request.set_etag(contract.etag());
    request.set_reason(v1::TERMINATION_REASON_MOVED_AWAY);
    return As(caller, *handlers_, &FamilyDoctorHandlers::TerminateContract, request);
  }
  absl::StatusOr<v1::Contract> Get(const std::string& contract, const rpc::Caller& caller) {
    v1::GetContractRequest request;
    request.set_contract_id(contract);
    return As(caller, *handlers_, &FamilyDoctorHandlers::GetContract, request);
  }
  // Ends what the centre sees for having registered the resident.
  void ForgetRegistration() {
    ASSERT_THAT(mysql::RunTransaction(
                    *pool_, {.name = "test.Forget", .deadline = absl::Now() + absl::Seconds(10)},
                    [&](mysql::Session& session) {
                      return session
                          .Execute({"test.Forget",
                                    "DELETE FROM care_relationship "
                                    "WHERE source = 'REGISTRATION'"})
                          .status();
                    }),
                IsOk());
  }
  // The last types of events.
  std::vector<std::string> LastEvents(size_t count) {
    const std::vector<std::string> types = EventTypes();
    return {types.end() - static_cast<ptrdiff_t>(count), types.end()};
  }

  std::unique_ptr<MysqlTeamStore> teams_;
  std::unique_ptr<FamilyDoctorHandlers> handlers_;
  std::string centre_;
  std::string leader_;
  std::string team_;
  std::string resident_;
};

TEST_F(FamilyDoctorTest, ATeamRemembersWhoWasInItWhen) {
  const std::string nurse = MakePractitioner(centre_, "李伟");
  const std::string first_day = absl::FormatCivilTime(Today());
  clock_.Advance(absl::Hours(48));
  const auto with = SetMember("v1", nurse, v1::TEAM_ROLE_NURSE);
  ASSERT_THAT(with, IsOk());
  EXPECT_EQ(with->etag(), "v2");
  EXPECT_EQ(LastEvents(1)[0], "TeamChanged");
  clock_.Advance(absl::Hours(48));
  const auto led = SetMember("v2", nurse, v1::TEAM_ROLE_LEADER);
  ASSERT_THAT(led, IsOk());
  ASSERT_EQ(led->members_size(), 2);
  EXPECT_EQ(led->members(0).practitioner_id(), nurse);
  EXPECT_EQ(led->members(1).role(), v1::TEAM_ROLE_PHYSICIAN);
  clock_.Advance(absl::Hours(48));
  ASSERT_THAT(RemoveMember("v3", leader_), IsOk());
  const std::string gone_day = absl::FormatCivilTime(Today() + 1);
  EXPECT_THAT(MembersOn(first_day), ElementsAre(leader_));
  EXPECT_THAT(MembersOn(absl::FormatCivilTime(Today() - 3)), ElementsAre(leader_, nurse));
  EXPECT_THAT(MembersOn(gone_day), ElementsAre(nurse));
  EXPECT_EQ(MembersOn("").size(), 4u) << "all there ever were, by role";

  EXPECT_THAT(SetMember("v3", leader_, v1::TEAM_ROLE_PHYSICIAN),
              StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(RemoveMember("v4", nurse),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"))
      << "the leader";
}

TEST_F(FamilyDoctorTest, ATeamIsOfItsOrganization) {
  const std::string hospital = MakeOrganization("市第一医院", v1::TIER_TERTIARY_HOSPITAL);
  const std::string expert = MakePractitioner(hospital, "陈静");
  EXPECT_THAT(SetMember("v1", expert, v1::TEAM_ROLE_PHYSICIAN), StatusIs(kNotFound, "NOT_FOUND"))
      << "practises elsewhere";
  EXPECT_THAT(SetMember("v1", expert, v1::TEAM_ROLE_SPECIALIST), IsOk());
  EXPECT_THAT(SetMember("v2", leader_, v1::TEAM_ROLE_LEADER, PersonOf(hospital)),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(MakeTeam("家医二队", PersonOf(hospital)),
              StatusIs(absl::StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION"));
  EXPECT_THAT(MakeTeam("家医一队"), StatusIs(kExists, "IDENTIFIER_TAKEN"));
  ASSERT_THAT(MakeTeam("家医二队", PersonOf(centre_)), IsOk());
  v1::ListTeamsRequest list;
  list.set_organization_id(centre_);
  list.mutable_page()->set_page_size(1);
  const auto first = As(Ctl(), *handlers_, &FamilyDoctorHandlers::ListTeams, list);
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->teams_size(), 1);
  EXPECT_EQ(first->teams(0).name(), "家医一队");
  EXPECT_EQ(first->teams(0).members_size(), 2);
  list.mutable_page()->set_page_token(first->page().next_page_token());
  const auto second = As(Ctl(), *handlers_, &FamilyDoctorHandlers::ListTeams, list);
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->teams_size(), 1);
  EXPECT_EQ(second->teams(0).name(), "家医二队");
  EXPECT_EQ(second->page().next_page_token(), "");
}

TEST_F(FamilyDoctorTest, OfAllWhoSignForAResidentAtOnceOneDoes) {
  constexpr int kSigners = 48;
  std::atomic<int> signed_now{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kSigners; ++i) {
    threads.emplace_back([&, i] {
      const v1::CreateContractRequest request = Wish(Today() + i % 5, Today() + 300 + i);
      const testing::TestCall call(i % 2 == 0 ? Ctl() : PersonOf(centre_), request);
      const auto contract = patient_handlers_->CreateContract(call, request);
      if (contract.ok()) {
        ++signed_now;
      } else if (status::ReasonOf(contract.status()) == "CONTRACT_OVERLAPS") {
        ++refused;
      } else {
        ADD_FAILURE() << contract.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(signed_now, 1);
  EXPECT_EQ(refused, kSigners - 1);
  EXPECT_EQ(Count("SELECT COUNT(contract_id) FROM contract"), 1);
  EXPECT_EQ(Count("SELECT COUNT(outbox_id) FROM outbox WHERE type = 'ContractSigned'"), 1);
  EXPECT_EQ(Count("SELECT COUNT(care_relationship_id) FROM care_relationship "
                  "WHERE source = 'CONTRACT'"),
            1);
}

TEST_F(FamilyDoctorTest, TheDatabaseRefusesTwoContractsInOnePlaceOfTheRow) {
  Signed();
  const absl::Status twice = mysql::RunTransaction(
      *pool_, {.name = "test.Twice", .deadline = absl::Now() + absl::Seconds(10)},
      [&](mysql::Session& session) {
        return session
            .Execute({"test.Twice",
                      "INSERT INTO contract (contract_id, patient_id, organization_id, "
                      "practitioner_id, start_date, end_date, follows_id, version, created_at) "
                      "SELECT ?, patient_id, organization_id, practitioner_id, '2040-01-01', "
                      "'2040-12-31', follows_id, 1, created_at FROM contract"},
                     base::Uuid::V7())
            .status();
      });
  EXPECT_THAT(twice, StatusIs(kExists, "DUPLICATE_KEY"));
}

TEST_F(FamilyDoctorTest, ADoctorOutsideTheTeamSignsNothingForIt) {
  v1::CreateContractRequest request = Wish(Today(), Today() + 9);
  request.set_practitioner_id(MakePractitioner(centre_, "李伟"));
  EXPECT_THAT(Sign(request), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  request.set_team_id(testing::NewId());
  EXPECT_THAT(Sign(request), StatusIs(kNotFound, "NOT_FOUND"));
  request.clear_team_id();
  EXPECT_THAT(Sign(request), IsOk()) << "with the doctor alone";
}

TEST_F(FamilyDoctorTest, ARenewalFollowsWithoutGapOrOverlap) {
  const v1::Contract first = Signed();
  EXPECT_EQ(first.state(), v1::CONTRACT_STATE_ACTIVE);
  ForgetRegistration();
  const auto next = Renew(Renewal(first, Today() + 20), PersonOf(centre_));
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->start_date(), absl::FormatCivilTime(Today() + 10));
  EXPECT_EQ(next->renews_contract_id(), first.contract_id());
  EXPECT_EQ(next->state(), v1::CONTRACT_STATE_PENDING);
  EXPECT_EQ(next->team_id(), team_);
  EXPECT_EQ(next->service_package(), "BASIC");
  EXPECT_THAT(LastEvents(2), ElementsAre("CareRelationshipOpened", "ContractSigned"));
  const auto again = Renew(Renewal(first, Today() + 30));
  EXPECT_THAT(again, StatusIs(kExists, "CONTRACT_OVERLAPS"));
  EXPECT_EQ(status::InfoOf(again.status())->metadata().at("contract_id"), next->contract_id());

  const absl::Time boundary = StartOf(Today() + 10);
  for (const absl::Duration from : {-absl::Microseconds(1), absl::ZeroDuration()}) {
    clock_.Set(boundary + from);
    EXPECT_TRUE(MaySee(centre_, resident_)) << from;
    EXPECT_EQ(Count("SELECT COUNT(care_relationship_id) FROM care_relationship "
                    "WHERE started_at <= ? AND ends_at > ?",
                    {clock_.Now(), clock_.Now()}),
              1)
        << from;
  }
  EXPECT_EQ(Get(first.contract_id(), PersonOf(centre_))->state(), v1::CONTRACT_STATE_EXPIRED);
  EXPECT_EQ(Get(next->contract_id(), PersonOf(centre_))->state(), v1::CONTRACT_STATE_ACTIVE);
  EXPECT_THAT(Renew(Renewal(first, Today() + 30)), StatusIs(kPrecondition, "CONTRACT_ENDED"));
  clock_.Set(StartOf(DayOf(boundary) + 11));
  EXPECT_FALSE(MaySee(centre_, resident_)) << "the renewal expired";
}

TEST_F(FamilyDoctorTest, TerminationEndsTheCareRelationshipAndTheRenewal) {
  const v1::Contract first = Signed();
  const auto next = Renew(Renewal(first, Today() + 20));
  ASSERT_THAT(next, IsOk());
  ForgetRegistration();
  clock_.Advance(absl::Hours(24));
  const std::string hospital = MakeOrganization("市第一医院", v1::TIER_TERTIARY_HOSPITAL);
  EXPECT_THAT(Terminate(first, PersonOf(hospital)), StatusIs(kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Renew(Renewal(first, Today() + 30), PersonOf(hospital)),
              StatusIs(kNotFound, "NOT_FOUND"));
  EXPECT_TRUE(MaySee(centre_, resident_));
  const auto ended = Terminate(first, PersonOf(centre_));
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), v1::CONTRACT_STATE_TERMINATED);
  EXPECT_EQ(ended->termination_reason(), v1::TERMINATION_REASON_MOVED_AWAY);
  EXPECT_EQ(ended->etag(), "v2");
  EXPECT_FALSE(MaySee(centre_, resident_));
  EXPECT_THAT(LastEvents(4), ElementsAre("CareRelationshipEnded", "CareRelationshipEnded",
                                         "ContractTerminated", "ContractTerminated"));
  EXPECT_EQ(Get(next->contract_id(), PersonOf(centre_))->state(), v1::CONTRACT_STATE_TERMINATED);
  clock_.Set(StartOf(Today() + 15));
  EXPECT_FALSE(MaySee(centre_, resident_)) << "nor in the time of the renewal";
  EXPECT_THAT(Terminate(first), StatusIs(absl::StatusCode::kAborted, "ETAG_STALE"));
  EXPECT_THAT(Terminate(*ended), StatusIs(kPrecondition, "CONTRACT_ENDED"));
  EXPECT_THAT(Sign(Wish(Today(), Today() + 5)), IsOk()) << "the days are free again";
}

TEST_F(FamilyDoctorTest, ATerminationReachesBothRecordsOfAMergedPatient) {
  const v1::Contract contract = Signed();
  const std::string survivor = MakePatient(MakeOrganization("市第一医院"));
  v1::MergePatientsRequest merge;
  merge.set_request_id(testing::NewId());
  merge.set_surviving_patient_id(survivor);
  merge.set_merged_patient_id(resident_);
  merge.set_reason("同一人");
  ASSERT_THAT(As(Service("gateway"), *patient_handlers_, &PatientHandlers::MergePatients, merge),
              IsOk());
  const auto moved = Get(contract.contract_id(), PersonOf(centre_));
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->patient_id(), survivor);
  ForgetRegistration();
  EXPECT_TRUE(MaySee(centre_, survivor));
  EXPECT_THAT(Terminate(*moved), IsOk());
  EXPECT_FALSE(MaySee(centre_, survivor));
  EXPECT_EQ(Count("SELECT COUNT(care_relationship_id) FROM care_relationship "
                  "WHERE source = 'CONTRACT' AND ends_at > ?",
                  {clock_.Now()}),
            0);
}

TEST_F(FamilyDoctorTest, ContractsAreSeenByTheTeamAndByWhoCares) {
  const v1::Contract contract = Signed();
  const std::string hospital = MakeOrganization("市第一医院", v1::TIER_TERTIARY_HOSPITAL);
  EXPECT_THAT(Get(contract.contract_id(), PersonOf(hospital)), StatusIs(kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Get(testing::NewId(), PersonOf(hospital)), StatusIs(kNotFound, "NOT_FOUND"));
  EXPECT_EQ(Get(contract.contract_id(), PersonOf(centre_))->SerializeAsString(),
            contract.SerializeAsString());
  ASSERT_EQ(reads_.size(), 1u);
  EXPECT_EQ(reads_[0].data_subject.ToString(), resident_);
  v1::ListContractsRequest list;
  list.set_patient_id(resident_);
  EXPECT_THAT(As(PersonOf(hospital), *handlers_, &FamilyDoctorHandlers::ListContracts, list),
              StatusIs(kNotFound, "NOT_FOUND"));
  ASSERT_THAT(Renew(Renewal(contract, Today() + 20)), IsOk());
  const auto all = As(PersonOf(centre_), *handlers_, &FamilyDoctorHandlers::ListContracts, list);
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->contracts_size(), 2);
  EXPECT_EQ(all->contracts(1).contract_id(), contract.contract_id()) << "the latest first";
}

TEST_F(FamilyDoctorTest, ATeamSeesWhoseContractEndsNext) {
  std::vector<std::string> by_end;
  for (const int days : {5, 5, 30, 60}) {
    resident_ = MakePatient(centre_);
    const auto contract = Sign(Wish(Today(), Today() + days));
    ASSERT_THAT(contract, IsOk());
    by_end.push_back(contract->contract_id());
  }
  std::sort(by_end.begin(), by_end.begin() + 2);
  resident_ = MakePatient(centre_);
  ASSERT_THAT(Terminate(Signed()), IsOk());
  v1::ListTeamContractsRequest request;
  request.set_team_id(team_);
  request.set_ending_until(absl::FormatCivilTime(Today() + 30));
  request.mutable_page()->set_page_size(2);
  const auto list = [&](const rpc::Caller& caller) {
    return As(caller, *handlers_, &FamilyDoctorHandlers::ListTeamContracts, request);
  };
  const rpc::Caller doctor = PersonOf(centre_);
  std::vector<std::string> ids;
  for (int page = 0; page < 2; ++page) {
    const auto found = list(doctor);
    ASSERT_THAT(found, IsOk());
    for (const v1::Contract& one : found->contracts()) ids.push_back(one.contract_id());
    request.mutable_page()->set_page_token(found->page().next_page_token());
  }
  EXPECT_THAT(ids, ElementsAre(by_end[0], by_end[1], by_end[2]));
  EXPECT_EQ(request.page().page_token(), "");
  EXPECT_THAT(list(PersonOf(MakeOrganization("市第一医院"))), StatusIs(kNotFound, "NOT_FOUND"));
  clock_.Advance(absl::Hours(24 * 7));
  EXPECT_EQ(list(doctor)->contracts_size(), 1) << "what has ended is not due";
}

}  // namespace
}  // namespace yilian::directory
