#include "services/scheduling/store/mysql_booking_store.h"

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/fitted_write.h"
#include "services/scheduling/store/seat_hold.h"
#include "yilian_scheduling_migrations.h"

namespace yilian::scheduling {
namespace {

// Before `by` changes it. A referral's booking changes by the referral's commands only, or the two
// would tell the patient different times.
absl::Status CheckChange(const std::optional<Booking>& found, const Actor& by) {
  if (!found || !found->IsParty(by)) return errors::BookingNotFound();
  if (!by.service && !found->referral.is_nil()) return errors::BookedByReferral(found->referral);
  return absl::OkStatus();
}

absl::StatusOr<Booking> LockParty(mysql::Session& sql, BookingId id, const Actor& by) {
  ASSIGN_OR_RETURN(const std::optional<Booking> found, LockBooking(sql, id));
  RETURN_IF_ERROR(CheckChange(found, by));
  return *found;
}

// The row, its event and its audit record.
absl::Status Store(unit::Scope& scope, const Booking& after, std::string_view reason,
                   std::string_view event, const Encoding& encoding) {
  RETURN_IF_ERROR(SaveBooking(scope.sql(), after, reason, scope.now()));
  scope.Append(events::BookingChanged(event, after, encoding, scope.now()));
  scope.Subject("booking", after.id.uuid(), after.patient.uuid());
  return absl::OkStatus();
}

}  // namespace

const std::vector<mysql::Migration>& SchedulingMigrations() { return kSchedulingMigrations; }

absl::StatusOr<v1::Booking> MysqlBookingStore::Hold(const unit::WriteContext& context,
                                                    const HoldCommand& command) {
  // Most of a crowd comes after the last seat is gone, and costs one read.
  if (const std::optional<absl::Status> full = KnownFull(command, context)) {
    ASSIGN_OR_RETURN(const bool answered, unit_of_work_.WasAnswered(context));
    if (!answered) return *full;
  }
  return RunFitted<v1::Booking>(
      unit_of_work_, patients_, context,
      [&](unit::Scope& scope, FitLookup& fits) -> absl::StatusOr<v1::Booking> {
        ASSIGN_OR_RETURN(const Booking held,
                         SeatHold(scope, command, {upkeep_, rules_, fits, &full_}).Run());
        return upkeep_.encoding().booking(held);
      });
}

std::optional<absl::Status> MysqlBookingStore::KnownFull(const HoldCommand& command,
                                                         const unit::WriteContext& context) const {
  const std::optional<FullSessions::Asker> asker = FullSessions::AskerOf(command);
  if (!asker || !context.arrived_at) return std::nullopt;
  return full_.Since(*asker, *context.arrived_at);
}

absl::StatusOr<v1::Booking> MysqlBookingStore::Book(const unit::WriteContext& context, BookingId id,
                                                    const Actor& by) {
  return unit_of_work_.Run<v1::Booking>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Booking> {
        ASSIGN_OR_RETURN(const Booking held, LockParty(scope.sql(), id, by));
        ASSIGN_OR_RETURN(const Booking booked, held.Book(scope.now()));
        RETURN_IF_ERROR(saga::CancelTimer(scope.sql(), kHoldTimer, id.uuid(), ""));
        RETURN_IF_ERROR(Store(scope, booked, "", events::kSeatBooked, upkeep_.encoding()));
        return upkeep_.encoding().booking(booked);
      });
}

absl::StatusOr<v1::Booking> MysqlBookingStore::WalkIn(const unit::WriteContext& context,
                                                      const HoldCommand& command,
                                                      std::string_view reason) {
  return RunFitted<v1::Booking>(
      unit_of_work_, patients_, context,
      [&](unit::Scope& scope, FitLookup& fits) -> absl::StatusOr<v1::Booking> {
        // The steps of anybody else, so that whoever follows the events counts the seat.
        SeatHold hold(scope, command, {upkeep_, rules_, fits});
        ASSIGN_OR_RETURN(const Booking held, hold.Run());
        ASSIGN_OR_RETURN(const Booking booked, held.Book(scope.now()));
        RETURN_IF_ERROR(saga::CancelTimer(scope.sql(), kHoldTimer, held.id.uuid(), ""));
        RETURN_IF_ERROR(SaveBooking(scope.sql(), booked, "", scope.now()));
        scope.Append(
            events::BookingChanged(events::kSeatBooked, booked, upkeep_.encoding(), scope.now()));
        const Actor desk{.organization = booked.session_organization};
        ASSIGN_OR_RETURN(const Booking present, booked.Move(BookingState::kCheckedIn, desk));
        RETURN_IF_ERROR(SaveBooking(scope.sql(), present, reason, scope.now()));
        scope.Append(events::WalkInCheckedIn(present, reason, upkeep_.encoding(), scope.now()));
        return upkeep_.encoding().booking(present);
      });
}

