// A checked problem with what every part of the planner looks up again and again: who may go where,
// on which days, and what is a fair share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/scheduling/rota/problem.h"

namespace yilian::scheduling::rota {

// Days of the period as bits, first_day the lowest.
using Days = uint64_t;

// Where a table of so many columns, kept row by row, has a cell.
inline size_t Cell(int row, int columns, int column) {
  return static_cast<size_t>(row) * static_cast<size_t>(columns) + static_cast<size_t>(column);
}

// The load that is fair for an expert, in days, both ends included.
struct Band {
  int least = 0;
  int most = 0;
  bool operator==(const Band&) const = default;
};

// Refers to the problem, which must live longer. Immutable: threads share it.
class Ground {
 public:
  // `problem` has passed Validate.
  explicit Ground(const Problem& problem);

  const Problem& problem() const { return problem_; }
  int experts() const { return static_cast<int>(problem_.experts.size()); }
  int needs() const { return static_cast<int>(problem_.needs.size()); }
  int weeks() const { return problem_.weeks; }
  int days() const { return 7 * problem_.weeks; }
  int station(int need) const { return problem_.needs[static_cast<size_t>(need)].station; }
  int wanted(int need, int week) const {
    return problem_.needs[static_cast<size_t>(need)].days[static_cast<size_t>(week)];
  }

  static Days Week(int week) { return Days{0x7F} << (7 * week); }
  Days free(int expert) const { return free_[static_cast<size_t>(expert)]; }
  Days open(int station) const { return open_[static_cast<size_t>(station)]; }
  // Days in `week` on which the expert could go to the need's station.
  Days Common(int expert, int need, int week) const {
    return free(expert) & open(station(need)) & Week(week);
  }
  // Visits that the expert can make for the need in the week.
  int MostVisits(int expert, int need, int week) const;
  // Outreach days that the expert can make in the week, or in the whole period.
  int Capacity(int expert, int week) const;
  int Capacity(int expert) const;

  // Minutes to the need's station; kUnreachable also where it is too far.
  int Minutes(int expert, int need) const;
  bool HasSpecialty(int expert, int need) const;
  bool HasTitle(int expert, int need) const;
  // By specialty, title and distance; the days are another matter.
  bool Suits(int expert, int need) const { return suits_[At(expert, need)]; }
  const std::vector<int>& SuitedFor(int need) const { return suited_[static_cast<size_t>(need)]; }

  // What the expert's first visit for the need costs beside the journey.
  int64_t PairingCost(int expert, int need) const {
    return problem_.weights.pairing + (known_[At(expert, need)] ? 0 : problem_.weights.newcomer);
  }
  int64_t TravelCost(int expert, int need) const {
    return int64_t{problem_.weights.travel} * Minutes(expert, need);
  }
  int64_t UnmetCost(int need) const {
    return int64_t{problem_.weights.unmet} * problem_.needs[static_cast<size_t>(need)].priority;
  }
  const Band& band(int expert) const { return bands_[static_cast<size_t>(expert)]; }
  // Of an expert with `load` days: 1 + 2 + ... for the days outside the band.
  int64_t FairnessCost(int expert, int load) const;

 private:
  size_t At(int expert, int need) const {
    return static_cast<size_t>(expert) * problem_.needs.size() + static_cast<size_t>(need);
  }
  void FindFairShares();

  const Problem& problem_;
  std::vector<Days> free_;
  std::vector<Days> open_;
  std::vector<bool> suits_;  // experts x needs
  std::vector<bool> known_;  // experts x needs: Problem::previous
  std::vector<std::vector<int>> suited_;
  std::vector<Band> bands_;
};

}  // namespace yilian::scheduling::rota
