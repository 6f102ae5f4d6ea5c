#include "services/scheduling/store/upkeep.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/outbox/outbox.h"
#include "common/saga/timer.h"
#include "services/scheduling/domain/release.h"
#include "services/scheduling/store/booking_rows.h"
#include "services/scheduling/store/events.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/seat_rows.h"
#include "services/scheduling/store/session_rows.h"
#include "services/scheduling/store/wait_list_rows.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

absl::StatusOr<bool> Upkeep::ExpireHold(mysql::Session& sql, BookingId id, absl::Time now) const {
  ASSIGN_OR_RETURN(const std::optional<Booking> held, LockBooking(sql, id));
  const std::optional<Booking> expired = held ? held->Expire(now) : std::nullopt;
  if (!expired) return false;
  RETURN_IF_ERROR(SaveBooking(sql, *expired, "HOLD_EXPIRED", now));
  ASSIGN_OR_RETURN(const std::optional<WaitListEntry> passed,
                   wait_list_.PassOffer(sql, *expired, now));
  RETURN_IF_ERROR(
      wait_list_.GiveBack(sql, expired->session, expired->seat_number, expired->id, now));
  RETURN_IF_ERROR(journal_.Announce(sql, events::kHoldExpired, kHoldTimer, *expired, now));
  if (passed) {
    RETURN_IF_ERROR(
        journal_.Announce(sql, events::PassedOrEnded(*passed), kHoldTimer, *passed, now));
  }
  return true;
}

absl::Status Upkeep::Release(mysql::Session& sql, const std::vector<SessionId>& ids,
                             absl::Time now) const {
  ASSIGN_OR_RETURN(std::vector<SessionRow> rows, LockSessions(sql, ids));
  while (!rows.empty()) {
    // Those for which the same is due go together; mostly it is all of them.
    const std::vector<scheduling::Release> due = DueReleases(rows.back().session, now);
    std::vector<Session> alike;
    std::erase_if(rows, [&](const SessionRow& row) {
      const bool same = DueReleases(row.session, now) == due;
      if (same) alike.push_back(row.session);
      return same;
    });
    if (!due.empty()) RETURN_IF_ERROR(Apply(sql, due, std::move(alike), now));
  }
  return absl::OkStatus();
}

absl::Status Upkeep::Apply(mysql::Session& sql, const std::vector<scheduling::Release>& due,
                           std::vector<Session> sessions, absl::Time now) const {
  std::vector<SessionId> ids;
  for (Session& session : sessions) {
    session.released = due.back().stage;
    ++session.version;
    ids.push_back(session.id);
  }
  std::vector<outbox::NewEvent> released;
  for (const scheduling::Release& release : due) {
    ASSIGN_OR_RETURN(const auto free, WidenPool(sql, ids, release));
    for (const Session& session : sessions) {
      const auto found = free.find(session.id);
      const int64_t seats = found == free.end() ? 0 : found->second;
      released.push_back(events::SeatsReleased(session, release, seats, now));
    }
  }
  RETURN_IF_ERROR(SaveRelease(sql, ids, due.back().stage));
  RETURN_IF_ERROR(WaitList::AskForFree(sql, ids, now));
  return outbox::Append(sql, released);
}

absl::Status Upkeep::Relink(mysql::Session& sql, const Booking& booking, PatientId patient,
                            absl::Time now) const {
  const Booking relinked = booking.Relink(patient);
  RETURN_IF_ERROR(SaveBooking(sql, relinked, "", now));
  return journal_.Announce(sql, events::kBookingRelinked, "scheduling.PatientsMerged", relinked,
                           now);
}

absl::Status Upkeep::MoveEntry(mysql::Session& sql, const WaitListEntry& entry, PatientId patient,
                               absl::Time now) const {
  WaitListEntry moved = entry.Relink(patient);
  if (IsLive(moved.state)) {
    ASSIGN_OR_RETURN(const std::optional<WaitListEntry> own,
                     LiveEntryOf(sql, patient, entry.department));
    // One place a person: the one that is there stays, and an offer of the other runs out.
    if (own) {
      moved.state = WaitListState::kLeft;
      moved.reason = "PATIENT_MERGED";
    }
  }
  RETURN_IF_ERROR(wait_list_.Save(sql, moved, now));
  return journal_.Announce(sql, events::kWaitListRelinked, "scheduling.PatientsMerged", moved, now);
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
    ASSIGN_OR_RETURN(const std::vector<WaitListEntry> entries, LockEntriesOf(sql, merged));
    for (const WaitListEntry& entry : entries) {
      RETURN_IF_ERROR(relationship::RememberRow(sql, merge, "wait_list_entry", entry.id.uuid()));
      RETURN_IF_ERROR(MoveEntry(sql, entry, survivor, now));
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
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> entries,
                   relationship::RememberedRows(sql, merge, "wait_list_entry"));
  for (const base::Uuid& id : entries) {
    ASSIGN_OR_RETURN(const std::optional<WaitListEntry> entry, LockEntry(sql, WaitListEntryId(id)));
    if (!entry || entry->patient != survivor) continue;
    RETURN_IF_ERROR(MoveEntry(sql, *entry, merged, now));
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
  RETURN_IF_ERROR(SetReleaseTimers(sql, planned.session));
  return WaitList::AskForFree(sql, planned.session.id, now);
}

}  // namespace yilian::scheduling
