#include "services/scheduling/store/mysql_series_store.h"

#include <algorithm>
#include <vector>

#include "common/base/status_macros.h"
#include "common/saga/timer.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/fitted_write.h"
#include "services/scheduling/store/seat_hold.h"

namespace yilian::scheduling {

absl::StatusOr<v1::SeriesBooking> MysqlSeriesStore::Book(const unit::WriteContext& context,
                                                         const SeriesWish& wish) {
  return RunFitted<v1::SeriesBooking>(
      unit_of_work_, patients_, context,
      [&](unit::Scope& scope, FitLookup& fits) -> absl::StatusOr<v1::SeriesBooking> {
        ASSIGN_OR_RETURN(const std::vector<SeriesVisit> visits,
                         VisitsOf(wish, rules_, zone_, scope.now()));
        v1::SeriesBooking series;
        for (const SeriesVisit& visit : visits) {
          const absl::StatusOr<Booking> booked = BookVisit(scope, fits, wish, visit);
          // The error undoes the visits before.
          if (!booked.ok()) return errors::SeriesNotMet(visit, booked.status());
          *series.add_bookings() = upkeep_.encoding().booking(*booked);
        }
        return series;
      });
}

absl::StatusOr<Booking> MysqlSeriesStore::BookVisit(unit::Scope& scope, FitLookup& fits,
                                                    const SeriesWish& wish,
                                                    const SeriesVisit& visit) const {
  const HoldCommand command{.department = wish.department,
                            .practitioner = wish.practitioner,
                            .patient = wish.patient,
                            .organization = wish.organization,
                            .kinds = wish.kinds,
                            .within = visit.window,
                            .hold = rules_.hold,
                            .coordinator = wish.coordinator};
  ASSIGN_OR_RETURN(const Booking held, SeatHold(scope, command, {upkeep_, rules_, fits}).Run());
  ASSIGN_OR_RETURN(const Booking booked, held.Book(scope.now()));
  RETURN_IF_ERROR(saga::CancelTimer(scope.sql(), kHoldTimer, booked.id.uuid(), ""));
  RETURN_IF_ERROR(SaveBooking(scope.sql(), booked, "", scope.now()));
  scope.Append(
      events::BookingChanged(events::kSeatBooked, booked, upkeep_.encoding(), scope.now()));
  return booked;
}

}  // namespace yilian::scheduling
