#include "services/scheduling/rota/plan.h"

#include <algorithm>

namespace yilian::scheduling::rota {

std::string_view Name(UnmetReason reason) {
  switch (reason) {
    case UnmetReason::kNoExpert:
      return "NO_EXPERT";
    case UnmetReason::kTitle:
      return "TITLE";
    case UnmetReason::kTooFar:
      return "TOO_FAR";
    case UnmetReason::kStationClosed:
      return "STATION_CLOSED";
    case UnmetReason::kAway:
      return "AWAY";
    case UnmetReason::kNoRoom:
      return "NO_ROOM";
    case UnmetReason::kBusy:
      return "BUSY";
    case UnmetReason::kTooDear:
      return "TOO_DEAR";
  }
  return "UNKNOWN";
}

std::string_view Name(Rule rule) {
  switch (rule) {
    case Rule::kUnknownExpert:
      return "UNKNOWN_EXPERT";
    case Rule::kUnknownNeed:
      return "UNKNOWN_NEED";
    case Rule::kOutsidePeriod:
      return "OUTSIDE_PERIOD";
    case Rule::kNotAvailable:
      return "NOT_AVAILABLE";
    case Rule::kStationClosed:
      return "STATION_CLOSED";
    case Rule::kSpecialty:
      return "SPECIALTY";
    case Rule::kTitle:
      return "TITLE";
    case Rule::kTooFar:
      return "TOO_FAR";
    case Rule::kSameDay:
      return "SAME_DAY";
    case Rule::kDaysAWeek:
      return "DAYS_A_WEEK";
    case Rule::kDaysInPeriod:
      return "DAYS_IN_PERIOD";
    case Rule::kNoRoom:
      return "NO_ROOM";
    case Rule::kMoreThanNeeded:
      return "MORE_THAN_NEEDED";
    case Rule::kOutsideSiteHours:
      return "OUTSIDE_SITE_HOURS";
    case Rule::kTimeNotOnClock:
      return "TIME_NOT_ON_CLOCK";
    case Rule::kPast:
      return "PAST";
  }
  return "UNKNOWN";
}

double Plan::gap() const {
  const auto total = static_cast<double>(cost.total());
  return std::max(0.0, total - bound) / std::max(1.0, bound);
}

}  // namespace yilian::scheduling::rota
