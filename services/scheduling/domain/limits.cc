#include "services/scheduling/domain/limits.h"

#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {

Span Limits::DayOf(absl::Time at) const {
  const absl::CivilDay day = absl::ToCivilDay(at, zone);
  return {absl::FromCivil(day, zone), absl::FromCivil(day + 1, zone)};
}

absl::Status Limits::CheckNoShows(const std::vector<absl::Time>& missed) const {
  const int count = static_cast<int>(missed.size());
  if (no_shows == 0 || count < no_shows) return absl::OkStatus();
  // The oldest of those that are one too many.
  return errors::NoShowLimit(no_shows, no_show_period, missed[count - no_shows] + no_show_period);
}

}  // namespace yilian::scheduling
