// A place where sessions take place: its clock and its hours. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/types.h"
#include "services/scheduling/domain/wall_clock.h"

namespace yilian::scheduling {

// Hours that begin on that day of every week.
struct OpeningHours {
  absl::Weekday weekday = absl::Weekday::monday;
  WallHours hours;
  bool operator==(const OpeningHours&) const = default;
};

struct Site {
  OrganizationId id;
  std::string zone_name;                    // IANA
  absl::TimeZone zone;                      // of that name
  std::vector<OpeningHours> opening_hours;  // empty: always open
  int64_t version = 0;                      // 0: never defined

  // "" for a site that was never defined.
  std::string etag() const;
  // Whether it is open all the while from `hours.start` of such a day.
  bool IsOpen(absl::Weekday weekday, const WallHours& hours) const;
  // "08:00-12:00, 14:00-17:30" of that day; "closed".
  std::string HoursOf(absl::Weekday weekday) const;
};

// What somebody wants a site to be.
struct NewSite {
  OrganizationId id;
  std::string zone_name;
  std::vector<OpeningHours> opening_hours;
};

// The site after it; `before` has the version that was read. FIELD_INVALID for a time zone that
// this machine does not know, and for hours that overlap.
absl::StatusOr<Site> DefineSite(const Site& before, const NewSite& wanted);

}  // namespace yilian::scheduling
