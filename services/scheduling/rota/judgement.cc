#include "services/scheduling/rota/judgement.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace yilian::scheduling::rota {
namespace {

template <typename T>
const T& At(const std::vector<T>& all, int position) {
  return all[static_cast<size_t>(position)];
}

bool Inside(const Problem& problem, absl::CivilDay day) {
  return day >= problem.first_day && day < problem.first_day + 7 * problem.weeks;
}

// What a visit meets at its station's clock; nothing: it may be.
std::vector<Rule> ClockRules(const Asked& asked, const scheduling::Site& station,
                             absl::CivilDay day, absl::Time now) {
  std::vector<Rule> broken;
  if (!station.IsOpen(absl::GetWeekday(day), asked.hours)) {
    broken.push_back(Rule::kOutsideSiteHours);
  }
  const ClockSpan clock = OnClock(asked.hours, day, station.zone);
  if (clock.skipped) broken.push_back(Rule::kTimeNotOnClock);
  if (clock.time.start <= now) broken.push_back(Rule::kPast);
  return broken;
}

// The days that are spoken for, each once; a session before an absence.
std::map<std::pair<int, absl::CivilDay>, SessionId> SpokenFor(const Problem& given,
                                                              const Known& known,
                                                              const std::vector<Standing>& kept) {
  std::map<std::pair<int, absl::CivilDay>, SessionId> days;
  const auto take = [&](int expert, absl::CivilDay day, SessionId session) {
    const auto [found, fresh] = days.try_emplace({expert, day}, session);
    if (!fresh && found->second.is_nil()) found->second = session;
  };
  const absl::CivilDay end = given.first_day + 7 * given.weeks;
  for (const BusyTime& busy : known.busy) {
    const absl::TimeZone zone = At(known.site_zones, At(given.experts, busy.expert).site);
    // `end` is not included: what ends at midnight leaves the next day free.
    const absl::CivilDay last = absl::ToCivilDay(busy.time.end - absl::Microseconds(1), zone);
    for (absl::CivilDay day = std::max(given.first_day, absl::ToCivilDay(busy.time.start, zone));
         day <= last && day < end; ++day) {
      take(busy.expert, day, busy.session);
    }
  }
  for (const Standing& one : kept) {
    if (one.visit.expert >= 0) take(one.visit.expert, one.visit.day, one.session);
  }
  return days;
}

}  // namespace

const Standing* FindStanding(const Known& known, const Visit& visit) {
  const auto found =
      std::find_if(known.standing.begin(), known.standing.end(),
                   [&](const Standing& one) { return one.as_planned && one.visit == visit; });
  return found == known.standing.end() ? nullptr : &*found;
}

Remaining RemainingOf(const Problem& given, const Known& known, const std::vector<Visit>& visits) {
  Remaining remaining{.problem = given};
  std::vector<Visit> sorted = visits;
  std::sort(sorted.begin(), sorted.end());
  std::copy_if(known.standing.begin(), known.standing.end(), std::back_inserter(remaining.kept),
               [&](const Standing& one) {
                 const bool planned =
                     one.as_planned && std::binary_search(sorted.begin(), sorted.end(), one.visit);
                 return one.taken && !planned;
               });
  const auto spoken_for = SpokenFor(given, known, remaining.kept);
  for (const auto& [key, session] : spoken_for) {
    auto& available = remaining.problem.experts[static_cast<size_t>(key.first)].available;
    const auto day = std::find(available.begin(), available.end(), key.second);
    if (day == available.end()) continue;
    available.erase(day);
    remaining.taken_out.push_back({key.first, key.second, session});
  }
  for (const Standing& one : remaining.kept) {
    if (one.visit.need < 0 || !Inside(given, one.visit.day)) continue;
    Need& need = remaining.problem.needs[static_cast<size_t>(one.visit.need)];
    int& wanted = need.days[static_cast<size_t>((one.visit.day - given.first_day) / 7)];
    wanted = std::max(0, wanted - 1);
  }
  return remaining;
}

Remaining RemainingToPlan(const Asked& asked, const Known& known, absl::Time now) {
  Remaining remaining = RemainingOf(asked.problem, known, {});
  Problem& problem = remaining.problem;
  for (size_t i = 0; i < problem.stations.size(); ++i) {
    std::vector<absl::CivilDay>& closed = problem.stations[i].closed;
    for (int day = 0; day < 7 * problem.weeks; ++day) {
      const absl::CivilDay date = problem.first_day + day;
      if (ClockRules(asked, known.stations[i], date, now).empty()) continue;
      if (std::find(closed.begin(), closed.end(), date) == closed.end()) closed.push_back(date);
    }
  }
  return remaining;
}

Judgement Judge(const Asked& asked, const Known& known, const std::vector<Visit>& visits,
                absl::Time now) {
  Remaining remaining = RemainingOf(asked.problem, known, visits);
  Judgement judgement{.findings = Review(Ground(remaining.problem), visits),
                      .taken_out = std::move(remaining.taken_out),
                      .kept = std::move(remaining.kept)};
  std::map<std::pair<int, absl::CivilDay>, SessionId> blocking;
  for (const TakenOut& one : judgement.taken_out) blocking[{one.expert, one.day}] = one.session;
  std::vector<Violation>& violations = judgement.findings.violations;
  for (Violation& violation : violations) {
    if (violation.rule != Rule::kNotAvailable) continue;
    const Visit& visit = At(visits, violation.visit);
    const auto found = blocking.find({visit.expert, visit.day});
    if (found != blocking.end()) violation.blocking = found->second;
  }
  for (size_t i = 0; i < visits.size(); ++i) {
    const Visit& visit = visits[i];
    // It is a session already, whatever the hours have become.
    if (!Inside(asked.problem, visit.day) || FindStanding(known, visit) != nullptr) continue;
    const Need& need = At(asked.problem.needs, visit.need);
    for (const Rule rule : ClockRules(asked, At(known.stations, need.station), visit.day, now)) {
      violations.push_back({static_cast<int>(i), rule});
    }
  }
  std::stable_sort(violations.begin(), violations.end(), [](const auto& a, const auto& b) {
    return std::pair(a.visit, a.rule) < std::pair(b.visit, b.rule);
  });
  return judgement;
}

}  // namespace yilian::scheduling::rota
