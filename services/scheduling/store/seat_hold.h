// Takes a seat for a patient: the decision of HoldSeat inside its transaction.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/clinic_rule.h"
#include "services/scheduling/domain/requests.h"
#include "services/scheduling/store/full_sessions.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/session_rows.h"
#include "services/scheduling/store/upkeep.h"

namespace yilian::scheduling {

// One attempt of one hold; made for it and thrown away. Locks in one order: the patient's guard,
// bookings, seats.
class SeatHold {
 public:
  struct Deps {
    const Upkeep& upkeep;
    const Rules& rules;
    // Whether the patient is for a session that has a rule: what is open there ends the attempt
    // with an error that nobody is told (RunFitted).
    FitLookup& fits;
    FullSessions* full = nullptr;  // null: every one looks for itself
  };
  SeatHold(unit::Scope& scope, const HoldCommand& command, const Deps& deps)
      : scope_(scope),
        sql_(scope.sql()),
        command_(command),
        upkeep_(deps.upkeep),
        rules_(deps.rules),
        fits_(deps.fits),
        full_(deps.full) {}

  // The held booking, stored with its seat and timer. NOT_FOUND, SESSION_CLOSED, NO_SEAT,
  // PATIENT_OVERLAP, PATIENT_NOT_FOR_CLINIC, REFERRAL_BOOKED, PATIENT_LIMIT, NO_SHOW_LIMIT.
  absl::StatusOr<Booking> Run();

  // The booking on another seat than its own, which is freed in the same transaction. Beside the
  // above: COMMAND_NOT_AVAILABLE.
  absl::StatusOr<Booking> Move(BookingId id);

 private:
  // nullopt in any of these: no seat here.
  using Attempt = absl::StatusOr<std::optional<Booking>>;

  // Whether nobody is seated in it any more; for who stands at the desk, until it is over.
  bool IsClosed(const Session& session) const;
  absl::Status CheckWalkIn(const Session& session) const;
  absl::StatusOr<std::vector<SeatPool>> PoolsOf(const SessionRow& row);
  // Sets row_, and refuses a session that is full before anything is locked or written:
  // most of those who ask for a sought-after one come too late. A seat that is given back in this
  // moment is taken still.
  absl::Status RefuseIfFull();
  absl::Status LookWhetherFull();
  absl::Status LoadBooker();
  absl::StatusOr<Booking> InSession();
  absl::StatusOr<Booking> InDepartment();
  Attempt InEarliest();
  Attempt TrySession(const SessionRow& row);
  Attempt Take(const Session& session, int seat_number);
  Attempt Hold(const Session& session, int seat_number);
  Attempt Exchange(const Session& session, int seat_number);
  absl::StatusOr<std::optional<int>> PickSeat(const SessionRow& row, Wait wait);

  // Of the patient in the session. kDoesNotFit: `unfit_` says so.
  absl::StatusOr<Fit> FitIn(const Session& session);
  // The patient has as many bookings as are allowed that day; `limited_` says so.
  absl::StatusOr<bool> Limited(const Session& session);
  absl::Status LoadBlocked(const Session& session);
  absl::Status CheckReferral();
  absl::StatusOr<bool> ExpireAll(const std::vector<BookingId>& holds);

  unit::Scope& scope_;
  mysql::Session& sql_;
  const HoldCommand& command_;
  const Upkeep& upkeep_;
  const Rules& rules_;
  FitLookup& fits_;
  FullSessions* const full_;

  PatientId patient_;
  std::optional<Booking> moving_;
  Booker booker_;
  std::optional<SessionRow> row_;         // of command_.session, when it was looked at
  std::vector<BlockedSeats> blocked_;     // in the session that is tried
  std::optional<BookingId> overlapping_;  // kept the patient from a seat that was free
  std::optional<absl::Status> limited_;   // a session was passed over for this
  std::optional<absl::Status> unfit_;     // or this
  Fit fit_ = Fit::kFits;                  // in the session that is tried
};

}  // namespace yilian::scheduling
