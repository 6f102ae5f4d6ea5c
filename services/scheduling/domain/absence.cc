#include "services/scheduling/domain/absence.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/etag.h"
#include "services/scheduling/domain/template_errors.h"

namespace yilian::scheduling {
namespace {

std::string Text(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_full, at, absl::UTCTimeZone());
}

}  // namespace

std::string Absence::etag() const { return base::EtagOf(version); }

absl::Status CheckAbsence(const Span& time, absl::Time now) {
  errors::Violations violations;
  if (time.end <= time.start) {
    violations.emplace_back("time.end", "must be after time.start");
  } else if (time.end - time.start > absl::Hours(24) * kLongestAbsenceDays) {
    violations.emplace_back(
        "time", fmt::format("is too long; allowed: at most {} days", kLongestAbsenceDays));
  }
  if (time.end <= now) {
    violations.emplace_back("time.end", fmt::format("has passed; allowed: after {}", Text(now)));
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

absl::StatusOr<Absence> EndAbsence(const Absence& before, absl::Time back_at, absl::Time now) {
  if (before.time.end <= now) return errors::Ended(before.ended_at.value_or(before.time.end));
  if (before.ended_at && before.time.end <= before.time.start) {
    return errors::Ended(*before.ended_at);
  }
  if (back_at >= before.time.end) {
    return errors::FieldInvalid(
        {{"back_at", fmt::format("is not before the absence's end; allowed: before {}",
                                 Text(before.time.end))}});
  }
  Absence after = before;
  after.time.end = std::max(back_at, before.time.start);
  after.ended_at = now;
  ++after.version;
  return after;
}

}  // namespace yilian::scheduling
