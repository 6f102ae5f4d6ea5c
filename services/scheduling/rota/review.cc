#include "services/scheduling/rota/review.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/status_macros.h"

namespace yilian::scheduling::rota {
namespace {

// Counts what the visits take. Independent of Draft on purpose: it judges plans that break rules,
// and the planner's own.
class Reviewer {
 public:
  Reviewer(const Ground& ground, const std::vector<Visit>& visits)
      : ground_(ground), visits_(visits) {}

  Findings Run() {
    for (size_t i = 0; i < visits_.size(); ++i) Look(static_cast<int>(i));
    for (int expert = 0; expert < ground_.experts(); ++expert) {
      const int days = Count(load_, expert);
      findings_.cost.fairness += ground_.FairnessCost(expert, days);
      findings_.loads.push_back({days, ground_.band(expert).least, ground_.band(expert).most});
    }
    for (int need = 0; need < ground_.needs(); ++need) {
      for (int week = 0; week < ground_.weeks(); ++week) Missing(need, week);
    }
    return std::move(findings_);
  }

 private:
  template <typename Key>
  static int Count(const std::map<Key, int>& counts, const Key& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
  }

  void Broken(int visit, Rule rule, int limit = 0, int other = -1) {
    findings_.violations.push_back({visit, rule, limit, other});
  }

  void Look(int i) {
    const Visit& visit = visits_[static_cast<size_t>(i)];
    const Problem& problem = ground_.problem();
    const bool expert_known = visit.expert >= 0 && visit.expert < ground_.experts();
    const bool need_known = visit.need >= 0 && visit.need < ground_.needs();
    const auto day = visit.day - problem.first_day;
    const bool inside = day >= 0 && day < ground_.days();
    if (!expert_known) Broken(i, Rule::kUnknownExpert);
    if (!need_known) Broken(i, Rule::kUnknownNeed);
    if (!inside) Broken(i, Rule::kOutsidePeriod);
    if (expert_known && need_known && inside) Look(i, visit, static_cast<int>(day));
  }

  void Look(int i, const Visit& visit, int day) {
    const Problem& problem = ground_.problem();
    const Expert& expert = problem.experts[static_cast<size_t>(visit.expert)];
    const int station = ground_.station(visit.need);
    const int rooms = problem.stations[static_cast<size_t>(station)].rooms;
    const int week = day / 7;
    const int wanted = ground_.wanted(visit.need, week);
    if ((ground_.free(visit.expert) >> day & 1) == 0) Broken(i, Rule::kNotAvailable);
    if ((ground_.open(station) >> day & 1) == 0) Broken(i, Rule::kStationClosed);
    if (!ground_.HasSpecialty(visit.expert, visit.need)) Broken(i, Rule::kSpecialty);
    if (!ground_.HasTitle(visit.expert, visit.need)) Broken(i, Rule::kTitle);
    if (ground_.Minutes(visit.expert, visit.need) == kUnreachable) {
      Broken(i, Rule::kTooFar, problem.most_travel_minutes);
    }
    const auto [first, alone] = taken_.emplace(std::pair(visit.expert, day), i);
    if (!alone) Broken(i, Rule::kSameDay, 0, first->second);
    if (++week_load_[{visit.expert, week}] > expert.most_days_a_week) {
      Broken(i, Rule::kDaysAWeek, expert.most_days_a_week);
    }
    if (++load_[visit.expert] > expert.most_days) Broken(i, Rule::kDaysInPeriod, expert.most_days);
    if (++rooms_[{station, day}] > rooms) Broken(i, Rule::kNoRoom, rooms);
    if (++met_[{visit.need, week}] > wanted) Broken(i, Rule::kMoreThanNeeded, wanted);
    at_week_[{station, week}].insert(visit.need);
    of_week_[{visit.expert, week}].insert(visit.need);

    // A journey that the table does not know costs nothing; the violation says enough.
    const int minutes = problem.sites[static_cast<size_t>(expert.site)]
                            .travel_minutes[static_cast<size_t>(station)];
    findings_.cost.travel += int64_t{problem.weights.travel} * std::max(0, minutes);
    if (pairs_.emplace(visit.expert, visit.need).second) {
      findings_.cost.continuity += ground_.PairingCost(visit.expert, visit.need);
    }
  }

