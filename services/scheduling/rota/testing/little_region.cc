#include "services/scheduling/rota/testing/little_region.h"

#include <fmt/format.h>

namespace yilian::scheduling::rota {
namespace {

base::Uuid MadeUpId(const char* kind, size_t number) {
  return base::Uuid::V5(base::Uuid(), fmt::format("{} {}", kind, number));
}

}  // namespace

Problem LittleRegion(const std::vector<int>& minutes, int weeks) {
  Problem problem;
  problem.first_day = absl::CivilDay(2027, 3, 1);
  problem.weeks = weeks;
  problem.sites.push_back({OrganizationId(MadeUpId("site", 0)), minutes});
  for (size_t i = 0; i < minutes.size(); ++i) {
    problem.stations.push_back({OrganizationId(MadeUpId("station", i)), 1, {}});
  }
  return problem;
}

int AddExpert(Problem& problem, const std::vector<int>& days, int most_days_a_week) {
  Expert expert;
  expert.id = PractitionerId(MadeUpId("expert", problem.experts.size()));
  expert.specialties = {"CARDIOLOGY"};
  for (const int day : days) expert.available.push_back(problem.first_day + day);
  expert.most_days_a_week = most_days_a_week;
  expert.most_days = 7 * problem.weeks;
  problem.experts.push_back(std::move(expert));
  return static_cast<int>(problem.experts.size()) - 1;
}

int AddNeed(Problem& problem, int station, const std::vector<int>& days) {
  problem.needs.push_back({station, "CARDIOLOGY", Title::kAttending, days, 1});
  return static_cast<int>(problem.needs.size()) - 1;
}

}  // namespace yilian::scheduling::rota
