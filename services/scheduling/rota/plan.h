// A rota and what is to be said about it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "services/scheduling/rota/problem.h"

namespace yilian::scheduling::rota {

// In the units of Weights, criterion by criterion.
struct Cost {
  int64_t unmet = 0;
  int64_t travel = 0;
  int64_t fairness = 0;
  int64_t continuity = 0;  // pairings and newcomers
  int64_t total() const { return unmet + travel + fairness + continuity; }
  bool operator==(const Cost&) const = default;
};

// Why nobody comes. In the order in which they are looked for: the first that holds is told.
enum class UnmetReason {
  kNoExpert = 1,   // nobody has the specialty
  kTitle,          // nobody of the specialty has the title
  kTooFar,         // nobody who has both is near enough
  kStationClosed,  // no open day in that week
  kAway,           // all who suit are away on the station's open days, or send no days that week
  kNoRoom,         // the station's rooms are taken on every day on which one of them could come
  kBusy,           // all who could come have all the days they may make: `competing` has them
  kTooDear,        // somebody could come, at a higher cost than the missing visit's
};
std::string_view Name(UnmetReason reason);

// Visits of a need that are missing in one week.
struct Unmet {
  int need = 0;  // position in Problem::needs
  int week = 0;
  int days = 0;
  UnmetReason reason = UnmetReason::kNoExpert;
  // For kNoRoom and kBusy: the needs that have the rooms or the experts in that week, ascending.
  std::vector<int> competing;
  bool operator==(const Unmet&) const = default;
};

// Of one expert, in outreach days.
struct Load {
  int days = 0;
  int fair_least = 0;
  int fair_most = 0;
  bool operator==(const Load&) const = default;
};

// What Violation::limit counts is said at each.
enum class Rule {
  kUnknownExpert = 1,  // not a position in Problem::experts
  kUnknownNeed,        // not a position in Problem::needs
  kOutsidePeriod,
  kNotAvailable,
  kStationClosed,
  kSpecialty,
  kTitle,
  kTooFar,          // limit: Problem::most_travel_minutes
  kSameDay,         // the expert is elsewhere that day: `other`
  kDaysAWeek,       // limit: Expert::most_days_a_week
  kDaysInPeriod,    // limit: Expert::most_days
  kNoRoom,          // limit: Station::rooms
  kMoreThanNeeded,  // limit: Need::days of that week
  // By the station's clock; found by Judge (judgement.h), not by Review.
  kOutsideSiteHours,
  kTimeNotOnClock,
  kPast,
};
std::string_view Name(Rule rule);

// One rule that a visit breaks. Of visits that break a limit together the later ones are named.
struct Violation {
  int visit = 0;  // position in the visits that were reviewed
  Rule rule = Rule::kUnknownExpert;
  int limit = 0;       // what is allowed, for the rules that count
  int other = -1;      // position of the visit that is in the way, for kSameDay
  SessionId blocking;  // the session that is in the way, for kNotAvailable; nil: none
  bool operator==(const Violation&) const = default;
};

struct Plan {
  std::vector<Visit> visits;  // by expert and day
  Cost cost;
  std::vector<Unmet> unmet;  // by need and week
  std::vector<Load> loads;   // of each expert
  // No plan of this problem costs less: proven by the solver.
  double bound = 0;
  // It ended before the gap that was asked for was reached: more time may give a better plan.
  bool stopped_early = false;
  // What the plan may cost more than the best, as a part of the bound; 0: it is the best.
  double gap() const;
};

}  // namespace yilian::scheduling::rota
