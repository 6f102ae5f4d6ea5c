#include "services/referral/jobs/seat_events.h"

#include "common/outbox/malformed.h"
#include "services/referral/domain/lost_seat.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::referral {

std::vector<std::string> SeatEventTypes() { return {"BookingCancelled"}; }

absl::Status ApplySeatEvent(mysql::Session& session, const event::v1::Event& event,
                            MysqlReferralStore& store, absl::Time now) {
  scheduling::v1::BookingChanged changed;
  if (!event.payload().UnpackTo(&changed)) return outbox::Malformed(event);
  const scheduling::v1::Booking& booking = changed.booking();
  if (booking.referral_id().empty() || changed.reason() != "SESSION_CANCELLED") {
    return absl::OkStatus();
  }
  const auto referral = ReferralId::Parse(booking.referral_id());
  const auto lost = BookingId::Parse(booking.booking_id());
  if (!referral.ok() || !lost.ok()) return outbox::Malformed(event);
  return store
      .ApplyInJob(session, *referral, now,
                  [&](const Referral& read, absl::Time at) { return LoseSeat(read, *lost, at); })
      .status();
}

}  // namespace yilian::referral
