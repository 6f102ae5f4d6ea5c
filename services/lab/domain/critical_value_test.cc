#include "services/lab/domain/critical_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

#include "common/status/matchers.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone());

OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}
PatientId Person(int n) {
  return PatientId(base::Uuid::V5(base::Uuid(), "patient " + std::to_string(n)));
}
const CriticalActor kLaboratory{.organization = Org(1)};
const CriticalActor kTownship{.organization = Org(2)};
const CriticalActor kHospital{.organization = Org(3), .cares_for_patient = true};
const CriticalActor kStranger{.organization = Org(4)};
const CriticalRules kRules{
    .limits = {{.loinc = "2823-3", .units = {"mmol/L"}, .below = "2.8", .above = "6.2"}}};

Observation Potassium(std::string value, std::string sub_id = "") {
  return {.id = ObservationId::New(kNow),
          .code = {.system = "LN", .code = "2823-3", .display = "血钾"},
          .sub_id = std::move(sub_id),
          .value_type = ValueType::kNumeric,
          .value = std::move(value),
          .unit = "mmol/L"};
}

Report Version(int version, std::vector<Observation> observations,
               ResultStatus status = ResultStatus::kFinal) {
  static const ReportId id = ReportId::New(kNow);
  return {.id = id,
          .patient = Person(1),
          .performing_organization = Org(1),
          .ordering_organization = Org(2),
          .status = status,
          .version = version,
          .observations = std::move(observations)};
}

CriticalValue Detected(const std::string& value = "6.9") {
  return FollowReport({}, Version(1, {Potassium(value)}), kRules, kNow).at(0).after;
}

// A critical value in every state.
std::map<CriticalState, CriticalValue> EveryState() {
  std::map<CriticalState, CriticalValue> all;
  const CriticalValue detected = Detected();
  all[CriticalState::kDetected] = detected;
  all[CriticalState::kVerified] = detected.Verify(kLaboratory, kNow)->after;
  all[CriticalState::kNotified] =
      detected
          .Notify(kLaboratory, NotificationChannel::kPhone, NotificationOutcome::kReached, kNow)
          ->after;
  all[CriticalState::kReadBack] = detected.ReadBack(kTownship, "6.9", kRules, kNow)->after;
  all[CriticalState::kActed] =
      all[CriticalState::kReadBack].Act(kTownship, "静脉推注葡萄糖酸钙", kNow)->after;
  all[CriticalState::kRetracted] =
      FollowReport({detected}, Version(2, {Potassium("4.1")}), kRules, kNow).at(0).after;
  all[CriticalState::kSuperseded] =
      FollowReport({detected}, Version(2, {Potassium("7.1")}), kRules, kNow).at(0).after;
  return all;
}

absl::Status Do(const CriticalValue& value, CriticalCommand command, const CriticalActor& by) {
  switch (command) {
    case CriticalCommand::kVerify:
      return value.Verify(by, kNow).status();
    case CriticalCommand::kNotify:
      return value.Notify(by, NotificationChannel::kPhone, NotificationOutcome::kReached, kNow)
          .status();
    case CriticalCommand::kReadBack:
      return value.ReadBack(by, value.value, kRules, kNow).status();
    case CriticalCommand::kAct:
      return value.Act(by, "复查", kNow).status();
  }
  return absl::InternalError("a command that the test does not know");
}

// The table a second time, in its own words.
bool IsLegal(CriticalState state, CriticalCommand command, const CriticalActor& by) {
  const bool laboratory = by.organization == Org(1);
  const bool clinic = by.organization == Org(2) || by.cares_for_patient;
  const bool unread = state == CriticalState::kDetected || state == CriticalState::kVerified ||
                      state == CriticalState::kNotified;
  switch (command) {
    case CriticalCommand::kVerify:
      return laboratory && state == CriticalState::kDetected;
    case CriticalCommand::kNotify:
      return laboratory && unread;
    case CriticalCommand::kReadBack:
      return (laboratory || clinic) && unread;
    case CriticalCommand::kAct:
      return clinic && state == CriticalState::kReadBack;
  }
  return false;
}

