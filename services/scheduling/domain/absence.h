// An expert's absence from the sessions of one organization's templates. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/span.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

inline constexpr int kLongestAbsenceDays = 366;

struct Absence {
  AbsenceId id;
  OrganizationId organization;
  PractitionerId practitioner;
  Span time;  // of no length: it was taken back
  std::optional<absl::Time> ended_at;
  int64_t version = 1;

  std::string etag() const;
  bool IsOwn(const Actor& by) const { return by.service || by.organization == organization; }
};

// FIELD_INVALID names every broken rule.
absl::Status CheckAbsence(const Span& time, absl::Time now);

// The absence after the expert is back. ENDED where it is over; FIELD_INVALID unless `back_at` is
// before its end.
absl::StatusOr<Absence> EndAbsence(const Absence& before, absl::Time back_at, absl::Time now);

}  // namespace yilian::scheduling
