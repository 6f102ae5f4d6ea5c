#include "services/directory/jobs/seat_consumer.h"

#include "common/base/status_macros.h"
#include "common/outbox/malformed.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/offered_sessions.h"
#include "services/directory/store/timestamp.h"
#include "yilian/scheduling/v1/scheduling.pb.h"
#include "yilian/scheduling/v1/session_cancellation.pb.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::directory {
namespace {

using outbox::Malformed;

bool HoldsASeat(scheduling::v1::BookingState state) {
  return state != scheduling::v1::BOOKING_STATE_CANCELLED &&
         state != scheduling::v1::BOOKING_STATE_EXPIRED;
}

absl::StatusOr<std::vector<offered::Pool>> PoolsOf(const event::v1::Event& event,
                                                   const scheduling::v1::SessionCreated& created) {
  std::vector<offered::Pool> pools;
  for (const scheduling::v1::SeatRange& range : created.pools()) {
    offered::Pool pool{
        .kind = range.kind(), .first_seat = range.first_seat(), .last_seat = range.last_seat()};
    if (!range.organization_id().empty()) {
      const auto organization = OrganizationId::Parse(range.organization_id());
      if (!organization.ok()) return Malformed(event);
      pool.organization = *organization;
    }
    pools.push_back(pool);
  }
  return pools;
}

absl::Status Apply(mysql::Session& sql, const event::v1::Event& event,
                   const scheduling::v1::SessionCreated& created) {
  const scheduling::v1::Session& session = created.session();
  const auto id = base::Uuid::Parse(session.session_id());
  // Beds and devices may be of no department.
  if (session.department_id().empty()) return absl::OkStatus();
  const auto department = DepartmentId::Parse(session.department_id());
  if (!id.ok() || !department.ok()) return Malformed(event);
  int64_t reserved = 0;
  for (const scheduling::v1::PoolQuota& quota : session.quotas()) {
    if (quota.kind() != scheduling::v1::POOL_KIND_OPEN) reserved += quota.seats();
  }
  ASSIGN_OR_RETURN(const std::vector<offered::Pool> pools, PoolsOf(event, created));
  return offered::Add(sql,
                      {.id = *id,
                       .department = *department,
                       .kind = session.kind(),
                       .starts_at = FromTimestamp(session.time().start()),
                       .seats = session.seats(),
                       .reserved = reserved},
                      pools);
}

absl::Status Apply(mysql::Session& sql, const event::v1::Event& event,
                   const scheduling::v1::Booking& booking) {
  const auto id = base::Uuid::Parse(booking.booking_id());
  const auto session = base::Uuid::Parse(booking.session_id());
  if (!id.ok() || !session.ok()) return Malformed(event);
  return offered::Move(sql, *id, {.session = *session, .number = booking.seat_number()},
                       HoldsASeat(booking.state()));
}

absl::Status Apply(mysql::Session& sql, const event::v1::Event& event,
                   const scheduling::v1::SeatsReleased& released) {
  const auto session = base::Uuid::Parse(released.session_id());
  if (!session.ok()) return Malformed(event);
  return offered::Widen(sql, {.session = *session,
                              .from = released.from(),
                              .to = released.to(),
                              .seats = released.seats(),
                              .to_everybody = released.to() == scheduling::v1::POOL_KIND_OPEN});
}

// It takes place no more: withdrawn by its template, or cancelled. What is told of its bookings
// afterwards is about no session that is offered.
template <typename Ended>
absl::Status Remove(mysql::Session& sql, const event::v1::Event& event, const Ended& ended) {
  const auto session = base::Uuid::Parse(ended.session_id());
  if (!session.ok()) return Malformed(event);
  return offered::Remove(sql, *session);
}

}  // namespace

std::vector<std::string> SeatEventTypes() {
  return {"SessionCreated", "SessionWithdrawn", "SessionCancelled",   "SeatHeld",
          "SeatBooked",     "BookingMoved",     "BookingRescheduled", "BookingCancelled",
          "HoldExpired",    "SeatsReleased"};
}

absl::Status ApplySeatEvent(mysql::Session& session, const event::v1::Event& event) {
  scheduling::v1::SessionCreated created;
  scheduling::v1::BookingChanged changed;
  scheduling::v1::SeatsReleased released;
  scheduling::v1::SessionWithdrawn withdrawn;
  if (event.payload().Is<scheduling::v1::SessionCreated>()) {
    if (!event.payload().UnpackTo(&created)) return Malformed(event);
    return Apply(session, event, created);
  }
  if (event.payload().Is<scheduling::v1::BookingChanged>()) {
    if (!event.payload().UnpackTo(&changed)) return Malformed(event);
    return Apply(session, event, changed.booking());
  }
  if (event.payload().Is<scheduling::v1::SeatsReleased>()) {
    if (!event.payload().UnpackTo(&released)) return Malformed(event);
    return Apply(session, event, released);
  }
  if (event.payload().Is<scheduling::v1::SessionWithdrawn>()) {
    if (!event.payload().UnpackTo(&withdrawn)) return Malformed(event);
    return Remove(session, event, withdrawn);
  }
  scheduling::v1::SessionCancelled cancelled;
  if (event.payload().Is<scheduling::v1::SessionCancelled>()) {
    if (!event.payload().UnpackTo(&cancelled)) return Malformed(event);
    return Remove(session, event, cancelled);
  }
  return absl::OkStatus();
}

}  // namespace yilian::directory
