// Sessions that come every week: what a template says, and on which dates it means a session. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/calendar/calendar.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/quota.h"
#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/site.h"
#include "services/scheduling/domain/types.h"
#include "services/scheduling/domain/wall_clock.h"

namespace yilian::scheduling {

// A date that is not like the week says.
struct TemplateException {
  absl::CivilDay date;
  std::optional<WallHours> hours;  // nothing: no session
  bool operator==(const TemplateException&) const = default;
};

struct TemplatePlan {
  DepartmentId department;
  std::string specialty;
  PractitionerId practitioner;  // nil: a device or beds
  OrganizationId site;
  SessionKind kind = SessionKind::kOutpatient;
  Resource resource;
  Weekdays weekdays;
  WallHours hours;
  int seats = 0;
  std::vector<Quota> quotas;  // empty: the region's default
  absl::CivilDay effective_from;
  std::optional<absl::CivilDay> effective_until;  // the last day; nothing: open
  bool on_holidays = false;
  std::vector<TemplateException> exceptions;  // by date
  ClinicRule rule;

  const TemplateException* ExceptionOn(absl::CivilDay date) const;
  bool operator==(const TemplatePlan&) const = default;
};

struct SessionTemplate {
  TemplateId id;
  OrganizationId organization;
  TemplatePlan plan;
  std::optional<absl::Time> ended_at;
  int64_t version = 1;

  std::string etag() const;
  bool IsOwn(const Actor& by) const { return by.service || by.organization == organization; }
};

// What decides beside the plan itself.
struct PlanGround {
  Site site;
  calendar::Calendar holidays;
  std::vector<Span> absences;  // of the plan's expert
};

// A session that a plan means.
struct Occurrence {
  absl::CivilDay date;
  WallHours hours;
  Span time;
  std::optional<absl::CivilMinute> skipped;  // no such time on the clock: it cannot be made
};

// The session of a date; nothing where the plan has none.
std::optional<Occurrence> OccurrenceOn(const TemplatePlan& plan, const PlanGround& ground,
                                       absl::CivilDay date);
// All of `first` to `last`, by date.
std::vector<Occurrence> OccurrencesIn(const TemplatePlan& plan, const PlanGround& ground,
                                      absl::CivilDay first, absl::CivilDay last);

// Two occurrences of one plan, or of two, at the same time; the first such pair.
struct Clash {
  Occurrence one;
  Occurrence other;
};
// Both by date.
std::optional<Clash> FirstClash(const std::vector<Occurrence>& ones,
                                const std::vector<Occurrence>& others);
std::optional<Clash> FirstClash(const std::vector<Occurrence>& within);

// What to offer on that date.
NewSession OfferOf(const SessionTemplate& made_from, const Occurrence& occurrence);

// The same for sessions of a template that are alike in all that its plan decides: a session whose
// shape the plan still means stays as it is.
base::Uuid ShapeOf(const SessionTemplate& made_from, const Occurrence& occurrence);

}  // namespace yilian::scheduling
