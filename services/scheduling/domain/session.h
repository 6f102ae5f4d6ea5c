// A session: a block of an expert's, a device's or a ward's time, cut into numbered seats. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/rules.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// A span of time, `end` not included.
struct Span {
  absl::Time start;
  absl::Time end;
  bool Overlaps(const Span& other) const { return start < other.end && other.start < end; }
  bool operator==(const Span&) const = default;
};

// Seats kept for somebody.
struct Quota {
  PoolKind kind = PoolKind::kOpen;
  OrganizationId organization;  // for kOrganization
  int seats = 0;
  bool operator==(const Quota&) const = default;
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
  int64_t version = 1;

  std::string etag() const;
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
