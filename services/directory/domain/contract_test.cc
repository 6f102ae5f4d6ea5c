#include "services/directory/domain/contract.h"

#include <gmock/gmock.h>

#include "common/status/error.h"
#include "common/status/matchers.h"

namespace yilian::directory {
namespace {

using status::IsOk;
using status::StatusIs;

const absl::CivilDay kFirst(2026, 1, 1);
const absl::CivilDay kLast(2026, 12, 31);
const absl::Time kMidYear = StartOf(absl::CivilDay(2026, 7, 1)) + absl::Hours(9);

class ContractTest : public ::testing::Test {
 protected:
  Contract Of(absl::CivilDay start, absl::CivilDay end) {
    return {.id = ContractId::New(absl::UnixEpoch()),
            .patient = patient_,
            .organization = centre_,
            .practitioner = PractitionerId::New(absl::UnixEpoch()),
            .team = TeamId::New(absl::UnixEpoch()),
            .service_package = "BASIC",
            .start_date = start,
            .end_date = end};
  }
  const PatientId patient_ = PatientId::New(absl::UnixEpoch());
  const OrganizationId centre_ = OrganizationId::New(absl::UnixEpoch());
};

TEST_F(ContractTest, StandsByItsDaysInTheRegionsTime) {
  Contract contract = Of(kFirst, kLast);
  const absl::Duration moment = absl::Microseconds(1);
  EXPECT_EQ(contract.state(StartOf(kFirst) - moment), ContractState::kPending);
  EXPECT_EQ(contract.state(StartOf(kFirst)), ContractState::kActive);
  EXPECT_EQ(contract.state(StartOf(kLast + 1) - moment), ContractState::kActive);
  EXPECT_EQ(contract.state(StartOf(kLast + 1)), ContractState::kExpired);
  contract.terminated_at = kMidYear;
  EXPECT_EQ(contract.state(kMidYear - moment), ContractState::kActive);
  EXPECT_EQ(contract.state(kMidYear), ContractState::kTerminated);
}

TEST_F(ContractTest, AResidentHasOneOnAnyDay) {
  const std::vector<Contract> present = {Of(kFirst, kLast)};
  struct Case {
    absl::CivilDay start, end;
    bool fits;
  };
  const Case cases[] = {{kFirst, kLast, false},           {kLast, kLast + 365, false},
                        {kLast + 1, kLast + 365, true},   {kFirst - 30, kFirst, false},
                        {kFirst - 30, kFirst - 1, true},  {kFirst - 30, kLast + 30, false},
                        {kFirst + 30, kFirst + 60, false}};
  for (const Case& one : cases) {
    const absl::Status status = CheckSigned(present, Of(one.start, one.end));
    if (one.fits) {
      EXPECT_THAT(status, IsOk()) << one.start << " " << one.end;
    } else {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists, "CONTRACT_OVERLAPS"))
          << one.start << " " << one.end;
      EXPECT_EQ(status::InfoOf(status)->metadata().at("contract_id"), present[0].id.ToString());
    }
  }
}

TEST_F(ContractTest, ATerminatedOneLeavesItsDaysFromThatDayOn) {
  Contract ended = Of(kFirst, kLast);
  ended.terminated_at = kMidYear;
  const absl::CivilDay day = DayOf(kMidYear);
  EXPECT_THAT(CheckSigned({ended}, Of(day, kLast)), IsOk());
  EXPECT_THAT(CheckSigned({ended}, Of(day - 1, kLast)),
              StatusIs(absl::StatusCode::kAlreadyExists, "CONTRACT_OVERLAPS"));
  ended.terminated_at = StartOf(kFirst) - absl::Hours(100);
  EXPECT_THAT(CheckSigned({ended}, Of(kFirst, kLast)), IsOk()) << "before it had begun";
}

TEST_F(ContractTest, ARenewalBeginsOnTheDayAfterTheLast) {
  const Contract now = Of(kFirst, kLast);
  RenewContract command{.contract = now.id, .end_date = absl::CivilDay(2027, 12, 31)};
  const auto next = Renewed(now, command, kMidYear);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->start_date, kLast + 1);
  EXPECT_EQ(next->end_date, command.end_date);
  EXPECT_EQ(next->renews, now.id);
  EXPECT_EQ(next->team, now.team);
  EXPECT_EQ(next->service_package, "BASIC");
  EXPECT_THAT(CheckSigned({now}, *next), IsOk());
  command.service_package = "DIABETES";
  command.team = TeamId::New(kMidYear);
  command.practitioner = PractitionerId::New(kMidYear);
  const auto other = Renewed(now, command, kMidYear);
  EXPECT_EQ(other->service_package, "DIABETES");
  EXPECT_EQ(other->team, command.team);
  EXPECT_EQ(other->practitioner, command.practitioner);
  command.end_date = kLast;
  EXPECT_THAT(Renewed(now, command, kMidYear),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(ContractTest, WhatIsOverIsNeitherRenewedNorTerminated) {
  const RenewContract command{.end_date = kLast + 365};
  Contract expired = Of(kFirst, kLast);
  const absl::Time after = StartOf(kLast + 1);
  for (const absl::Status& status :
       {Renewed(expired, command, after).status(),
        Terminated(expired, TerminationReason::kMovedAway, after).status()}) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "CONTRACT_ENDED"));
    EXPECT_EQ(status::InfoOf(status)->metadata().at("state"), "EXPIRED");
  }
  const auto ended = Terminated(expired, TerminationReason::kMovedAway, kMidYear);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->terminated_at, kMidYear);
  EXPECT_EQ(ended->reason, TerminationReason::kMovedAway);
  EXPECT_EQ(ended->version, 2);
  EXPECT_THAT(Terminated(*ended, TerminationReason::kOther, kMidYear),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CONTRACT_ENDED"));
  EXPECT_THAT(Renewed(*ended, command, kMidYear),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CONTRACT_ENDED"));
}

TEST_F(ContractTest, ContractsOfAResidentFollowEachOther) {
  EXPECT_EQ(LastOf(patient_, {}), patient_.uuid());
  // Two replicas' clocks differ: the order of ids says nothing.
  Contract second = Of(kLast + 1, kLast + 365);
  Contract first = Of(kFirst, kLast);
  ASSERT_LT(second.id, first.id);
  first.follows = patient_.uuid();
  EXPECT_EQ(LastOf(patient_, {first}), first.id.uuid());
  second.follows = first.id.uuid();
  EXPECT_EQ(LastOf(patient_, {second, first}), second.id.uuid());
  // A record that was merged brings contracts of its own, some of an earlier release.
  const Contract moved = Of(kFirst - 365, kFirst - 1);
  const base::Uuid last = LastOf(patient_, {second, first, moved});
  EXPECT_TRUE(last == second.id.uuid() || last == moved.id.uuid());
}

}  // namespace
}  // namespace yilian::directory
