// What a rota of outreach visits is asked for: stations' needs, experts, distances, what counts how
// much. Plain values, made by the caller, checked once by Validate.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling::rota {

// Professional titles, lowest first: 住院医师, 主治医师, 副主任医师, 主任医师.
enum class Title { kResident = 1, kAttending, kAssociateChief, kChief };

// Where experts start from.
struct Site {
  OrganizationId id;
  // One way, in minutes, to each of Problem::stations, in their order; kUnreachable: no way.
  std::vector<int> travel_minutes;
};
inline constexpr int kUnreachable = -1;

// A township station 专家工作站.
struct Station {
  OrganizationId id;
  int rooms = 1;                       // visits that it can house on one day; 1 to 50
  std::vector<absl::CivilDay> closed;  // days without outreach, within the period
};

struct Expert {
  PractitionerId id;
  int site = 0;  // position in Problem::sites
  Title title = Title::kAttending;
  std::vector<std::string> specialties;   // codes; at least one
  std::vector<absl::CivilDay> available;  // within the period; absences and shifts are taken out
  int most_days_a_week = 1;               // outreach days; 0 to 7
  int most_days = 8;                      // outreach days in the period; 0 to 42
};

// Days of one specialty at one station. At most one need for each station and specialty.
struct Need {
  int station = 0;  // position in Problem::stations
  std::string specialty;
  Title least_title = Title::kAttending;
  std::vector<int> days;  // visits wanted in each week, one number a week; 0 to 50
  int priority = 1;       // 1 to 9: multiplies the price of a visit that is missing
};

// An expert who meets a need, on however many days.
struct Pairing {
  int expert = 0;  // position in Problem::experts
  int need = 0;    // position in Problem::needs
  auto operator<=>(const Pairing&) const = default;
};

// What one unit of each criterion costs; 0 to 1,000,000. The defaults make a missing visit dearer
// than any journey: a need stays unmet only when nobody may come.
struct Weights {
  int unmet = 1000;  // a visit that is missing, times the need's priority
  int travel = 1;    // a minute on the way to the station
  // Load outside an expert's fair band: the first day outside costs this once, the second twice,
  // and so on, so that one expert with four days too many is worse than four with one.
  int fairness = 20;
  int pairing = 40;   // each expert at a need: few faces for the patients of a station
  int newcomer = 20;  // besides, where the pairing is not in Problem::previous
};

struct Problem {
  absl::CivilDay first_day;
  int weeks = 4;  // of seven days from first_day; 1 to 6
  std::vector<Site> sites;
  std::vector<Station> stations;
  std::vector<Expert> experts;
  std::vector<Need> needs;
  std::vector<Pairing> previous;  // who met which need in the period before
  int most_travel_minutes = 120;  // one way; farther away nobody is sent
  int fairness_tolerance = 1;     // days on either side of the fair share; 0 to 42
  Weights weights;
};

// One expert's day at one station.
struct Visit {
  int expert = 0;  // position in Problem::experts
  int need = 0;    // position in Problem::needs
  absl::CivilDay day;
  bool operator==(const Visit&) const = default;
  bool operator<(const Visit& other) const {
    return std::tie(expert, day, need) < std::tie(other.expert, other.day, other.need);
  }
};

// INVALID_ARGUMENT, FIELD_INVALID: names every field that breaks a rule, and what is allowed, in
// paths such as `experts[3].available[0]`. At most 1,000 sites and stations, 5,000 experts and
// needs. Needs that nobody can meet are no error: the plan says what stays unmet, and why.
absl::Status Validate(const Problem& problem);

}  // namespace yilian::scheduling::rota
