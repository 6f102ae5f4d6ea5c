// The rows of the weekly program: one place that knows which row counts what.
#pragma once

#include <vector>

#include "services/scheduling/rota/ground.h"
#include "services/scheduling/rota/solver.h"

namespace yilian::scheduling::rota {

// Immutable; refers to the ground, which must live longer.
class WeeklyRows {
 public:
  explicit WeeklyRows(const Ground& ground);

  const std::vector<Row>& rows() const { return rows_; }
  // -1: that row is not needed, since it cannot bind.
  int Need(int need, int week) const { return need_[At(need, week)]; }
  int ExpertWeek(int expert, int week) const { return expert_week_[At(expert, week)]; }
  int Expert(int expert) const { return expert_[static_cast<size_t>(expert)]; }
  int StationWeek(int station, int week) const { return station_week_[At(station, week)]; }

  // What is missing, and load outside the fair bands: without them there might be no solution.
  std::vector<Column> Slack() const;
  // `visits`: for each week.
  Column ColumnOf(int expert, int need, const std::vector<int>& visits) const;

 private:
  size_t At(int which, int week) const { return Cell(which, ground_.weeks(), week); }
  int NewRow(double least, double most);

  const Ground& ground_;
  std::vector<Row> rows_;
  std::vector<int> need_;
  std::vector<int> expert_week_;
  std::vector<int> expert_;
  std::vector<int> station_week_;
};

}  // namespace yilian::scheduling::rota
