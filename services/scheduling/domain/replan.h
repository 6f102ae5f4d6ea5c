// What becomes of a template's sessions when their plan is looked at again: the table that a
// template's change, its end, an absence and every run of the job go by. Pure.
#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/scheduling/domain/session_template.h"

namespace yilian::scheduling {

// How far ahead sessions are made, and by whose clock and holidays. app/config.proto sets them.
struct TemplateRules {
  int horizon_days = 28;
  std::string zone_name;  // of sites that were never defined
  absl::TimeZone zone;
  calendar::Calendar holidays;
};

// A session of a template that has not begun.
struct StandingSession {
  SessionId id;
  absl::CivilDay date;
  base::Uuid shape;  // as it was made
};

enum class Fate {
  kStays,     // it is as the plan says
  kGoes,      // nobody has a seat: withdrawn, and made anew where the plan has one on that date
  kConflict,  // somebody has a seat: it stays, and is listed
};

struct Ruling {
  Fate fate = Fate::kStays;
  TemplateConflictKind conflict = TemplateConflictKind::kBookedOtherwise;  // with kConflict
  bool operator==(const Ruling&) const = default;
};

// `planned`: the shape that the plan has on the session's date; nothing: none. `taken`: a seat is
// held or booked.
Ruling Judge(const std::optional<base::Uuid>& planned, const base::Uuid& shape, bool taken);

// A date that is not as its template says.
struct TemplateConflict {
  TemplateId made_from;
  OrganizationId organization;
  absl::CivilDay date;
  TemplateConflictKind kind = TemplateConflictKind::kBookedOtherwise;
  SessionId session;   // the template's own that stays; nil: none was made
  SessionId blocking;  // in the way; nil: none
  absl::Time found_at;

  // Whether it is the same one, whenever it was found.
  bool SameAs(const TemplateConflict& other) const {
    return made_from == other.made_from && date == other.date && kind == other.kind &&
           session == other.session && blocking == other.blocking;
  }
};

// When the job looks at the template again; nothing: never, its last date has passed. `conflicts`:
// there are some, which may end any time.
std::optional<absl::Time> NextLook(const SessionTemplate& made, const absl::TimeZone& zone,
                                   const TemplateRules& rules, bool conflicts, absl::Time now);

}  // namespace yilian::scheduling
