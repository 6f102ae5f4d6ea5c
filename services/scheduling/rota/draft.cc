#include "services/scheduling/rota/draft.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace yilian::scheduling::rota {
namespace {

// Where a visit would go and what it would cost.
struct Option {
  int expert = -1;
  int day = -1;
  int64_t cost = std::numeric_limits<int64_t>::max();
};

Option CheapestFor(const Draft& draft, int need, int week) {
  const Ground& ground = draft.ground();
  Option best;
  for (const int expert : ground.SuitedFor(need)) {
    const int64_t cost = draft.CostOfAdding(expert, need);
    if (cost >= best.cost) continue;
    for (int day = 7 * week; day < 7 * week + 7; ++day) {
      if (!draft.MayAdd(expert, need, day)) continue;
      best = {expert, day, cost};
      break;
    }
  }
  return best;
}

// Sends the expert from where he is that day to `need`, and whom it costs least in his place, if
// that saves. Otherwise the draft is as it was.
bool Exchange(Draft& draft, int expert, int need, int day) {
  const int left = draft.NeedOn(expert, day);
  int64_t change = draft.CostOfRemoving(expert, day);
  draft.Remove(expert, day);
  if (draft.MayAdd(expert, need, day)) {
    change += draft.CostOfAdding(expert, need);
    draft.Add(expert, need, day);
    const Option other = CheapestFor(draft, left, day / 7);
    const bool replaced = other.expert >= 0 && other.cost < 0;
    if (change + (replaced ? other.cost : 0) < 0) {
      if (replaced) draft.Add(other.expert, left, other.day);
      return true;
    }
    draft.Remove(expert, day);
  }
  draft.Add(expert, left, day);
  return false;
}

// One visit more for the need in that week, by some exchange.
bool ExchangeFor(Draft& draft, int need, int week) {
  for (const int expert : draft.ground().SuitedFor(need)) {
    for (int day = 7 * week; day < 7 * week + 7; ++day) {
      const int now = draft.NeedOn(expert, day);
      if (now >= 0 && now != need && Exchange(draft, expert, need, day)) return true;
    }
  }
  return false;
}

}  // namespace

Draft::Draft(const Ground& ground)
    : ground_(ground),
      need_on_(static_cast<size_t>(ground.experts() * ground.days()), -1),
      at_(ground.problem().stations.size() * static_cast<size_t>(ground.days())),
      load_(static_cast<size_t>(ground.experts())),
      week_load_(static_cast<size_t>(ground.experts() * ground.weeks())),
      met_(static_cast<size_t>(ground.needs() * ground.weeks())),
      pairs_(static_cast<size_t>(ground.experts()) * static_cast<size_t>(ground.needs())) {}

bool Draft::HasRoom(int station, int day) const {
  return static_cast<int>(At(station, day).size()) <
         ground_.problem().stations[static_cast<size_t>(station)].rooms;
}

int Draft::Missing(int need, int week) const {
  return ground_.wanted(need, week) - met_[Cell(need, ground_.weeks(), week)];
}

bool Draft::MayAddButForTheDay(int expert, int need, int day) const {
  const int week = day / 7;
  const Expert& who = ground_.problem().experts[static_cast<size_t>(expert)];
  return Missing(need, week) > 0 && ground_.Suits(expert, need) &&
         (ground_.Common(expert, need, week) >> day & 1) != 0 &&
         WeekLoad(expert, week) < who.most_days_a_week && Load(expert) < who.most_days;
}

bool Draft::MayAdd(int expert, int need, int day) const {
  return NeedOn(expert, day) < 0 && MayAddButForTheDay(expert, need, day) &&
         HasRoom(ground_.station(need), day);
}

void Draft::Add(int expert, int need, int day) {
  need_on_[Day(expert, day)] = need;
  at_[StationDay(ground_.station(need), day)].push_back(expert);
  ++load_[static_cast<size_t>(expert)];
  ++week_load_[Cell(expert, ground_.weeks(), day / 7)];
  ++met_[Cell(need, ground_.weeks(), day / 7)];
  ++pairs_[Pair(expert, need)];
}

