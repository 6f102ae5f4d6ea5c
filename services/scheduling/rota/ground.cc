#include "services/scheduling/rota/ground.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <string>

namespace yilian::scheduling::rota {
namespace {

Days BitsOf(const Problem& problem, const std::vector<absl::CivilDay>& days) {
  Days bits = 0;
  for (const absl::CivilDay day : days) bits |= Days{1} << (day - problem.first_day);
  return bits;
}

}  // namespace

Ground::Ground(const Problem& problem) : problem_(problem) {
  const Days period = (Days{1} << days()) - 1;
  for (const Expert& expert : problem.experts) free_.push_back(BitsOf(problem, expert.available));
  for (const Station& station : problem.stations) {
    open_.push_back(period & ~BitsOf(problem, station.closed));
  }
  suits_.assign(problem.experts.size() * problem.needs.size(), false);
  known_.assign(suits_.size(), false);
  suited_.resize(problem.needs.size());
  for (int e = 0; e < experts(); ++e) {
    for (int n = 0; n < needs(); ++n) {
      if (!HasSpecialty(e, n) || !HasTitle(e, n) || Minutes(e, n) == kUnreachable) continue;
      suits_[At(e, n)] = true;
      suited_[static_cast<size_t>(n)].push_back(e);
    }
  }
  for (const Pairing& pairing : problem.previous) known_[At(pairing.expert, pairing.need)] = true;
  FindFairShares();
}

int Ground::Capacity(int expert, int week) const {
  return std::min(problem_.experts[static_cast<size_t>(expert)].most_days_a_week,
                  std::popcount(free(expert) & Week(week)));
}

int Ground::Capacity(int expert) const {
  int sum = 0;
  for (int w = 0; w < weeks(); ++w) sum += Capacity(expert, w);
  return std::min(sum, problem_.experts[static_cast<size_t>(expert)].most_days);
}

int Ground::MostVisits(int expert, int need, int week) const {
  return std::min(
      {wanted(need, week), Capacity(expert, week), std::popcount(Common(expert, need, week))});
}

int Ground::Minutes(int expert, int need) const {
  const auto site = static_cast<size_t>(problem_.experts[static_cast<size_t>(expert)].site);
  const int minutes = problem_.sites[site].travel_minutes[static_cast<size_t>(station(need))];
  return minutes > problem_.most_travel_minutes ? kUnreachable : minutes;
}

bool Ground::HasSpecialty(int expert, int need) const {
  const std::vector<std::string>& has = problem_.experts[static_cast<size_t>(expert)].specialties;
  return std::find(has.begin(), has.end(), problem_.needs[static_cast<size_t>(need)].specialty) !=
         has.end();
}

bool Ground::HasTitle(int expert, int need) const {
  return problem_.experts[static_cast<size_t>(expert)].title >=
         problem_.needs[static_cast<size_t>(need)].least_title;
}

int64_t Ground::FairnessCost(int expert, int load) const {
  const Band& fair = band(expert);
  const int64_t outside = std::max({fair.least - load, load - fair.most, 0});
  return problem_.weights.fairness * outside * (outside + 1) / 2;
}

// Everybody who suits a specialty's needs bears the same part of what he can: the days wanted over
// the days that can be had. Who has several specialties has an equal part of his days for each.
void Ground::FindFairShares() {
  std::map<std::string, double> wanted;
  std::map<std::string, double> supply;
  for (const Need& need : problem_.needs) {
    for (const int days : need.days) wanted[need.specialty] += days;
  }
  for (int e = 0; e < experts(); ++e) {
    const std::vector<std::string>& has = problem_.experts[static_cast<size_t>(e)].specialties;
    for (const std::string& specialty : has) {
      supply[specialty] += static_cast<double>(Capacity(e)) / static_cast<double>(has.size());
    }
  }
  for (int e = 0; e < experts(); ++e) {
    const std::vector<std::string>& has = problem_.experts[static_cast<size_t>(e)].specialties;
    double share = 0;
    for (const std::string& specialty : has) {
      if (supply[specialty] <= 0) continue;
      share += std::min(1.0, wanted[specialty] / supply[specialty]) * Capacity(e) /
               static_cast<double>(has.size());
    }
    // A hair's breadth against 2.9999999 for 3.
    const int below = static_cast<int>(std::floor(share + 1e-9));
    const int above = static_cast<int>(std::ceil(share - 1e-9));
    bands_.push_back(
        {std::max(0, below - problem_.fairness_tolerance), above + problem_.fairness_tolerance});
  }
}

}  // namespace yilian::scheduling::rota
