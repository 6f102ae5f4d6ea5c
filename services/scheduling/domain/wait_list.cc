#include "services/scheduling/domain/wait_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {

absl::Status CheckWish(const WaitListWish& wish, const WaitListRules& rules, absl::Time now) {
  errors::Violations violations;
  if (wish.time.end <= wish.time.start) {
    violations.emplace_back("time.end", "must be after time.start");
  }
  if (wish.time.end <= now) violations.emplace_back("time.end", "must be in the future");
  if (wish.time.end > now + rules.window) {
    violations.emplace_back(
        "time.end", fmt::format("must be at most {} days ahead", rules.window / absl::Hours(24)));
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

std::string WaitListEntry::etag() const { return base::EtagOf(version); }

bool WaitListEntry::IsParty(const Actor& actor) const {
  return actor.service ||
         (!actor.organization.is_nil() &&
          (actor.organization == organization || actor.organization == session_organization));
}

absl::Time WaitListEntry::OfferEnd(absl::Time now, absl::Time starts_at,
                                   const WaitListRules& rules) const {
  const absl::Duration kept = cancelled_booking.is_nil() ? rules.offer : rules.reoffer;
  return now + std::min(kept, (starts_at - now) / 2);
}

WaitListEntry WaitListEntry::Next(WaitListState to) const {
  WaitListEntry next = *this;
  next.state = to;
  ++next.version;
  return next;
}

absl::StatusOr<WaitListEntry> WaitListEntry::Offer(const Booking& held) const {
  if (state != WaitListState::kWaiting) return errors::CommandNotAvailable("OFFER", state);
  WaitListEntry next = Next(WaitListState::kOffered);
  next.offered_booking = held.id;
  next.offered_session = held.session;
  next.offered_starts_at = held.time.start;
  next.offer_expires_at = held.hold_expires_at;
  return next;
}

absl::StatusOr<WaitListEntry> WaitListEntry::Accept(const Actor& by) const {
  if (!by.service && by.organization != organization) return errors::ForeignOrganization();
  if (state != WaitListState::kOffered) return errors::CommandNotAvailable("ACCEPT", state);
  return Next(WaitListState::kBooked);
}

absl::StatusOr<WaitListEntry> WaitListEntry::Decline(const Actor& by, const WaitListRules& rules,
                                                     absl::Time now) const {
  if (!by.service && by.organization != organization) return errors::ForeignOrganization();
  if (state != WaitListState::kOffered) return errors::CommandNotAvailable("DECLINE", state);
  return Pass(rules, now);
}

WaitListEntry WaitListEntry::Pass(const WaitListRules& rules, absl::Time now) const {
  WaitListEntry next = Next(WaitListState::kWaiting);
  ++next.passed;
  if (next.passed >= rules.passed_offers) {
    next.state = WaitListState::kLapsed;
    next.reason = "OFFERS_PASSED";
  } else if (time.end <= now) {
    next.state = WaitListState::kLapsed;
    next.reason = "WINDOW_OVER";
  }
  return next;
}

absl::StatusOr<std::optional<WaitListEntry>> WaitListEntry::Leave(std::string_view why) const {
  if (state == WaitListState::kBooked) return errors::CommandNotAvailable("LEAVE", state);
  if (!IsLive(state)) return std::optional<WaitListEntry>();
  WaitListEntry next = Next(WaitListState::kLeft);
  next.reason = std::string(why);
  return std::optional<WaitListEntry>(std::move(next));
}

std::optional<WaitListEntry> WaitListEntry::Lapse(absl::Time now) const {
  if (state != WaitListState::kWaiting || time.end > now) return std::nullopt;
  WaitListEntry next = Next(WaitListState::kLapsed);
  next.reason = "WINDOW_OVER";
  return next;
}

WaitListEntry WaitListEntry::PutFirst(BookingId cancelled) const {
  WaitListEntry next = Next(state);
  next.turn = 0;
  next.cancelled_booking = cancelled;
  return next;
}

WaitListEntry WaitListEntry::Relink(PatientId survivor) const {
  WaitListEntry next = Next(state);
  next.patient = survivor;
  return next;
}

}  // namespace yilian::scheduling
