#include "services/directory/domain/period.h"

namespace yilian::directory {
namespace {

absl::TimeZone Region() { return absl::FixedTimeZone(8 * 60 * 60); }

}  // namespace

bool Overlap(const Period& one, const Period& other) {
  return (!one.end || other.start < *one.end) && (!other.end || one.start < *other.end);
}

absl::Time StartOf(absl::CivilDay day) { return absl::FromCivil(day, Region()); }

absl::CivilDay DayOf(absl::Time time) { return absl::ToCivilDay(time, Region()); }

Period PeriodOf(absl::CivilDay day) { return {.start = StartOf(day), .end = StartOf(day + 1)}; }

}  // namespace yilian::directory
