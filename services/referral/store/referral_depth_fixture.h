// A referral on its further ways, on a real database: other seats, redirects, down-referrals.
#pragma once

#include <google/protobuf/any.pb.h>

#include <string>
#include <vector>

#include "services/referral/store/effects.h"
#include "services/referral/store/referral_store_fixture.h"

namespace yilian::referral {

class ReferralDepthTest : public ReferralStoreTest {
 protected:
  Referral Scheduled() {
    const Referral accepted = Accept(Submit(Input()));
    RunSagas();
    return Read(accepted.id);
  }
  Referral Redirected(const Referral& read) {
    EXPECT_THAT(RunCommand(read, kHospital,
                           [&](const Referral& now, absl::Time at) {
                             return now.Redirect(kHospital, kOtherHospital.organization,
                                                 DepartmentId(base::Uuid::V7()),
                                                 ReasonCode::kWrongDepartment, "应转神经内科",
                                                 deadlines_, at);
                           }),
                IsOk());
    return Read(read.id);
  }
  Referral Rescheduled(const Referral& read) {
    EXPECT_THAT(RunCommand(read, kTownship,
                           [](const Referral& now, absl::Time at) {
                             return now.Reschedule(kTownship, {}, at);
                           }),
                IsOk());
    RunSagas();
    return Read(read.id);
  }
  absl::Status Withdraw(const Referral& read) {
    return RunCommand(read, kTownship,
                      [](const Referral& now, absl::Time at) {
                        return now.Withdraw(kTownship, ReasonCode::kPatientDeclined, "", at);
                      })
        .status();
  }
  int FollowUpTimers(ReferralId id) {
    int timers = 0;
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) {
                                 return session.SelectValues(
                                     {"test.Timers",
                                      "SELECT 1 FROM timer WHERE kind = ? AND aggregate_id = ?"},
                                     {kFollowUpTimer, id}, [&](const mysql::Row&) {
                                       ++timers;
                                       return absl::OkStatus();
                                     });
                               }),
                IsOk());
    return timers;
  }
  NewReferral SameKind(const NewReferral& input) {
    NewReferral again = input;
    again.id = ReferralId(base::Uuid::V7());
    return again;
  }
  Referral Down() {
    NewReferral input = Input(Channel::kStandard);
    input.direction = Direction::kDown;
    input.receiving_department = {};
    input.care_plan = CarePlan{.discharge_summary = "平稳",
                               .tasks = {{.id = TaskId(base::Uuid::V7()),
                                          .instruction = "复查血钾",
                                          .due_date = absl::CivilDay(2026, 3, 5)}}};
    return Accept(Submit(input));
  }
  void Register(OrganizationId authority) {
    ASSERT_THAT(mysql::RunTransaction(*pool_, {.name = "test.Register", .deadline = Deadline()},
                                      [&](mysql::Session& session) {
                                        return store_->RegisterOrganization(session, authority,
                                                                            Tier::kHealthAuthority);
                                      }),
                IsOk());
  }
  std::vector<v1::ReferralChanged> Payloads(ReferralId id, const std::string& type) {
    std::vector<v1::ReferralChanged> payloads;
    EXPECT_THAT(mysql::RunRead(*pool_, Deadline(),
                               [&](mysql::Session& session) {
                                 return session.SelectValues(
                                     {"test.Payloads",
                                      "SELECT payload FROM outbox WHERE aggregate_id = ? AND type "
                                      "= ? ORDER BY outbox_id"},
                                     {id, type}, [&](const mysql::Row& row) {
                                       google::protobuf::Any any;
                                       EXPECT_TRUE(any.ParseFromString(row.Bytes(0)));
                                       EXPECT_TRUE(any.UnpackTo(&payloads.emplace_back()));
                                       return absl::OkStatus();
                                     });
                               }),
                IsOk());
    return payloads;
  }
};

}  // namespace yilian::referral
