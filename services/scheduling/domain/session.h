// A session: a block of an expert's, a device's or a ward's time, cut into numbered seats. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/clinic_rule.h"
#include "services/scheduling/domain/quota.h"
#include "services/scheduling/domain/rules.h"
#include "services/scheduling/domain/span.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// The room or device that a session uses, by the site's own code; one session at a time.
struct Resource {
  ResourceKind kind = ResourceKind::kNone;
  std::string code;
  bool none() const { return kind == ResourceKind::kNone; }
  bool operator==(const Resource&) const = default;
};

// Which pool one seat is in.
struct SeatPool {
  PoolKind kind = PoolKind::kOpen;
  OrganizationId organization;  // for kOrganization
  bool operator==(const SeatPool&) const = default;
};

// Reserves widen in this order, each step once.
enum class ReleaseStage { kNone = 0, kOrganization = 1, kAll = 2 };

struct Session {
  SessionId id;
  OrganizationId organization;
  DepartmentId department;
  std::string specialty;
  PractitionerId practitioner;  // nil: a device or beds
  OrganizationId site;
  SessionKind kind = SessionKind::kOutpatient;
  Span time;
  int seats = 0;
  bool cancelled = false;
  ReleaseStage released = ReleaseStage::kNone;
  absl::Time organization_release_at;  // organization reserves -> consortium
  absl::Time open_release_at;          // what is reserved still -> open
  TemplateId made_from;                // nil: a single session
  Resource resource;
  ClinicRule rule;
  absl::CivilDay rule_date;  // at the site; with a rule
  int64_t version = 1;

  std::string etag() const;
  FitQuestion fit_question() const { return {rule, rule_date}; }
  // The time of seat `number` (from 1): an equal share of the session, to the microsecond; a bed's
  // is the whole.
  Span SeatTime(int number) const;
  bool ClosedAt(absl::Time now) const { return cancelled || time.start <= now; }
  bool operator==(const Session&) const = default;
};

// What somebody offers.
struct NewSession {
  OrganizationId organization;
  DepartmentId department;
  std::string specialty;
  PractitionerId practitioner;
  OrganizationId site;  // nil: at `organization`
  SessionKind kind = SessionKind::kOutpatient;
  Span time;
  int seats = 0;
  std::vector<Quota> quotas;  // empty: the region's default
  TemplateId made_from;       // nil: a single session
  Resource resource;
  ClinicRule rule;
  absl::CivilDay date;      // at the site
  bool on_holiday = false;  // meant, although the date is a public holiday
};

// A session with the pool of each of its seats, seat 1 first.
struct PlannedSession {
  Session session;
  std::vector<SeatPool> pools;
};

// The region's quotas for a session of `seats`: without an expert `reserved_percent` of them,
// rounded up, else `expert_reserved_percent`; of these the green seats, where at least one is left
// for the consortium.
std::vector<Quota> DefaultQuotas(int seats, bool expert, const Rules& rules);

// Checks what is offered and plans its seats, the most narrowly reserved first; releases whose time
// has passed already are applied. FIELD_INVALID names every rule that is broken.
absl::StatusOr<PlannedSession> PlanSession(SessionId id, const NewSession& offer,
                                           const Rules& rules, absl::Time now);

}  // namespace yilian::scheduling
