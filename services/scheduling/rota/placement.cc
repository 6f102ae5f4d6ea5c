#include "services/scheduling/rota/placement.h"

#include <algorithm>
#include <bit>
#include <set>
#include <tuple>
#include <utility>

namespace yilian::scheduling::rota {
namespace {

// How many visits may be pushed on, one by the other. Longer chains have not found more.
constexpr int kLongestChain = 8;

class Placer {
 public:
  explicit Placer(Draft& draft) : draft_(draft), ground_(draft.ground()) {}

  bool Place(int expert, int need, int week) {
    pushed_.clear();
    return Place(expert, need, week, kLongestChain);
  }

 private:
  bool Place(int expert, int need, int week, int chain) {
    for (int day = 7 * week; day < 7 * week + 7; ++day) {
      if (!draft_.MayAdd(expert, need, day)) continue;
      draft_.Add(expert, need, day);
      return true;
    }
    if (chain == 0) return false;
    for (int day = 7 * week; day < 7 * week + 7; ++day) {
      if (Push(expert, need, day, chain)) return true;
    }
    return false;
  }

  // On that day, when what stands in the way finds another.
  bool Push(int expert, int need, int day, int chain) {
    if (!draft_.MayAddButForTheDay(expert, need, day)) return false;
    const int own = draft_.NeedOn(expert, day);
    const int station = ground_.station(need);
    const bool room = draft_.HasRoom(station, day);
    if (own >= 0) {
      // His own visit may be at this very station: going, it gives its room back.
      return (room || ground_.station(own) == station) &&
             PushOne(expert, need, day, expert, own, chain);
    }
    const std::vector<int> there = draft_.At(station, day);
    return std::any_of(there.begin(), there.end(), [&](int other) {
      return PushOne(expert, need, day, other, draft_.NeedOn(other, day), chain);
    });
  }

  bool PushOne(int expert, int need, int day, int other, int other_need, int chain) {
    // Each visit leaves each day once: chains do not turn in a circle.
    if (!pushed_.emplace(other, day).second) return false;
    draft_.Remove(other, day);
    draft_.Add(expert, need, day);
    if (Place(other, other_need, day / 7, chain - 1)) return true;
    draft_.Remove(expert, day);
    draft_.Add(other, other_need, day);
    return false;
  }

  Draft& draft_;
  const Ground& ground_;
  std::set<std::pair<int, int>> pushed_;  // expert, day
};

}  // namespace

int PlaceDays(const std::vector<Series>& series, Draft& draft) {
  const Ground& ground = draft.ground();
  // Fewest days to choose from first.
  std::vector<std::tuple<int, int, int, int>> visits;
  for (const Series& one : series) {
    for (int week = 0; week < ground.weeks(); ++week) {
      const int choice = std::popcount(ground.Common(one.expert, one.need, week));
      for (int i = 0; i < one.visits[static_cast<size_t>(week)]; ++i) {
        visits.emplace_back(choice, one.need, one.expert, week);
      }
    }
  }
  std::sort(visits.begin(), visits.end());
  Placer placer(draft);
  int left_out = 0;
  for (const auto& [choice, need, expert, week] : visits) {
    if (!placer.Place(expert, need, week)) ++left_out;
  }
  return left_out;
}

}  // namespace yilian::scheduling::rota
