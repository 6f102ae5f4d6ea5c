#include "services/scheduling/store/upkeep.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/outbox/outbox.h"
#include "common/saga/timer.h"
#include "services/scheduling/domain/release.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/session_rows.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

absl::Status Upkeep::Announce(mysql::Session& sql, std::string_view type, std::string_view job,
                              const Booking& booking, absl::Time now) const {
  RETURN_IF_ERROR(outbox::Append(sql, {events::BookingChanged(type, booking, encoding_, now)}));
  audit::Record record;
  record.audit_id = base::Uuid::V7(now);
  record.occurred_at = now;
  record.method = "job:" + std::string(job);
  record.action = audit::Action::kWrite;
  record.peer = peer_;
  record.subject_type = "booking";
  record.subject_id = booking.id.uuid();
  record.data_subject_id = booking.patient.uuid();
  record.outcome = "OK";
  return audit::InsertRecords(sql, {record});
}

absl::StatusOr<bool> Upkeep::ExpireHold(mysql::Session& sql, BookingId id, absl::Time now) const {
  ASSIGN_OR_RETURN(const std::optional<Booking> held, LockBooking(sql, id));
  const std::optional<Booking> expired = held ? held->Expire(now) : std::nullopt;
  if (!expired) return false;
  RETURN_IF_ERROR(SaveBooking(sql, *expired, "HOLD_EXPIRED", now));
  RETURN_IF_ERROR(MarkFree(sql, expired->session, expired->seat_number, expired->id));
  RETURN_IF_ERROR(Announce(sql, events::kHoldExpired, kHoldTimer, *expired, now));
  return true;
}

absl::Status Upkeep::Release(mysql::Session& sql, SessionId id, absl::Time now) const {
  ASSIGN_OR_RETURN(std::optional<SessionRow> row, LockSession(sql, id));
  if (!row) return absl::OkStatus();
  Session& session = row->session;
  const std::vector<scheduling::Release> due = DueReleases(session, now);
  if (due.empty()) return absl::OkStatus();
  session.released = due.back().stage;
  ++session.version;
  std::vector<outbox::NewEvent> released;
  for (const scheduling::Release& release : due) {
    ASSIGN_OR_RETURN(const int64_t seats, WidenPool(sql, id, release));
    released.push_back(events::SeatsReleased(session, release, seats, now));
  }
  RETURN_IF_ERROR(SaveRelease(sql, session));
  return outbox::Append(sql, released);
}

absl::Status Upkeep::Relink(mysql::Session& sql, const Booking& booking, PatientId patient,
                            absl::Time now) const {
  const Booking relinked = booking.Relink(patient);
  RETURN_IF_ERROR(SaveBooking(sql, relinked, "", now));
  return Announce(sql, events::kBookingRelinked, "scheduling.PatientsMerged", relinked, now);
}

absl::Status Upkeep::Merge(mysql::Session& sql, const relationship::SubjectMerge& merge,
                           absl::Time now) const {
  const PatientId survivor(merge.survivor);
  const PatientId merged(merge.merged);
  // In one order, so that two merges cannot wait for each other.
  RETURN_IF_ERROR(GuardPatient(sql, std::min(survivor, merged)));
  RETURN_IF_ERROR(GuardPatient(sql, std::max(survivor, merged)));
  if (!merge.undone) {
    RETURN_IF_ERROR(SaveMerged(sql, survivor, merged, now));
    ASSIGN_OR_RETURN(const std::vector<Booking> bookings, LockBookingsOf(sql, merged));
    for (const Booking& booking : bookings) {
      RETURN_IF_ERROR(relationship::RememberRow(sql, merge, "booking", booking.id.uuid()));
      RETURN_IF_ERROR(Relink(sql, booking, survivor, now));
    }
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(ForgetMerged(sql, merged));
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> moved,
                   relationship::RememberedRows(sql, merge, "booking"));
  for (const base::Uuid& id : moved) {
    ASSIGN_OR_RETURN(const std::optional<Booking> booking, LockBooking(sql, BookingId(id)));
    if (!booking || booking->patient != survivor) continue;
    RETURN_IF_ERROR(Relink(sql, *booking, merged, now));
  }
  return absl::OkStatus();
}

namespace {

// The timers of a new session's releases that are still to come.
absl::Status SetReleaseTimers(mysql::Session& sql, const Session& session) {
  const auto set = [&](std::string name, absl::Time due) {
    return saga::SetTimer(sql, {.kind = std::string(kReleaseTimer),
                                .aggregate_id = session.id.uuid(),
                                .name = std::move(name),
                                .due_at = due});
  };
  if (session.released < ReleaseStage::kOrganization &&
      session.organization_release_at < session.open_release_at) {
    RETURN_IF_ERROR(set("organization", session.organization_release_at));
  }
  if (session.released < ReleaseStage::kAll) RETURN_IF_ERROR(set("open", session.open_release_at));
  return absl::OkStatus();
}

}  // namespace

absl::Status StoreSession(mysql::Session& sql, const PlannedSession& planned,
                          const std::optional<TemplatePlace>& place, absl::Time now) {
  RETURN_IF_ERROR(InsertSession(sql, planned.session, place, now));
  RETURN_IF_ERROR(InsertSeats(sql, planned.session.id, planned.pools));
  return SetReleaseTimers(sql, planned.session);
}

}  // namespace yilian::scheduling
