// Bookings in the scheduling schema: every method is one transaction or one read.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/migration.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/clinic_rule.h"
#include "services/scheduling/domain/stores.h"
#include "services/scheduling/store/full_sessions.h"
#include "services/scheduling/store/upkeep.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

// Answers are the RPCs' own messages: the ledger remembers them for a repeated request.
// Thread-safe.
class MysqlBookingStore : public BookingStore {
 public:
  MysqlBookingStore(unit::UnitOfWork& unit_of_work, PatientDirectory& patients,
                    const Upkeep& upkeep, const Rules& rules)
      : unit_of_work_(unit_of_work), patients_(patients), upkeep_(upkeep), rules_(rules) {}

  absl::StatusOr<v1::Booking> Hold(const unit::WriteContext& context,
                                   const HoldCommand& command) override;
  absl::StatusOr<v1::Booking> Book(const unit::WriteContext& context, BookingId id,
                                   const Actor& by) override;
  absl::StatusOr<v1::Booking> WalkIn(const unit::WriteContext& context, const HoldCommand& command,
                                     std::string_view reason) override;
  absl::StatusOr<v1::Booking> Cancel(const unit::WriteContext& context, BookingId id,
                                     const Actor& by, std::string_view reason) override;
  absl::StatusOr<v1::Booking> Move(const unit::WriteContext& context, BookingId id, const Actor& by,
                                   BookingState to) override;
  absl::StatusOr<v1::Booking> Reschedule(const unit::WriteContext& context,
                                         const RescheduleCommand& command,
                                         const Actor& by) override;
  absl::StatusOr<Booking> Get(BookingId id, const Actor& by, absl::Time deadline) override;

 private:
  // What the session is known to have been when the call had arrived: full, and for whom.
  std::optional<absl::Status> KnownFull(const HoldCommand& command,
                                        const unit::WriteContext& context) const;

  unit::UnitOfWork& unit_of_work_;
  PatientDirectory& patients_;
  const Upkeep& upkeep_;
  const Rules rules_;
  FullSessions full_;
};

// Tables of this service.
const std::vector<mysql::Migration>& SchedulingMigrations();

}  // namespace yilian::scheduling
