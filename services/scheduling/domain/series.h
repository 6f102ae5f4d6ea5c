// A series of visits, dialysis or rehabilitation: booked all or none. Pure, but for the port at the
// end.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/rules.h"
#include "services/scheduling/domain/span.h"
#include "services/scheduling/domain/types.h"
#include "services/scheduling/domain/wall_clock.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::scheduling {

namespace v1 {
class SeriesBooking;
}  // namespace v1

// What is asked for, by the region's clock.
struct SeriesWish {
  PatientId patient;
  OrganizationId organization;
  DepartmentId department;
  PractitionerId practitioner;     // nil: any
  std::vector<SessionKind> kinds;  // empty: any
  absl::CivilDay first;
  int interval_days = 7;
  int visits = 2;
  std::optional<WallHours> hours;  // nothing: the whole day
  bool coordinator = false;        // as in HoldCommand
};

// One visit: a session that starts within `window`.
struct SeriesVisit {
  int number = 0;  // from 1
  absl::CivilDay date;
  Span window;
  bool operator==(const SeriesVisit&) const = default;
};

// In order. FIELD_INVALID for dates that are over or further ahead than sessions are searched.
absl::StatusOr<std::vector<SeriesVisit>> VisitsOf(const SeriesWish& wish, const Rules& rules,
                                                  const absl::TimeZone& zone, absl::Time now);

namespace errors {
// Why nothing of the series is booked: `cause` is what HoldSeat would have answered for the visit.
absl::Status SeriesNotMet(const SeriesVisit& visit, const absl::Status& cause);
}  // namespace errors

// Implementations are thread-safe.
class SeriesStore {
 public:
  virtual ~SeriesStore() = default;
  virtual absl::StatusOr<v1::SeriesBooking> Book(const unit::WriteContext& context,
                                                 const SeriesWish& wish) = 0;
};

}  // namespace yilian::scheduling
