#include "services/scheduling/domain/series.h"

#include <fmt/format.h>

#include <string>

#include "common/status/error.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {
namespace {

std::string ToText(absl::CivilDay date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
}

}  // namespace

absl::StatusOr<std::vector<SeriesVisit>> VisitsOf(const SeriesWish& wish, const Rules& rules,
                                                  const absl::TimeZone& zone, absl::Time now) {
  errors::Violations violations;
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  const absl::CivilDay horizon = absl::ToCivilDay(now + rules.search_window, zone);
  const absl::CivilDay last = wish.first + wish.interval_days * (wish.visits - 1);
  if (wish.first < today) {
    violations.emplace_back("first_date", fmt::format("must be {} or later", ToText(today)));
  }
  if (last > horizon) {
    violations.emplace_back("visits", fmt::format("the last visit would be on {}; must be {} or "
                                                  "earlier: book fewer, and the rest later",
                                                  ToText(last), ToText(horizon)));
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  const WallHours whole_day{};
  std::vector<SeriesVisit> visits;
  for (int i = 0; i < wish.visits; ++i) {
    const absl::CivilDay date = wish.first + wish.interval_days * i;
    visits.push_back({.number = i + 1,
                      .date = date,
                      .window = OnClock(wish.hours.value_or(whole_day), date, zone).time});
  }
  return visits;
}

absl::Status errors::SeriesNotMet(const SeriesVisit& visit, const absl::Status& cause) {
  const auto info = status::InfoOf(cause);
  // What no other date mends is told as it is.
  if (cause.code() != absl::StatusCode::kFailedPrecondition || !info) return cause;
  status::Error error(absl::StatusCode::kFailedPrecondition, kDomain, "SERIES_NOT_MET");
  error
      .Message(fmt::format("visit {} of the series, on {}, cannot be booked, so none is: {}",
                           visit.number, ToText(visit.date), std::string(cause.message())))
      .Chinese(
          fmt::format("第 {} 次（{}）无法预约，整个疗程均未预约", visit.number, ToText(visit.date)))
      .Meta("visit", std::to_string(visit.number))
      .Meta("date", ToText(visit.date))
      .Meta("cause", info->reason());
  for (const auto& [key, value] : info->metadata()) error.Meta(key, value);
  return error;
}

}  // namespace yilian::scheduling