  void Missing(int need, int week) {
    const int missing = ground_.wanted(need, week) - Count(met_, {need, week});
    if (missing <= 0) return;
    findings_.cost.unmet += ground_.UnmetCost(need) * missing;
    Unmet unmet{need, week, missing, UnmetReason::kNoExpert, {}};
    std::set<int> competing;
    unmet.reason = ReasonOf(need, week, competing);
    competing.erase(need);
    unmet.competing.assign(competing.begin(), competing.end());
    findings_.unmet.push_back(std::move(unmet));
  }

  UnmetReason ReasonOf(int need, int week, std::set<int>& competing) {
    bool specialty = false;
    bool title = false;
    for (int expert = 0; expert < ground_.experts(); ++expert) {
      if (!ground_.HasSpecialty(expert, need)) continue;
      specialty = true;
      title = title || ground_.HasTitle(expert, need);
    }
    if (!specialty) return UnmetReason::kNoExpert;
    if (!title) return UnmetReason::kTitle;
    if (ground_.SuitedFor(need).empty()) return UnmetReason::kTooFar;
    if ((ground_.open(ground_.station(need)) & Ground::Week(week)) == 0) {
      return UnmetReason::kStationClosed;
    }
    return ReasonOfTheDays(need, week, competing);
  }

  // All who suit are there, somewhere: what keeps each from coming?
  UnmetReason ReasonOfTheDays(int need, int week, std::set<int>& competing) {
    const int station = ground_.station(need);
    bool present = false;
    bool free_but_no_room = false;
    std::set<int> busy_with;
    for (const int expert : ground_.SuitedFor(need)) {
      const Days common = ground_.Common(expert, need, week);
      if (common == 0 || ground_.Capacity(expert, week) == 0 || ground_.Capacity(expert) == 0) {
        continue;
      }
      present = true;
      const Expert& who = ground_.problem().experts[static_cast<size_t>(expert)];
      bool free_day = false;
      bool day_and_room = false;
      for (int day = 7 * week; day < 7 * week + 7; ++day) {
        if ((common >> day & 1) == 0 || taken_.contains({expert, day})) continue;
        free_day = true;
        day_and_room = day_and_room || HasRoom(station, day);
      }
      const bool may_more = Count(week_load_, {expert, week}) < who.most_days_a_week &&
                            Count(load_, expert) < who.most_days;
      if (may_more && day_and_room) return UnmetReason::kTooDear;
      if (may_more && free_day) free_but_no_room = true;
      // The days of the period may have gone to other weeks.
      const bool period_spent = Count(load_, expert) >= who.most_days;
      for (int w = period_spent ? 0 : week; w <= (period_spent ? ground_.weeks() - 1 : week); ++w) {
        for (const int other : of_week_[{expert, w}]) busy_with.insert(other);
      }
    }
    if (!present) return UnmetReason::kAway;
    competing = free_but_no_room ? at_week_[{station, week}] : busy_with;
    return free_but_no_room ? UnmetReason::kNoRoom : UnmetReason::kBusy;
  }

  bool HasRoom(int station, int day) const {
    return Count(rooms_, {station, day}) <
           ground_.problem().stations[static_cast<size_t>(station)].rooms;
  }

  using Key = std::pair<int, int>;

  const Ground& ground_;
  const std::vector<Visit>& visits_;
  Findings findings_;
  std::map<Key, int> taken_;  // expert, day: the first visit there
  std::map<Key, int> week_load_;
  std::map<int, int> load_;
  std::map<Key, int> rooms_;              // station, day
  std::map<Key, int> met_;                // need, week
  std::set<Key> pairs_;                   // expert, need
  std::map<Key, std::set<int>> at_week_;  // station, week: needs met
  std::map<Key, std::set<int>> of_week_;  // expert, week: needs met
};

}  // namespace

absl::StatusOr<Findings> Review(const Problem& problem, const std::vector<Visit>& visits) {
  RETURN_IF_ERROR(Validate(problem));
  return Review(Ground(problem), visits);
}

Findings Review(const Ground& ground, const std::vector<Visit>& visits) {
  return Reviewer(ground, visits).Run();
}

}  // namespace yilian::scheduling::rota
