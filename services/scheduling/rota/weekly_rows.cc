#include "services/scheduling/rota/weekly_rows.h"

#include <algorithm>
#include <bit>

namespace yilian::scheduling::rota {

WeeklyRows::WeeklyRows(const Ground& ground) : ground_(ground) {
  const size_t weeks = static_cast<size_t>(ground.weeks());
  const std::vector<Station>& stations = ground.problem().stations;
  std::vector<int> wanted_at(stations.size() * weeks);
  for (int need = 0; need < ground.needs(); ++need) {
    for (int week = 0; week < ground.weeks(); ++week) {
      const int wanted = ground.wanted(need, week);
      need_.push_back(wanted > 0 ? NewRow(wanted, wanted) : -1);
      wanted_at[At(ground.station(need), week)] += wanted;
    }
  }
  for (int expert = 0; expert < ground.experts(); ++expert) {
    for (int week = 0; week < ground.weeks(); ++week) {
      expert_week_.push_back(NewRow(0, ground.Capacity(expert, week)));
    }
    // load - days above + days below lies in the band; days above end at what the expert may make.
    const Band& band = ground.band(expert);
    const int can = ground.Capacity(expert);
    expert_.push_back(NewRow(band.least, std::min(band.most, std::max(can, band.least))));
  }
  for (size_t station = 0; station < stations.size(); ++station) {
    for (int week = 0; week < ground.weeks(); ++week) {
      const int open = std::popcount(ground.open(static_cast<int>(station)) & Ground::Week(week));
      const int rooms = stations[station].rooms * open;
      const bool binds = wanted_at[At(static_cast<int>(station), week)] > rooms;
      station_week_.push_back(binds ? NewRow(0, rooms) : -1);
    }
  }
}

int WeeklyRows::NewRow(double least, double most) {
  rows_.push_back({least, most});
  return static_cast<int>(rows_.size()) - 1;
}

std::vector<Column> WeeklyRows::Slack() const {
  std::vector<Column> columns;
  for (int need = 0; need < ground_.needs(); ++need) {
    for (int week = 0; week < ground_.weeks(); ++week) {
      const int row = Need(need, week);
      if (row < 0) continue;
      columns.push_back({static_cast<double>(ground_.UnmetCost(need)), kInfinite, {{row, 1.0}}});
    }
  }
  for (int expert = 0; expert < ground_.experts(); ++expert) {
    const Band& band = ground_.band(expert);
    const double step = ground_.problem().weights.fairness;
    for (int below = 1; below <= band.least; ++below) {
      columns.push_back({step * below, 1.0, {{Expert(expert), 1.0}}});
    }
    for (int above = 1; above <= ground_.Capacity(expert) - band.most; ++above) {
      columns.push_back({step * above, 1.0, {{Expert(expert), -1.0}}});
    }
  }
  return columns;
}

Column WeeklyRows::ColumnOf(int expert, int need, const std::vector<int>& visits) const {
  Column column;
  column.cost = static_cast<double>(ground_.PairingCost(expert, need));
  int days = 0;
  for (int week = 0; week < ground_.weeks(); ++week) {
    const int count = visits[static_cast<size_t>(week)];
    if (count == 0) continue;
    days += count;
    column.entries.emplace_back(Need(need, week), count);
    column.entries.emplace_back(ExpertWeek(expert, week), count);
    const int station_row = StationWeek(ground_.station(need), week);
    if (station_row >= 0) column.entries.emplace_back(station_row, count);
  }
  column.cost += static_cast<double>(days * ground_.TravelCost(expert, need));
  column.entries.emplace_back(Expert(expert), days);
  return column;
}

}  // namespace yilian::scheduling::rota
