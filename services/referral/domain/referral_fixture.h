// For tests of the domain: four organizations, and referrals in any state.
#pragma once

#include <string>

#include "services/referral/domain/referral.h"

namespace yilian::referral {

inline const absl::Time kMonday =
    absl::FromCivil(absl::CivilHour(2026, 3, 2, 9), absl::UTCTimeZone());

inline Deadlines TestDeadlines() {
  return Deadlines({}, WorkingCalendar(absl::UTCTimeZone(), {}, {}));
}

inline OrganizationId Org(int n) {
  return OrganizationId(base::Uuid::V5(base::Uuid(), "organization " + std::to_string(n)));
}

inline const Actor kTownship{.organization = Org(1)};
inline const Actor kHospital{.organization = Org(2)};
inline const Actor kStranger{.organization = Org(3)};
inline const Actor kOtherHospital{.organization = Org(4)};
inline const Actor kAuthority{.organization = Org(5)};

inline NewReferral Draft(Direction direction = Direction::kUp,
                         Channel channel = Channel::kStandard) {
  NewReferral input;
  input.id = ReferralId(base::Uuid::V7());
  input.patient = PatientId(base::Uuid::V7());
  input.direction = direction;
  input.channel = channel;
  input.receiving_organization = kHospital.organization;
  input.receiving_department = DepartmentId(base::Uuid::V7());
  input.summary = {.complaint = "胸痛两小时", .diagnosis_code = "I20.0"};
  if (direction == Direction::kDown) {
    input.receiving_department = {};
    input.care_plan = CarePlan{.discharge_summary = "病情平稳",
                               .tasks = {{.id = TaskId(base::Uuid::V7()),
                                          .instruction = "复查血钾",
                                          .due_date = absl::CivilDay(2026, 3, 5)}}};
  }
  return input;
}

// A referral in any state, made by hand: a walk needs states that one path does not reach.
inline Referral InState(State state, Direction direction = Direction::kUp,
                        Channel channel = Channel::kStandard) {
  Referral referral =
      CreateReferral(Draft(direction, channel), kTownship, TestDeadlines(), kMonday)->after;
  referral.state = state;
  referral.patient_consented = true;
  if (state == State::kDraft) return referral;
  referral.submitted_at = kMonday;
  referral.responsible_organization = referral.receiving_organization;
  referral.responsible_department = referral.receiving_department;
  if (state == State::kSubmitted) {
    referral.clock_started_at = kMonday;
    referral.due_at = kMonday + absl::Hours(8);
  }
  return referral;
}

// kHospital has handed it on to kOtherHospital, who has not answered yet.
inline Referral Redirected(State state = State::kSubmitted) {
  Referral referral = InState(state);
  referral.receiving_organization = kOtherHospital.organization;
  referral.receiving_department = DepartmentId(base::Uuid::V7());
  referral.redirect_count = 1;
  return referral;
}

inline BookingReference Booked(absl::Time starts_at = kMonday) {
  return {.booking = BookingId(base::Uuid::V7()),
          .session = SessionId(base::Uuid::V7()),
          .starts_at = starts_at,
          .seat_number = 3};
}

}  // namespace yilian::referral
