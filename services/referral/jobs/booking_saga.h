// The saga between `referral` and `scheduling`: hold a seat, book it, exchange it, or let it go
// again; ends in one booking or none.
#pragma once

#include <functional>
#include <optional>

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
// to ACCEPTED, where the worklist shows it. A referral names the saga that works for it: another
// one's effects do nothing. An exchange is one step, for `scheduling` does it in one transaction.
// Thread-safe.
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
  // Another seat for a booking.
  absl::StatusOr<saga::Next> Exchange(const saga::Saga& saga);
  absl::StatusOr<saga::Next> Release(const saga::Saga& saga);
  // Tells `scheduling` what became of the visit.
  absl::StatusOr<saga::Next> Move(const saga::Saga& saga);

 private:
  using Decide = MysqlReferralStore::DecideJob;
  absl::StatusOr<std::optional<Referral>> Read(ReferralId id);
  std::function<absl::Status(mysql::Session&)> Effect(const saga::Saga& saga, Decide decide);

  Deps deps_;
};

}  // namespace yilian::referral