absl::StatusOr<v1::Booking> MysqlBookingStore::Cancel(const unit::WriteContext& context,
                                                      BookingId id, const Actor& by,
                                                      std::string_view reason) {
  return unit_of_work_.Run<v1::Booking>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Booking> {
        ASSIGN_OR_RETURN(const Booking booking, LockParty(scope.sql(), id, by));
        ASSIGN_OR_RETURN(const std::optional<Booking> cancelled, booking.Cancel());
        if (!cancelled) {
          scope.Subject("booking", id.uuid(), booking.patient.uuid());
          return upkeep_.encoding().booking(booking);
        }
        if (booking.state == BookingState::kHeld) {
          RETURN_IF_ERROR(saga::CancelTimer(scope.sql(), kHoldTimer, id.uuid(), ""));
          ASSIGN_OR_RETURN(const std::optional<WaitListEntry> passed,
                           upkeep_.wait_list().PassOffer(scope.sql(), booking, scope.now()));
          if (passed) {
            scope.Append(events::WaitListChanged(events::PassedOrEnded(*passed), *passed,
                                                 upkeep_.encoding(), scope.now()));
          }
        }
        RETURN_IF_ERROR(upkeep_.wait_list().GiveBack(scope.sql(), booking.session,
                                                     booking.seat_number, booking.id, scope.now()));
        RETURN_IF_ERROR(SaveBooking(scope.sql(), *cancelled, reason, scope.now()));
        scope.Append(events::BookingCancelled(*cancelled, reason, upkeep_.encoding(), scope.now()));
        scope.Subject("booking", id.uuid(), cancelled->patient.uuid());
        return upkeep_.encoding().booking(*cancelled);
      });
}

absl::StatusOr<v1::Booking> MysqlBookingStore::Move(const unit::WriteContext& context, BookingId id,
                                                    const Actor& by, BookingState to) {
  return unit_of_work_.Run<v1::Booking>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Booking> {
        ASSIGN_OR_RETURN(const Booking booking, LockParty(scope.sql(), id, by));
        ASSIGN_OR_RETURN(const Booking moved, booking.Move(to, by));
        RETURN_IF_ERROR(Store(scope, moved, "", events::kBookingMoved, upkeep_.encoding()));
        return upkeep_.encoding().booking(moved);
      });
}

absl::StatusOr<v1::Booking> MysqlBookingStore::Reschedule(const unit::WriteContext& context,
                                                          const RescheduleCommand& command,
                                                          const Actor& by) {
  return RunFitted<v1::Booking>(
      unit_of_work_, patients_, context,
      [&](unit::Scope& scope, FitLookup& fits) -> absl::StatusOr<v1::Booking> {
        // For who the patient is: their guard is locked before the booking, as everywhere.
        ASSIGN_OR_RETURN(const std::optional<Booking> found,
                         LoadBooking(scope.sql(), command.booking));
        RETURN_IF_ERROR(CheckChange(found, by));
        const HoldCommand hold{.session = command.session,
                               .department = command.department,
                               .practitioner = command.practitioner,
                               .patient = found->patient,
                               .organization = found->organization,
                               .referral = found->referral,
                               .green = command.green,
                               .kinds = command.kinds};
        SeatHold other(scope, hold, {upkeep_, rules_, fits});
        ASSIGN_OR_RETURN(const Booking moved, other.Move(command.booking));
        return upkeep_.encoding().booking(moved);
      });
}

absl::StatusOr<Booking> MysqlBookingStore::Get(BookingId id, const Actor& by, absl::Time deadline) {
  std::optional<Booking> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, LoadBooking(sql, id));
        return absl::OkStatus();
      }));
  if (!found || !found->IsParty(by)) return errors::BookingNotFound();
  return *found;
}

}  // namespace yilian::scheduling
