#include "services/scheduling/rota/problem.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>

#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling::rota {
namespace {

constexpr int kMostPlaces = 1000;
constexpr int kMostRows = 5000;
constexpr int kMostWeeks = 6;
constexpr int kMostRooms = 50;
constexpr int kMostMinutes = 1440;
constexpr int kMostWeight = 1'000'000;
constexpr size_t kMostCode = 64;

// Collects what is wrong, field by field.
class Findings {
 public:
  void Range(const std::string& field, int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most) {
      found_.emplace_back(field, fmt::format("must be {} to {}, is {}", least, most, value));
    }
  }
  void Add(std::string field, std::string rule) {
    found_.emplace_back(std::move(field), std::move(rule));
  }
  void Position(const std::string& field, int value, size_t size, std::string_view of) {
    if (value < 0 || static_cast<size_t>(value) >= size) {
      Add(field, fmt::format("must be a position in {} (0 to {}), is {}", of,
                             static_cast<int64_t>(size) - 1, value));
    }
  }
  void Code(const std::string& field, const std::string& value) {
    if (value.empty() || value.size() > kMostCode) {
      Add(field, fmt::format("must be a code of 1 to {} characters", kMostCode));
    }
  }
  void TitleOf(const std::string& field, Title value) {
    Range(field, static_cast<int>(value), static_cast<int>(Title::kResident),
          static_cast<int>(Title::kChief));
  }
  absl::Status Done() && {
    return found_.empty() ? absl::OkStatus() : errors::FieldInvalid(found_);
  }

 private:
  errors::Violations found_;
};

void CheckDays(const Problem& problem, const std::string& field,
               const std::vector<absl::CivilDay>& days, Findings& findings) {
  const absl::CivilDay end = problem.first_day + 7 * problem.weeks;
  std::set<absl::CivilDay> seen;
  for (size_t i = 0; i < days.size(); ++i) {
    const std::string path = fmt::format("{}[{}]", field, i);
    if (days[i] < problem.first_day || days[i] >= end) {
      findings.Add(
          path,
          fmt::format("must lie from {} to {}, is {}", absl::FormatCivilTime(problem.first_day),
                      absl::FormatCivilTime(end - 1), absl::FormatCivilTime(days[i])));
    }
    if (!seen.insert(days[i]).second) findings.Add(path, "must not name the same day twice");
  }
}

void CheckPlaces(const Problem& problem, Findings& findings) {
  for (size_t i = 0; i < problem.sites.size(); ++i) {
    const std::string path = fmt::format("sites[{}].travel_minutes", i);
    const std::vector<int>& minutes = problem.sites[i].travel_minutes;
    if (minutes.size() != problem.stations.size()) {
      findings.Add(path, fmt::format("must have one number for each of {} stations, has {}",
                                     problem.stations.size(), minutes.size()));
    }
    for (size_t j = 0; j < minutes.size(); ++j) {
      findings.Range(fmt::format("{}[{}]", path, j), minutes[j], kUnreachable, kMostMinutes);
    }
  }
  for (size_t i = 0; i < problem.stations.size(); ++i) {
    const std::string path = fmt::format("stations[{}]", i);
    findings.Range(path + ".rooms", problem.stations[i].rooms, 1, kMostRooms);
    CheckDays(problem, path + ".closed", problem.stations[i].closed, findings);
  }
}

void CheckExperts(const Problem& problem, Findings& findings) {
  std::set<PractitionerId> seen;
  for (size_t i = 0; i < problem.experts.size(); ++i) {
    const Expert& expert = problem.experts[i];
    const std::string path = fmt::format("experts[{}]", i);
    if (!seen.insert(expert.id).second) findings.Add(path + ".id", "must not be there twice");
    findings.Position(path + ".site", expert.site, problem.sites.size(), "sites");
    findings.TitleOf(path + ".title", expert.title);
    if (expert.specialties.empty()) findings.Add(path + ".specialties", "must name at least one");
    for (size_t j = 0; j < expert.specialties.size(); ++j) {
      findings.Code(fmt::format("{}.specialties[{}]", path, j), expert.specialties[j]);
    }
    CheckDays(problem, path + ".available", expert.available, findings);
    findings.Range(path + ".most_days_a_week", expert.most_days_a_week, 0, 7);
    findings.Range(path + ".most_days", expert.most_days, 0, 7 * kMostWeeks);
  }
}

void CheckNeeds(const Problem& problem, Findings& findings) {
  std::set<std::pair<int, std::string>> seen;
  for (size_t i = 0; i < problem.needs.size(); ++i) {
    const Need& need = problem.needs[i];
    const std::string path = fmt::format("needs[{}]", i);
    findings.Position(path + ".station", need.station, problem.stations.size(), "stations");
    findings.Code(path + ".specialty", need.specialty);
    findings.TitleOf(path + ".least_title", need.least_title);
    findings.Range(path + ".priority", need.priority, 1, 9);
    if (!seen.insert({need.station, need.specialty}).second) {
      findings.Add(path, "must be the only need of its specialty at its station");
    }
    if (need.days.size() != static_cast<size_t>(problem.weeks)) {
      findings.Add(path + ".days", fmt::format("must have one number for each of {} weeks, has {}",
                                               problem.weeks, need.days.size()));
    }
    for (size_t w = 0; w < need.days.size(); ++w) {
      findings.Range(fmt::format("{}.days[{}]", path, w), need.days[w], 0, kMostRooms);
    }
  }
}

}  // namespace

absl::Status Validate(const Problem& problem) {
  Findings size;
  size.Range("weeks", problem.weeks, 1, kMostWeeks);
  size.Range("sites", static_cast<int64_t>(problem.sites.size()), 0, kMostPlaces);
  size.Range("stations", static_cast<int64_t>(problem.stations.size()), 0, kMostPlaces);
  size.Range("experts", static_cast<int64_t>(problem.experts.size()), 0, kMostRows);
  size.Range("needs", static_cast<int64_t>(problem.needs.size()), 0, kMostRows);
  // What follows walks all rows of all weeks: not over a problem of any size.
  if (absl::Status status = std::move(size).Done(); !status.ok()) return status;

  Findings findings;
  CheckPlaces(problem, findings);
  CheckExperts(problem, findings);
  CheckNeeds(problem, findings);
  for (size_t i = 0; i < problem.previous.size(); ++i) {
    const std::string path = fmt::format("previous[{}]", i);
    findings.Position(path + ".expert", problem.previous[i].expert, problem.experts.size(),
                      "experts");
    findings.Position(path + ".need", problem.previous[i].need, problem.needs.size(), "needs");
  }
  findings.Range("most_travel_minutes", problem.most_travel_minutes, 0, kMostMinutes);
  findings.Range("fairness_tolerance", problem.fairness_tolerance, 0, 7 * kMostWeeks);
  findings.Range("weights.unmet", problem.weights.unmet, 0, kMostWeight);
  findings.Range("weights.travel", problem.weights.travel, 0, kMostWeight);
  findings.Range("weights.fairness", problem.weights.fairness, 0, kMostWeight);
  findings.Range("weights.pairing", problem.weights.pairing, 0, kMostWeight);
  findings.Range("weights.newcomer", problem.weights.newcomer, 0, kMostWeight);
  return std::move(findings).Done();
}

}  // namespace yilian::scheduling::rota
