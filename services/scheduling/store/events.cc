#include "services/scheduling/store/events.h"

#include <string>
#include <vector>

#include "yilian/scheduling/v1/scheduling.pb.h"
#include "yilian/scheduling/v1/session_cancellation.pb.h"
#include "yilian/scheduling/v1/wait_list.pb.h"

namespace yilian::scheduling::events {

std::vector<base::Uuid> Audience(OrganizationId first, OrganizationId second) {
  if (first == second) return {first.uuid()};
  return {first.uuid(), second.uuid()};
}

namespace {

// Neighbours of one pool together.
void SetPools(const std::vector<SeatPool>& pools, v1::SessionCreated& payload) {
  for (size_t i = 0; i < pools.size(); ++i) {
    if (i == 0 || pools[i] != pools[i - 1]) {
      v1::SeatRange* range = payload.add_pools();
      range->set_kind(static_cast<v1::PoolKind>(pools[i].kind));
      if (!pools[i].organization.is_nil()) {
        range->set_organization_id(pools[i].organization.ToString());
      }
      range->set_first_seat(static_cast<int32_t>(i + 1));
    }
    payload.mutable_pools(payload.pools_size() - 1)->set_last_seat(static_cast<int32_t>(i + 1));
  }
}

}  // namespace

namespace {

outbox::NewEvent Changed(std::string_view type, const Booking& booking, std::string_view reason,
                         const Encoding& encoding, absl::Time now) {
  v1::BookingChanged payload;
  *payload.mutable_booking() = encoding.booking(booking);
  payload.set_reason(std::string(reason));
  outbox::NewEvent event =
      outbox::NewEvent::Of("booking", booking.id.uuid(), booking.version, payload, now,
                           Audience(booking.organization, booking.session_organization));
  event.type = std::string(type);
  return event;
}

}  // namespace

outbox::NewEvent BookingChanged(std::string_view type, const Booking& booking,
                                const Encoding& encoding, absl::Time now) {
  return Changed(type, booking, "", encoding, now);
}

outbox::NewEvent BookingCancelled(const Booking& booking, std::string_view reason,
                                  const Encoding& encoding, absl::Time now) {
  return Changed(kBookingCancelled, booking, reason, encoding, now);
}

outbox::NewEvent WalkInCheckedIn(const Booking& booking, std::string_view reason,
                                 const Encoding& encoding, absl::Time now) {
  return Changed(kBookingMoved, booking, reason, encoding, now);
}

outbox::NewEvent WaitListChanged(std::string_view type, const WaitListEntry& entry,
                                 const Encoding& encoding, absl::Time now) {
  v1::WaitListChanged payload;
  *payload.mutable_entry() = encoding.wait_list_entry({.entry = entry});
  outbox::NewEvent event =
      outbox::NewEvent::Of("wait_list_entry", entry.id.uuid(), entry.version, payload, now,
                           Audience(entry.organization, entry.session_organization));
  event.type = std::string(type);
  return event;
}

std::string_view PassedOrEnded(const WaitListEntry& entry) {
  return IsLive(entry.state) ? kWaitListOfferPassed : kWaitListEnded;
}

outbox::NewEvent SessionCreated(const SessionView& view, const std::vector<SeatPool>& pools,
                                const Encoding& encoding, absl::Time now) {
  v1::SessionCreated payload;
  *payload.mutable_session() = encoding.session(view);
  payload.mutable_session()->set_free_seats(view.session.seats);
  SetPools(pools, payload);
  return outbox::NewEvent::Of("session", view.session.id.uuid(), view.session.version, payload, now,
                              Audience(view.session.organization, view.session.site));
}

outbox::NewEvent SessionCancelled(const Session& session, const SessionCancellation& cancellation,
                                  absl::Time now) {
  v1::SessionCancelled payload;
  payload.set_session_id(session.id.ToString());
  payload.set_reason(cancellation.reason);
  payload.set_bookings(static_cast<int32_t>(cancellation.bookings));
  return outbox::NewEvent::Of("session", session.id.uuid(), session.version, payload, now,
                              Audience(session.organization, session.site));
}

outbox::NewEvent SeatsReleased(const Session& session, const Release& release, int64_t seats,
                               absl::Time now) {
  v1::SeatsReleased payload;
  payload.set_session_id(session.id.ToString());
  payload.set_from(static_cast<v1::PoolKind>(release.from));
  payload.set_to(static_cast<v1::PoolKind>(release.to));
  payload.set_seats(static_cast<int32_t>(seats));
  return outbox::NewEvent::Of("session", session.id.uuid(), session.version, payload, now,
                              Audience(session.organization, session.site));
}

}  // namespace yilian::scheduling::events
