// The wait list: who gets a seat that is given back. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/limits.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// The region's numbers; app/config.proto sets them.
struct WaitListRules {
  // How long a seat is kept for an entry that it is offered to.
  absl::Duration offer = absl::Hours(2);
  // The same for a patient whose session was cancelled: who is told the day before has till the
  // next.
  absl::Duration reoffer = absl::Hours(24);
  // Offers that an entry may pass before it ends: a patient who never answers keeps no seat from
  // others.
  int passed_offers = 3;
  // How far ahead an entry may wait, as SearchSessions looks.
  absl::Duration window = absl::Hours(24) * 92;
  // Who may not book a seat is not offered it.
  Limits limits;
};

// What somebody waits for.
struct WaitListWish {
  PatientId patient;
  OrganizationId organization;
  DepartmentId department;
  SessionId session;            // nil: any of the department
  PractitionerId practitioner;  // nil: any
  Span time;                    // sessions that start within
  bool coordinator = false;     // as in HoldCommand
};

// FIELD_INVALID names every rule that is broken.
absl::Status CheckWish(const WaitListWish& wish, const WaitListRules& rules, absl::Time now);

// The turn of an organization's next entry: fair queueing, in which a clinic's second patient comes
// after the first ones of all others, and who comes late claims nothing for the time before.
// `served`: the highest turn of the department that was offered a seat; `own_last`: the highest
// turn of the organization's entries that wait there, 0 for none. Turn 0 is for those whose session
// was cancelled: they are asked first.
constexpr int64_t NextTurn(int64_t served, int64_t own_last) {
  return (served > own_last ? served : own_last) + 1;
}

struct WaitListEntry {
  WaitListEntryId id;
  PatientId patient;
  OrganizationId organization;
  OrganizationId session_organization;
  DepartmentId department;
  SessionId session;
  PractitionerId practitioner;
  Span time;
  WaitListState state = WaitListState::kWaiting;
  int64_t turn = 0;
  int passed = 0;
  BookingId offered_booking;  // nil: nothing was offered yet
  SessionId offered_session;
  absl::Time offered_starts_at;
  absl::Time offer_expires_at;
  BookingId cancelled_booking;  // nil: somebody joined
  std::string reason;
  absl::Time joined_at;
  int64_t version = 1;

  std::string etag() const;
  bool IsParty(const Actor& actor) const;

  // How long a seat of a session that starts at `starts_at` is kept for it: at most half of what is
  // left, so that another one can be asked.
  absl::Time OfferEnd(absl::Time now, absl::Time starts_at, const WaitListRules& rules) const;

  // Each command: the entry after it, or why not. `by` is a party already.
  absl::StatusOr<WaitListEntry> Offer(const Booking& held) const;
  absl::StatusOr<WaitListEntry> Accept(const Actor& by) const;
  absl::StatusOr<WaitListEntry> Decline(const Actor& by, const WaitListRules& rules,
                                        absl::Time now) const;
  // The seat of the offer was taken back: by its time, or by who cancelled the booking.
  WaitListEntry Pass(const WaitListRules& rules, absl::Time now) const;
  // nullopt: it has ended already and stays as it is.
  absl::StatusOr<std::optional<WaitListEntry>> Leave(std::string_view why) const;
  // nullopt: its time is not over at `now`, or an offer or its end makes that of no account.
  std::optional<WaitListEntry> Lapse(absl::Time now) const;
  // Its patient's session was cancelled: it is asked first.
  WaitListEntry PutFirst(BookingId cancelled) const;
  WaitListEntry Relink(PatientId survivor) const;

  bool operator==(const WaitListEntry&) const = default;

 private:
  WaitListEntry Next(WaitListState to) const;
};

// Where a page of entries ended: they are listed by id, which is by time.
struct WaitListFilter {
  OrganizationId organization;
  bool for_own_sessions = false;
};

struct WaitListView {
  WaitListEntry entry;
  int64_t ahead = 0;
};

}  // namespace yilian::scheduling
