#include "services/scheduling/testing/wait_list_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace yilian::scheduling {
namespace {

constexpr absl::Duration kOffer = absl::Hours(2);
constexpr int kMostPassed = 3;

absl::Time At(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

}  // namespace

void WaitListRecord::Open(const v1::Session& session) { sessions_[session.session_id()] = session; }

WaitListRecord::Time WaitListRecord::TimeOf(const std::string& session, int seat) const {
  const v1::Session& there = sessions_.at(session);
  const absl::Time start = At(there.time().start());
  const absl::Duration each = (At(there.time().end()) - start) / there.seats();
  return {start + each * (seat - 1), start + each * seat};
}

// The tests' region has UTC.
int64_t WaitListRecord::DayOf(absl::Time at) { return absl::ToUnixSeconds(at) / (24 * 3600); }

std::set<int> WaitListRecord::FreeSeats(const std::string& session) const {
  std::set<int> free;
  for (int seat = 1; seat <= sessions_.at(session).seats(); ++seat) free.insert(seat);
  for (const auto& [id, booking] : bookings_) {
    if (booking.session == session && booking.state != "ENDED") free.erase(booking.seat);
  }
  return free;
}

bool WaitListRecord::Overlaps(const std::string& patient, const Time& time, absl::Time at) const {
  return std::any_of(bookings_.begin(), bookings_.end(), [&](const auto& one) {
    const Taken& booking = one.second;
    const bool live = booking.state == "BOOKED" || (booking.state == "HELD" && at < booking.until);
    if (!live || booking.patient != patient) return false;
    const Time other = TimeOf(booking.session, booking.seat);
    return other.first < time.second && time.first < other.second;
  });
}

bool WaitListRecord::HasTheDay(const std::string& patient, absl::Time start, absl::Time at) const {
  return std::any_of(bookings_.begin(), bookings_.end(), [&](const auto& one) {
    const Taken& booking = one.second;
    const bool live = booking.state == "BOOKED" || (booking.state == "HELD" && at < booking.until);
    return live && booking.patient == patient &&
           DayOf(TimeOf(booking.session, booking.seat).first) == DayOf(start);
  });
}

bool WaitListRecord::Wants(const Waiting& entry, const std::string& session) const {
  return entry.state == "WAITING" && (entry.session.empty() || entry.session == session) &&
         !entry.offered.contains(session);
}

std::string WaitListRecord::ComesFirst(const std::string& session, int seat, const Waiting* than,
                                       absl::Time at) const {
  const Time time = TimeOf(session, seat);
  for (const auto& [id, other] : entries_) {
    if (&other == than || !Wants(other, session)) continue;
    if (than != nullptr &&
        std::tie(than->turn, than->joined) < std::tie(other.turn, other.joined)) {
      continue;
    }
    const bool may = !Overlaps(other.patient, time, at) &&
                     !HasTheDay(other.patient, At(sessions_.at(session).time().start()), at);
    if (may) return id;
  }
  return "";
}

std::string WaitListRecord::RefusalOf(const std::string& session, const std::string& patient,
                                      absl::Time now) const {
  const absl::Time start = At(sessions_.at(session).time().start());
  if (start <= now) return "SESSION_CLOSED";
  const std::set<int> free = FreeSeats(session);
  if (free.empty()) return "NO_SEAT";
  if (HasTheDay(patient, start, now)) return "PATIENT_LIMIT";
  const bool fits = std::any_of(free.begin(), free.end(), [&](int seat) {
    return !Overlaps(patient, TimeOf(session, seat), now);
  });
  return fits ? "" : "PATIENT_OVERLAP";
}

std::string WaitListRecord::Take(const std::string& type, const google::protobuf::Any& payload,
                                 absl::Time at) {
  v1::WaitListChanged entry;
  if (payload.UnpackTo(&entry)) return TakeEntry(type, entry.entry(), at);
  v1::BookingChanged booking;
  if (payload.UnpackTo(&booking)) return TakeBooking(type, booking.booking(), at);
  return "";
}

std::string WaitListRecord::TakeEntry(const std::string& type, const v1::WaitListEntry& entry,
                                      absl::Time at) {
  if (type == "WaitListJoined") return Join(entry);
  const auto found = entries_.find(entry.entry_id());
  if (found == entries_.end()) return "an entry that never joined";
  Waiting& here = found->second;
  if (type == "WaitListOffered") return Offer(entry, at);
  if (type == "WaitListOfferPassed") return Pass(entry, type, at);
  if (type == "WaitListBooked") {
    if (here.state != "OFFERED" || here.offer_ends <= at)
      return "an offer that was over was booked";
    here.state = "BOOKED";
    return "";
  }
  if (entry.reason() == "OFFERS_PASSED") return Pass(entry, type, at);
  if (here.state != "WAITING" && here.state != "OFFERED") return "an entry ended twice";
  here.state = entry.state() == v1::WAIT_LIST_STATE_LEFT ? "LEFT" : "LAPSED";
  return "";
}

std::string WaitListRecord::Join(const v1::WaitListEntry& entry) {
  int64_t own = 0;
  for (const auto& [id, other] : entries_) {
    if (other.state != "WAITING" && other.state != "OFFERED") continue;
    if (other.patient == entry.patient_id()) return "a patient waits twice";
    if (other.organization == entry.organization_id()) own = std::max(own, other.turn);
  }
  entries_[entry.entry_id()] = {.patient = entry.patient_id(),
                                .organization = entry.organization_id(),
                                .session = entry.session_id(),
                                // A clinic's next patient is after the first ones of all others.
                                .turn = std::max(own, served_) + 1,
                                .joined = ++joined_};
  return "";
}

std::string WaitListRecord::Offer(const v1::WaitListEntry& entry, absl::Time at) {
  Waiting& here = entries_.at(entry.entry_id());
  const auto held = bookings_.find(entry.offered_booking_id());
  if (held == bookings_.end() || held->second.state != "HELD") return "an offer without a seat";
  const auto& [session, seat] = std::tie(held->second.session, held->second.seat);
  if (!Wants(here, session)) return "a seat was offered to who does not want it";
  const std::string first = ComesFirst(session, seat, &here, at);
  if (!first.empty()) return fmt::format("{} was passed over, who comes first", first);
  const absl::Time start = At(sessions_.at(session).time().start());
  const absl::Time ends = at + std::min(kOffer, (start - at) / 2);
  if (At(entry.offer_expires_at()) != absl::FromUnixMicros(absl::ToUnixMicros(ends))) {
    return "an offer ends at another time than it should";
  }
  here.state = "OFFERED";
  here.offered.insert(session);
  here.offer_ends = ends;
  served_ = std::max(served_, here.turn);
  return "";
}

std::string WaitListRecord::Pass(const v1::WaitListEntry& entry, const std::string& type,
                                 absl::Time at) {
  Waiting& here = entries_.at(entry.entry_id());
  if (here.state != "OFFERED") return "an offer was passed that there was not";
  if (!giving_up_ && at < here.offer_ends) return "an offer ended before its time";
  ++here.passed;
  const bool over = here.passed >= kMostPassed;
  if (over != (type == "WaitListEnded")) return "an entry ended with another than the third offer";
  here.state = over ? "LAPSED" : "WAITING";
  return "";
}

std::string WaitListRecord::TakeBooking(const std::string& type, const v1::Booking& booking,
                                        absl::Time at) {
  if (type == "SeatHeld") return Hold(booking, at);
  const auto found = bookings_.find(booking.booking_id());
  if (found == bookings_.end()) return "a booking that was never held";
  Taken& here = found->second;
  if (type == "SeatBooked") {
    if (here.state != "HELD" || here.until <= at) return "a hold that was over was booked";
    here.state = "BOOKED";
    return "";
  }
  if (type == "HoldExpired" && (here.state != "HELD" || at < here.until)) {
    return "a hold ended before its time";
  }
  if (here.state == "ENDED") return "a booking ended twice";
  here.state = "ENDED";
  given_back_.emplace_back(here.session, here.seat);
  return "";
}

std::string WaitListRecord::Hold(const v1::Booking& booking, absl::Time at) {
  const std::string& session = booking.session_id();
  if (!FreeSeats(session).contains(booking.seat_number())) return "a seat was given twice";
  if (Overlaps(booking.patient_id(), TimeOf(session, booking.seat_number()), at)) {
    return "a patient is in two places";
  }
  if (HasTheDay(booking.patient_id(), At(sessions_.at(session).time().start()), at)) {
    return "a patient has more bookings of the day than are allowed";
  }
  bookings_[booking.booking_id()] = {.session = session,
                                     .seat = booking.seat_number(),
                                     .patient = booking.patient_id(),
                                     .until = At(booking.hold_expires_at())};
  std::erase(given_back_, std::pair(session, static_cast<int>(booking.seat_number())));
  return "";
}

std::string WaitListRecord::Settled(absl::Time now) {
  const auto given_back = std::exchange(given_back_, {});
  for (const auto& [id, entry] : entries_) {
    if (entry.state == "OFFERED" && entry.offer_ends <= now) return "an offer has not run out";
  }
  for (const auto& [id, booking] : bookings_) {
    if (booking.state == "HELD" && booking.until <= now) return "a hold has not run out";
  }
  // Of several at once, who may have one may have become free only by the other.
  if (given_back.size() != 1) return "";
  const auto& [session, seat] = given_back.front();
  if (At(sessions_.at(session).time().start()) <= now) return "";
  const std::string left = ComesFirst(session, seat, nullptr, now);
  return left.empty() ? "" : fmt::format("a seat that was given back was not offered to {}", left);
}

}  // namespace yilian::scheduling