TEST(CriticalValueTest, EveryStateCommandAndCaller) {
  for (const auto& [state, value] : EveryState()) {
    ASSERT_EQ(value.state, state);
    for (const CriticalCommand command : {CriticalCommand::kVerify, CriticalCommand::kNotify,
                                          CriticalCommand::kReadBack, CriticalCommand::kAct}) {
      for (const CriticalActor& by : {kLaboratory, kTownship, kHospital, kStranger}) {
        const absl::Status done = Do(value, command, by);
        EXPECT_EQ(done.ok(), IsLegal(state, command, by))
            << Name(state) << ' ' << Name(command) << ": " << done;
        const auto available = value.AvailableTo(by);
        EXPECT_EQ(std::count(available.begin(), available.end(), command), done.ok() ? 1 : 0);
        if (by.organization == Org(4)) {
          EXPECT_THAT(done, StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
        }
      }
    }
  }
}

TEST(CriticalValueTest, ANumberIsReadBackAsANumberAndAnythingElseIsRefused) {
  const CriticalValue value = Detected("6.80");
  EXPECT_THAT(value.ReadBack(kTownship, "6.8", kRules, kNow), IsOk());
  EXPECT_THAT(value.ReadBack(kTownship, "6.08", kRules, kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, "READ_BACK_DIFFERS"));
  EXPECT_THAT(value.ReadBack(kTownship, "8.6", kRules, kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, "READ_BACK_DIFFERS"));
}

TEST(CriticalValueTest, AnAttemptThatReachedNobodyIsKeptAndChangesNoState) {
  const auto change = Detected().Notify(kLaboratory, NotificationChannel::kPhone,
                                        NotificationOutcome::kNoAnswer, kNow);
  ASSERT_THAT(change, IsOk());
  EXPECT_EQ(change->after.state, CriticalState::kDetected);
  ASSERT_TRUE(change->attempt);
  EXPECT_EQ(change->attempt->outcome, NotificationOutcome::kNoAnswer);
}

TEST(CriticalValueTest, TheLadderGoesUpUntilItIsReadBack) {
  CriticalValue value = Detected();
  EXPECT_EQ(value.due_at, kNow + absl::Minutes(5));
  EXPECT_EQ(value.Escalate(kRules, kNow + absl::Minutes(4)), std::nullopt);
  const int minutes[] = {5, 10, 30};
  for (int tier = 1; tier <= 3; ++tier) {
    const auto change = value.Escalate(kRules, kNow + absl::Minutes(minutes[tier - 1]));
    ASSERT_TRUE(change) << tier;
    EXPECT_EQ(change->event, "CriticalValueEscalated");
    value = change->after;
    EXPECT_EQ(value.tier, tier);
  }
  EXPECT_EQ(value.due_at, std::nullopt) << "the top of the ladder";
  // A message that nobody has answered ends no clock; a reading back does.
  value = Detected();
  value =
      value.Notify(kLaboratory, NotificationChannel::kMessage, NotificationOutcome::kReached, kNow)
          ->after;
  EXPECT_EQ(value.due_at, kNow + absl::Minutes(5));
  const absl::Time read = kNow + absl::Minutes(7);
  value = value.ReadBack(kTownship, "6.9", kRules, read)->after;
  EXPECT_EQ(value.due_at, read + absl::Minutes(30));
  const auto overdue = value.Escalate(kRules, read + absl::Minutes(30));
  ASSERT_TRUE(overdue);
  EXPECT_TRUE(overdue->after.action_overdue);
  EXPECT_EQ(overdue->after.due_at, std::nullopt);
  EXPECT_EQ(value.Act(kTownship, "透析", read)->after.due_at, std::nullopt);
}

TEST(FollowReportTest, AValueIsFoundOnceHoweverManyVersionsSayIt) {
  const CriticalValue known = Detected("6.9");
  EXPECT_THAT(FollowReport({known}, Version(2, {Potassium("6.90")}), kRules, kNow), IsEmpty());
  CriticalValue acted = EveryState()[CriticalState::kActed];
  EXPECT_THAT(FollowReport({acted}, Version(3, {Potassium("6.9")}), kRules, kNow), IsEmpty());
}

TEST(FollowReportTest, PartialReportsCountAndWithdrawnOnesTakeBack) {
  const auto partial =
      FollowReport({}, Version(1, {Potassium("6.9")}, ResultStatus::kPartial), kRules, kNow);
  ASSERT_THAT(partial, SizeIs(1));
  EXPECT_EQ(partial[0].event, "CriticalValueDetected");
  const auto withdrawn = FollowReport(
      {partial[0].after}, Version(2, {Potassium("6.9")}, ResultStatus::kWithdrawn), kRules, kNow);
  ASSERT_THAT(withdrawn, SizeIs(1));
  EXPECT_EQ(withdrawn[0].event, "CriticalValueRetracted");
  EXPECT_EQ(withdrawn[0].after.due_at, std::nullopt);
  // Said again later: it begins anew.
  const auto again =
      FollowReport({withdrawn[0].after}, Version(3, {Potassium("6.9")}), kRules, kNow);
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].event, "CriticalValueDetected");
}

TEST(FollowReportTest, AnotherCriticalValueTakesTheFirstOnesPlaceWithAClockOfItsOwn) {
  const CriticalValue acted = EveryState()[CriticalState::kActed];
  const absl::Time later = kNow + absl::Hours(2);
  const auto changes = FollowReport({acted}, Version(2, {Potassium("7.4")}), kRules, later);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].event, "CriticalValueSuperseded");
  EXPECT_EQ(changes[0].after.id, acted.id);
  EXPECT_EQ(changes[1].event, "CriticalValueDetected");
  EXPECT_EQ(changes[1].after.replaces, acted.id);
  EXPECT_EQ(changes[1].after.state, CriticalState::kDetected);
  EXPECT_EQ(changes[1].after.due_at, later + absl::Minutes(5));
}

TEST(FollowReportTest, RepeatedObservationsAreFollowedEachOnItsOwn) {
  const auto first =
      FollowReport({}, Version(1, {Potassium("6.9", "1"), Potassium("7.1", "2"), Potassium("7.1")}),
                   kRules, kNow);
  ASSERT_THAT(first, SizeIs(3));
  std::vector<CriticalValue> known;
  for (const CriticalChange& one : first) known.push_back(one.after);
  const auto second = FollowReport(
      known, Version(2, {Potassium("6.9", "1"), Potassium("4.0", "2"), Potassium("7.1")}), kRules,
      kNow);
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].after.id, known[1].id);
  EXPECT_EQ(second[0].event, "CriticalValueRetracted");
}

TEST(FollowReportTest, WhatWasAboutAnotherPatientIsTakenBack) {
  const CriticalValue known = Detected("6.9");
  Report report = Version(2, {Potassium("6.9")});
  report.patient = Person(2);
  const auto changes = FollowReport({known}, report, kRules, kNow);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].event, "CriticalValueRetracted");
  EXPECT_EQ(changes[1].after.patient, Person(2));
}

}  // namespace
}  // namespace yilian::lab