void Draft::Remove(int expert, int day) {
  const int need = NeedOn(expert, day);
  need_on_[Day(expert, day)] = -1;
  std::vector<int>& there = at_[StationDay(ground_.station(need), day)];
  there.erase(std::find(there.begin(), there.end(), expert));
  --load_[static_cast<size_t>(expert)];
  --week_load_[Cell(expert, ground_.weeks(), day / 7)];
  --met_[Cell(need, ground_.weeks(), day / 7)];
  --pairs_[Pair(expert, need)];
}

int64_t Draft::CostOfAdding(int expert, int need) const {
  const int load = Load(expert);
  return ground_.TravelCost(expert, need) - ground_.UnmetCost(need) +
         (pairs_[Pair(expert, need)] == 0 ? ground_.PairingCost(expert, need) : 0) +
         ground_.FairnessCost(expert, load + 1) - ground_.FairnessCost(expert, load);
}

int64_t Draft::CostOfRemoving(int expert, int day) const {
  const int need = NeedOn(expert, day);
  const int load = Load(expert);
  return ground_.UnmetCost(need) - ground_.TravelCost(expert, need) -
         (pairs_[Pair(expert, need)] == 1 ? ground_.PairingCost(expert, need) : 0) +
         ground_.FairnessCost(expert, load - 1) - ground_.FairnessCost(expert, load);
}

std::vector<Visit> Draft::Visits() const {
  std::vector<Visit> visits;
  for (int expert = 0; expert < ground_.experts(); ++expert) {
    for (int day = 0; day < ground_.days(); ++day) {
      const int need = NeedOn(expert, day);
      if (need >= 0) visits.push_back({expert, need, ground_.problem().first_day + day});
    }
  }
  return visits;
}

Cost Draft::TotalCost() const {
  Cost cost;
  for (int need = 0; need < ground_.needs(); ++need) {
    for (int week = 0; week < ground_.weeks(); ++week) {
      cost.unmet += ground_.UnmetCost(need) * Missing(need, week);
    }
  }
  for (int expert = 0; expert < ground_.experts(); ++expert) {
    cost.fairness += ground_.FairnessCost(expert, Load(expert));
    for (int need = 0; need < ground_.needs(); ++need) {
      const int64_t visits = pairs_[Pair(expert, need)];
      if (visits == 0) continue;
      cost.travel += visits * ground_.TravelCost(expert, need);
      cost.continuity += ground_.PairingCost(expert, need);
    }
  }
  return cost;
}

void FillGaps(Draft& draft) {
  const Ground& ground = draft.ground();
  // Fewest experts first, then dearest; the position makes it one order.
  std::vector<std::tuple<size_t, int64_t, int>> order;
  for (int need = 0; need < ground.needs(); ++need) {
    order.emplace_back(ground.SuitedFor(need).size(), -ground.UnmetCost(need), need);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [experts, price, need] : order) {
    for (int week = 0; week < ground.weeks(); ++week) {
      while (draft.Missing(need, week) > 0) {
        const Option best = CheapestFor(draft, need, week);
        if (best.expert < 0 || best.cost >= 0) break;
        draft.Add(best.expert, need, best.day);
      }
    }
  }
}

void MoveVisits(Draft& draft) {
  const Ground& ground = draft.ground();
  bool moved = true;
  while (moved) {
    moved = false;
    for (int expert = 0; expert < ground.experts(); ++expert) {
      for (int day = 0; day < ground.days(); ++day) {
        const int need = draft.NeedOn(expert, day);
        if (need < 0) continue;
        const int64_t saved = -draft.CostOfRemoving(expert, day);
        draft.Remove(expert, day);
        const Option best = CheapestFor(draft, need, day / 7);
        if (best.expert >= 0 && best.cost < saved) {
          draft.Add(best.expert, need, best.day);
          moved = true;
        } else {
          draft.Add(expert, need, day);
        }
      }
    }
  }
}

void FillGapsByExchange(Draft& draft) {
  const Ground& ground = draft.ground();
  bool changed = true;
  while (changed) {
    changed = false;
    for (int need = 0; need < ground.needs(); ++need) {
      for (int week = 0; week < ground.weeks(); ++week) {
        while (draft.Missing(need, week) > 0 && ExchangeFor(draft, need, week)) changed = true;
      }
    }
  }
}

}  // namespace yilian::scheduling::rota
