#include "services/scheduling/domain/travel.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/base/etag.h"

namespace yilian::scheduling {
namespace {

// IUGG mean radius.
constexpr double kEarthKilometres = 6371.0088;

double Radians(int32_t millionths) { return millionths * 1e-6 * std::numbers::pi / 180.0; }

// Great circle, haversine.
double Kilometres(const Place& one, const Place& other) {
  const double north = Radians(other.latitude_e6) - Radians(one.latitude_e6);
  const double east = Radians(other.longitude_e6) - Radians(one.longitude_e6);
  const double half = std::pow(std::sin(north / 2), 2) + std::cos(Radians(one.latitude_e6)) *
                                                             std::cos(Radians(other.latitude_e6)) *
                                                             std::pow(std::sin(east / 2), 2);
  return 2 * kEarthKilometres * std::asin(std::min(1.0, std::sqrt(half)));
}

}  // namespace

std::string TravelTime::etag() const { return version == 0 ? "" : base::EtagOf(version); }

TravelTime TravelTimes::Between(const Way& way) const {
  TravelTime found{.way = way, .time = rules_.default_time};
  if (way.from == way.to || way.from.is_nil() || way.to.is_nil()) {
    found.time = absl::ZeroDuration();
    found.source = TravelSource::kSameSite;
    return found;
  }
  if (const auto given = given_.find(way); given != given_.end()) {
    found.version = given->second.second;
    if (given->second.first) {
      found.time = *given->second.first;
      found.source = TravelSource::kGiven;
      return found;
    }
  }
  if (const auto back = given_.find(way.Back()); back != given_.end() && back->second.first) {
    found.time = *back->second.first;
    found.source = TravelSource::kGivenBack;
    return found;
  }
  const auto from = places_.find(way.from);
  const auto to = places_.find(way.to);
  if (from == places_.end() || to == places_.end()) return found;
  const double minutes =
      std::ceil(Kilometres(from->second, to->second) * 60 / rules_.kilometres_an_hour);
  found.time = std::min(absl::Minutes(static_cast<int64_t>(minutes)), kLongestTravel);
  found.source = TravelSource::kDistance;
  return found;
}

std::optional<TravelClash> FirstTravelClash(const std::vector<BusySpan>& busy, const Span& time,
                                            OrganizationId site, const TravelTimes& travel) {
  for (const BusySpan& one : busy) {
    if (!WithWays(one.time, one.site, site, travel).Overlaps(time)) continue;
    const bool before = one.time.start < time.start;
    const Way way = before ? Way{one.site, site} : Way{site, one.site};
    const absl::Duration gap = before ? time.start - one.time.end : one.time.start - time.end;
    return TravelClash{.blocking = one.session,
                       .needed = travel.Between(way).time,
                       .available = std::max(gap, absl::ZeroDuration())};
  }
  return std::nullopt;
}

Span WithWays(const Span& time, OrganizationId there, OrganizationId here,
              const TravelTimes& travel) {
  return {time.start - travel.Between({here, there}).time,
          time.end + travel.Between({there, here}).time};
}

}  // namespace yilian::scheduling
