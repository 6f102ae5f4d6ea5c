// What a rota comes to on the ground: experts' time as scheduling knows it, the stations' clocks,
// what was published before. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/time/time.h"
#include "services/scheduling/domain/site.h"
#include "services/scheduling/domain/span.h"
#include "services/scheduling/domain/types.h"
#include "services/scheduling/rota/review.h"
#include "services/scheduling/rota/rota.h"

namespace yilian::scheduling::rota {

// Time of an expert that is spoken for.
struct BusyTime {
  int expert = 0;  // position in Problem::experts
  Span time;
  SessionId session;  // nil: an absence
};

// A session of the rota that was published before for the same period.
struct Standing {
  SessionId session;
  PractitionerId practitioner;
  OrganizationId station;
  std::string specialty;
  Visit visit;             // expert or need -1: not of this problem
  bool taken = false;      // somebody has a seat, or it has begun: it stays
  bool as_planned = true;  // department, hours and seats are what this rota gives its visits
};

// What is known beside what was asked.
struct Known {
  std::vector<absl::TimeZone> site_zones;  // of each of Problem::sites
  std::vector<scheduling::Site> stations;  // of each of Problem::stations
  std::vector<BusyTime> busy;              // sessions in `standing` left out
  std::vector<Standing> standing;
};

// A day that was asked for and is spoken for.
struct TakenOut {
  int expert = 0;
  absl::CivilDay day;
  SessionId session;  // nil: an absence
  bool operator==(const TakenOut&) const = default;
};

// A problem less what is spoken for.
struct Remaining {
  Problem problem;
  std::vector<TakenOut> taken_out;  // by expert and day
  std::vector<Standing> kept;       // taken, and not one of the visits
};

// Takes out the experts' days on which they are busy; what is kept takes its expert's day and one
// visit of its need. `visits`: the plan that is looked at; none for one to be made.
Remaining RemainingOf(const Problem& given, const Known& known, const std::vector<Visit>& visits);

// The same for a plan to be made: also closes the stations on the days on which their hours, their
// clock or the present do not allow a visit.
Remaining RemainingToPlan(const Asked& asked, const Known& known, absl::Time now);

// All that is to be said about a plan.
struct Judgement {
  Findings findings;
  std::vector<TakenOut> taken_out;
  std::vector<Standing> kept;
};

// Review, with what is known, and the stations' clocks. Violations are by visit, then rule.
Judgement Judge(const Asked& asked, const Known& known, const std::vector<Visit>& visits,
                absl::Time now);

// The standing session that is the visit already; nullptr: none.
const Standing* FindStanding(const Known& known, const Visit& visit);

}  // namespace yilian::scheduling::rota
