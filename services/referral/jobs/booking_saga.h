// The saga between `referral` and `scheduling`: hold a seat, book it, or let it go again; ends in
// one booking or none.
#pragma once

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/mysql/pool.h"
#include "common/saga/saga.h"
#include "services/referral/domain/ports.h"
#include "services/referral/store/booking_saga.pb.h"
#include "services/referral/store/mysql_referral_store.h"

namespace yilian::referral {

// Steps: "hold" -> SLOT_HELD -> "book" -> SCHEDULED. A hold that ran out is held again, with a
// request id of its own; a referral that was withdrawn meanwhile leads to "release". Refusals that
// no repetition mends (no seat, the patient is booked elsewhere at that time) put the referral back
// to ACCEPTED, where the worklist shows it. Thread-safe.
class BookingSaga {
 public:
  struct Deps {
    mysql::Pool& pool;
    MysqlReferralStore& store;
    SeatBooking& seats;
    const base::Clock& clock;
  };
  explicit BookingSaga(Deps deps) : deps_(deps) {}
  void Define(saga::Runner& runner);

  absl::StatusOr<saga::Next> Hold(const saga::Saga& saga);
  absl::StatusOr<saga::Next> Book(const saga::Saga& saga);
  absl::StatusOr<saga::Next> Release(const saga::Saga& saga);
  // Tells `scheduling` what became of the visit.
  absl::StatusOr<saga::Next> Move(const saga::Saga& saga);

 private:
  absl::StatusOr<saga::Next> Fail(const saga::Saga& saga);

  Deps deps_;
};

}  // namespace yilian::referral
