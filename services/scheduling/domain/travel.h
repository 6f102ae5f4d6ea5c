// How long an expert is on the way between two sites, and whether two sessions leave time for it.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/span.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// Longer ways are not planned for within a day.
inline constexpr absl::Duration kLongestTravel = absl::Hours(12);

struct TravelRules {
  // Where neither minutes nor two places are known.
  absl::Duration default_time = absl::Minutes(30);
  // Of the straight line between two places: what the road is longer is in it.
  int kilometres_an_hour = 30;
};

// WGS 84, in millionths of a degree.
struct Place {
  int32_t longitude_e6 = 0;
  int32_t latitude_e6 = 0;
  bool operator==(const Place&) const = default;
};

// From where to where.
struct Way {
  OrganizationId from;
  OrganizationId to;
  auto operator<=>(const Way&) const = default;
  Way Back() const { return {to, from}; }
};

// Numbers are those of the proto's enum.
enum class TravelSource { kSameSite = 1, kGiven, kGivenBack, kDistance, kDefault };

struct TravelTime {
  Way way;
  absl::Duration time;
  TravelSource source = TravelSource::kDefault;
  int64_t version = 0;  // of what somebody said about this way; 0: nobody did

  std::string etag() const;  // "" where nobody said anything
};

// What is known of the ways between some sites. As a value.
class TravelTimes {
 public:
  explicit TravelTimes(const TravelRules& rules) : rules_(rules) {}

  // Without a time: what was given was taken back.
  void Give(const Way& way, std::optional<absl::Duration> time, int64_t version) {
    given_[way] = {time, version};
  }
  void Locate(OrganizationId site, const Place& place) { places_[site] = place; }

  // As given for the way, else for the way back, else by distance, else the default. A nil site (a
  // remote session: the expert is wherever that is) is no way at all.
  TravelTime Between(const Way& way) const;

 private:
  TravelRules rules_;
  std::map<Way, std::pair<std::optional<absl::Duration>, int64_t>> given_;
  std::map<OrganizationId, Place> places_;
};

// A session that keeps its expert, or a room or device, from another.
struct BusySpan {
  SessionId session;
  Span time;
  OrganizationId site;  // nil: the expert need not be anywhere
};

// What keeps an expert from being at a session in time.
struct TravelClash {
  SessionId blocking;
  absl::Duration needed;     // on the way between the two
  absl::Duration available;  // zero where the sessions overlap
};

// The earliest of `busy` (by start) that leaves no time for the way to or from a session at `site`.
std::optional<TravelClash> FirstTravelClash(const std::vector<BusySpan>& busy, const Span& time,
                                            OrganizationId site, const TravelTimes& travel);

// `time` of a session at `there`, and the way to and from `here`: whoever is at `here` meanwhile is
// late.
Span WithWays(const Span& time, OrganizationId there, OrganizationId here,
              const TravelTimes& travel);

// Where the expert has to be.
constexpr OrganizationId PlaceOf(SessionKind kind, OrganizationId site) {
  return kind == SessionKind::kRemote ? OrganizationId() : site;
}

}  // namespace yilian::scheduling
