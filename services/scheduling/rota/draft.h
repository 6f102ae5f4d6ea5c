// A rota in the making: who is where on which day, what another visit would cost, whether it may
// be. Keeps every rule at every moment.
#pragma once

#include <cstdint>
#include <vector>

#include "services/scheduling/rota/ground.h"
#include "services/scheduling/rota/plan.h"

namespace yilian::scheduling::rota {

// Owned by one thread; refers to the ground, which must live longer.
class Draft {
 public:
  explicit Draft(const Ground& ground);

  // Whether the visit breaks no rule. `day`: from Problem::first_day.
  bool MayAdd(int expert, int need, int day) const;
  // As above, the expert's other visit of that day and the station's rooms left aside.
  bool MayAddButForTheDay(int expert, int need, int day) const;
  void Add(int expert, int need, int day);
  void Remove(int expert, int day);

  // The need that the expert meets on the day; -1: none.
  int NeedOn(int expert, int day) const { return need_on_[Day(expert, day)]; }
  bool HasRoom(int station, int day) const;
  // Experts at the station on the day.
  const std::vector<int>& At(int station, int day) const { return at_[StationDay(station, day)]; }
  int Missing(int need, int week) const;
  int Load(int expert) const { return load_[static_cast<size_t>(expert)]; }
  int WeekLoad(int expert, int week) const {
    return week_load_[Cell(expert, ground_.weeks(), week)];
  }

  // What the total cost would change by; the visit's day does not matter to it.
  int64_t CostOfAdding(int expert, int need) const;
  int64_t CostOfRemoving(int expert, int day) const;

  std::vector<Visit> Visits() const;  // by expert and day
  Cost TotalCost() const;
  const Ground& ground() const { return ground_; }

 private:
  size_t Day(int expert, int day) const { return Cell(expert, ground_.days(), day); }
  size_t StationDay(int station, int day) const { return Cell(station, ground_.days(), day); }
  size_t Pair(int expert, int need) const { return Cell(expert, ground_.needs(), need); }

  const Ground& ground_;
  std::vector<int> need_on_;          // experts x days
  std::vector<std::vector<int>> at_;  // stations x days
  std::vector<int> load_;             // experts
  std::vector<int> week_load_;        // experts x weeks
  std::vector<int> met_;              // needs x weeks
  std::vector<uint8_t> pairs_;        // experts x needs: visits of the pair
};

// Adds visits for what is missing, the hardest needs first, each by whom it costs least, while that
// saves more than it costs. A plan by itself, though not the best; also fills what placement left.
void FillGaps(Draft& draft);

// Moves single visits to other experts while that saves. Stops at the first local optimum.
void MoveVisits(Draft& draft);

// Sends experts from where they are to needs that miss a visit, and others in their place, while
// that saves.
void FillGapsByExchange(Draft& draft);

}  // namespace yilian::scheduling::rota
