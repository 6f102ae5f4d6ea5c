// What a series would change the relaxed plan's cost by: which columns are worth making.
#pragma once

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>
#include <vector>

#include "services/scheduling/rota/weekly_model.h"
#include "services/scheduling/rota/weekly_rows.h"

namespace yilian::scheduling::rota {

struct Priced {
  double reduced_cost = 0;
  Series series;
};

inline bool Cheaper(const Priced& a, const Priced& b) {
  return std::tie(a.reduced_cost, a.series.expert, a.series.need, a.series.visits) <
         std::tie(b.reduced_cost, b.series.expert, b.series.need, b.series.visits);
}

// What a pair's series cost at the prices of the moment. Refers to all it is given.
class Pricing {
 public:
  // `room`: what is left of each row; series that do not fit are not thought of. Empty: all.
  Pricing(const Ground& ground, const WeeklyRows& rows, const std::vector<double>& prices,
          const std::vector<double>& room)
      : ground_(ground), rows_(rows), prices_(prices), room_(room) {}

  // The pair's series of the least reduced cost; none when the expert cannot come at all.
  std::optional<Priced> Best(int expert, int need) const {
    const Pair pair = Of(expert, need);
    std::vector<int> order(pair.gain.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return pair.gain[static_cast<size_t>(a)] > pair.gain[static_cast<size_t>(b)];
    });
    Priced best{pair.first_cost, {expert, need, std::vector<int>(pair.gain.size())}};
    int left = std::min(ground_.Capacity(expert), Left(rows_.Expert(expert)));
    bool any = false;
    for (const int week : order) {
      const auto w = static_cast<size_t>(week);
      const int count = std::min(left, pair.most[w]);
      // The first visit is taken even at a loss: a pair without any is no series.
      if (count == 0 || (any && pair.gain[w] <= 0)) continue;
      const int taken = pair.gain[w] > 0 ? count : 1;
      best.series.visits[w] = taken;
      best.reduced_cost -= pair.gain[w] * taken;
      left -= taken;
      any = true;
    }
    if (!any) return std::nullopt;
    return best;
  }

 private:
  struct Pair {
    double first_cost = 0;
    std::vector<double> gain;  // of a visit in each week: minus its part of the reduced cost
    std::vector<int> most;     // visits in each week
  };

  Pair Of(int expert, int need) const {
    Pair pair;
    pair.first_cost = static_cast<double>(ground_.PairingCost(expert, need));
    const double journey = static_cast<double>(ground_.TravelCost(expert, need));
    for (int week = 0; week < ground_.weeks(); ++week) {
      const int most = std::min({ground_.MostVisits(expert, need, week),
                                 Left(rows_.Need(need, week)), Left(rows_.ExpertWeek(expert, week)),
                                 Left(rows_.StationWeek(ground_.station(need), week))});
      pair.most.push_back(most);
      pair.gain.push_back(most == 0 ? 0
                                    : -journey + Price(rows_.Need(need, week)) +
                                          Price(rows_.ExpertWeek(expert, week)) +
                                          Price(rows_.Expert(expert)) +
                                          Price(rows_.StationWeek(ground_.station(need), week)));
    }
    return pair;
  }

  int Left(int row) const {
    if (row < 0 || room_.empty()) return std::numeric_limits<int>::max();
    return static_cast<int>(room_[static_cast<size_t>(row)]);
  }
  double Price(int row) const { return row < 0 ? 0 : prices_[static_cast<size_t>(row)]; }

  const Ground& ground_;
  const WeeklyRows& rows_;
  const std::vector<double>& prices_;
  const std::vector<double>& room_;
};

}  // namespace yilian::scheduling::rota
