#include "services/scheduling/rota/testing/made_up_region.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace yilian::scheduling::rota {
namespace {

constexpr double kMapSide = 80;             // km
constexpr double kMinutesAKilometre = 1.4;  // county roads
constexpr int kMinutesToStart = 5;

class Maker {
 public:
  Maker(const RegionSize& size, uint32_t seed) : size_(size), random_(seed) {}

  Problem Make() {
    problem_.first_day = absl::CivilDay(2027, 3, 1);  // a Monday
    problem_.weeks = size_.weeks;
    Places();
    for (int i = 0; i < size_.experts; ++i) problem_.experts.push_back(MakeExpert());
    for (int station = 0; station < size_.stations; ++station) Needs(station);
    Previous();
    return std::move(problem_);
  }

 private:
  // Not std::uniform_int_distribution, which differs between libraries.
  int Below(int end) { return static_cast<int>(random_() % static_cast<uint32_t>(end)); }
  bool Percent(int chance) { return Below(100) < chance; }

  template <typename Tag>
  base::Id<Tag> NewId() {
    return base::Id<Tag>(base::Uuid::V5(base::Uuid(), fmt::format("rota {}", ++ids_)));
  }

  void Places() {
    std::vector<std::pair<double, double>> stations;
    for (int i = 0; i < size_.stations; ++i) {
      stations.emplace_back(Below(1000) * kMapSide / 1000, Below(1000) * kMapSide / 1000);
      Station station{NewId<struct OrganizationTag>(), 1 + Below(3), {}};
      for (int day = 0; day < 7 * size_.weeks; ++day) {
        if (day % 7 >= 5) station.closed.push_back(problem_.first_day + day);
      }
      if (Percent(20)) station.closed.push_back(problem_.first_day + 7 * Below(size_.weeks));
      problem_.stations.push_back(std::move(station));
    }
    for (int i = 0; i < size_.sites; ++i) {
      const double x = kMapSide / 4 + Below(1000) * kMapSide / 2000;
      const double y = kMapSide / 4 + Below(1000) * kMapSide / 2000;
      Site site{NewId<struct OrganizationTag>(), {}};
      for (const auto& [to_x, to_y] : stations) {
        const double distance = std::hypot(x - to_x, y - to_y);
        site.travel_minutes.push_back(kMinutesToStart +
                                      static_cast<int>(distance * kMinutesAKilometre));
      }
      problem_.sites.push_back(std::move(site));
    }
  }

  // The first specialties are the common ones.
  std::string Specialty() {
    return fmt::format("SPECIALTY_{}",
                       std::min(Below(size_.specialties), Below(size_.specialties)));
  }

  Expert MakeExpert() {
    Expert expert;
    expert.id = NewId<struct PractitionerTag>();
    expert.site = Below(size_.sites);
    expert.title = Percent(30)   ? Title::kChief
                   : Percent(60) ? Title::kAssociateChief
                                 : Title::kAttending;
    expert.specialties = {Specialty()};
    if (Percent(10)) {
      const std::string second = Specialty();
      if (second != expert.specialties[0]) expert.specialties.push_back(second);
    }
    const int absent = Percent(15) ? Below(size_.weeks) : -1;  // a week of leave
    for (int day = 0; day < 7 * size_.weeks; ++day) {
      if (day % 7 >= 5 || day / 7 == absent || Percent(40)) continue;
      expert.available.push_back(problem_.first_day + day);
    }
    expert.most_days_a_week = Percent(40) ? 2 : 1;
    expert.most_days = expert.most_days_a_week * size_.weeks;
    return expert;
  }

  void Needs(int station) {
    std::vector<std::string> wanted;
    const int count = size_.needs_a_station - 1 + Below(3);
    for (int i = 0; i < count; ++i) {
      const std::string specialty = Specialty();
      if (std::find(wanted.begin(), wanted.end(), specialty) != wanted.end()) continue;
      wanted.push_back(specialty);
      Need need;
      need.station = station;
      need.specialty = specialty;
      need.least_title = Percent(50) ? Title::kAttending : Title::kAssociateChief;
      need.priority = 1 + Below(2);
      const bool every_week = Percent(75);
      const int phase = Below(2);
      for (int week = 0; week < size_.weeks; ++week) {
        need.days.push_back(every_week ? (Percent(8) ? 2 : 1) : (week % 2 == phase ? 1 : 0));
      }
      problem_.needs.push_back(std::move(need));
    }
  }

  // Most needs were met by one or two experts of the specialty in the month before.
  void Previous() {
    for (size_t need = 0; need < problem_.needs.size(); ++need) {
      for (int i = 0; i < 40; ++i) {
        const int expert = Below(size_.experts);
        const std::vector<std::string>& has =
            problem_.experts[static_cast<size_t>(expert)].specialties;
        if (has[0] != problem_.needs[need].specialty) continue;
        problem_.previous.push_back({expert, static_cast<int>(need)});
        if (Percent(70)) break;
      }
    }
  }

  const RegionSize size_;
  std::mt19937 random_;
  int ids_ = 0;
  Problem problem_;
};

}  // namespace

Problem MadeUpRegion(const RegionSize& size, uint32_t seed) { return Maker(size, seed).Make(); }

}  // namespace yilian::scheduling::rota
