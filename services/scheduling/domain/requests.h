// What callers ask of scheduling, in the domain's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// A seat in one session, or in the earliest one of a department that has a seat.
struct HoldCommand {
  SessionId session;  // nil: by department
  DepartmentId department;
  PractitionerId practitioner;  // with `department`; nil: any
  PatientId patient;
  OrganizationId organization;
  ReferralId referral;  // nil: none
  bool green = false;
  std::vector<SessionKind> kinds;  // with `department`; empty: any
  std::optional<Span> within;      // with `department`: sessions that start within; none: any
  absl::Duration hold;
  // Somebody who may book for a patient that did not come too often.
  bool coordinator = false;
  // Who stands at the desk: a seat that is not over, of a session of today that may have begun; an
  // open one, or with kAnySeat also one that is kept for somebody.
  enum class WalkIn { kNo, kOpenSeat, kAnySeat };
  WalkIn walk_in = WalkIn::kNo;
  // Whether the session is for the patient is not waited for: a person decides.
  bool cannot_wait = false;
};

// Another seat for a booking, chosen as for a hold.
struct RescheduleCommand {
  BookingId booking;
  SessionId session;  // nil: the earliest other one of the department
  DepartmentId department;
  PractitionerId practitioner;
  bool green = false;
  std::vector<SessionKind> kinds;
};

// Which sessions; nil and empty fields match all.
struct SessionFilter {
  std::string specialty;
  OrganizationId organization;
  DepartmentId department;
  PractitionerId practitioner;
  Span time;  // starting within
  std::vector<SessionKind> kinds;
};

// Where a page of sessions ended: they are listed by start, then id.
struct SessionPosition {
  absl::Time starts_at;
  SessionId session;
};

struct SessionSearch {
  SessionFilter filter;
  PatientId patient;                    // nil: nobody in particular
  OrganizationId booking_organization;  // nil: nobody's reserves are shown
  bool green = false;
  SessionPosition after{absl::UnixEpoch(), SessionId()};
  int limit = 50;
};

// A session as one booker sees it.
struct SessionView {
  Session session;
  std::vector<Quota> quotas;  // kept for somebody now, taken seats included
  int64_t free_seats = 0;
  bool fit_unknown = false;  // of the patient who was named
};

struct SessionPage {
  std::vector<SessionView> sessions;
  SessionPosition last;  // where the next page starts
  bool more = false;
};

}  // namespace yilian::scheduling
