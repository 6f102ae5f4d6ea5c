// The region's numbers for sessions and seats. Defaults from domain.md, "Scheduling";
// app/config.proto sets them.
#pragma once

#include "absl/time/time.h"
#include "services/scheduling/domain/limits.h"
#include "services/scheduling/domain/travel.h"

namespace yilian::scheduling {

struct Rules {
  // "at least 30 % of seats reserved for grass-roots members".
  int reserved_percent = 30;
  // "half of that among experts' sessions": the reading is half of an expert's seats.
  int expert_reserved_percent = 50;
  // Of the reserved ones, kept for the green channel.
  int green_seats = 1;
  // "organization reserve -> consortium at T-48 h -> open at T-24 h".
  absl::Duration organization_release = absl::Hours(48);
  absl::Duration open_release = absl::Hours(24);
  absl::Duration hold = absl::Minutes(5);
  absl::Duration longest_hold = absl::Minutes(30);
  absl::Duration longest_session = absl::Hours(24);
  // How far ahead a search, and a hold by department, may look.
  absl::Duration search_window = absl::Hours(24) * 92;
  // What one patient may have.
  Limits limits;
  // How long an expert is on the way.
  TravelRules travel;
};

}  // namespace yilian::scheduling
