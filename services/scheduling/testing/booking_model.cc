#include "services/scheduling/testing/booking_model.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace yilian::scheduling {
namespace {

constexpr std::array kDeeds = {"hold",       "hold in department",
                               "book",       "cancel",
                               "reschedule", "check in",
                               "done",       "no-show",
                               "offer",      "search",
                               "repeat",     "wait",
                               "run timers"};
constexpr absl::Duration kOrganizationRelease = absl::Hours(48);
constexpr absl::Duration kOpenRelease = absl::Hours(24);

std::string Unlike(const Answer& answer, const std::string& expected) {
  return answer.reason == expected
             ? ""
             : fmt::format("answered \"{}\" instead of \"{}\"", answer.reason, expected);
}

}  // namespace

std::string ShowCommand(const Command& c) {
  return fmt::format("{}{}{} session={} booking={} patient={} client={} referral={} amount={}",
                     c.together ? "& " : "", c.crash ? "(crash) " : "",
                     kDeeds[static_cast<size_t>(c.deed)], c.session, c.booking, c.patient, c.client,
                     c.referral, c.amount);
}

const std::vector<std::string>& BookingModel::Clients() {
  static const std::vector<std::string> all = {"township", "city", "village", "township"};
  return all;
}

int ModelSession::StageAt(absl::Time now) const {
  if (now >= start - kOpenRelease) return 2;
  return now >= start - kOrganizationRelease ? 1 : stage_as_made;
}

std::string ModelSession::PoolAt(int seat, int stage) const {
  const std::string& made = pools[static_cast<size_t>(seat - 1)];
  if (stage == 2) return "OPEN";
  if (stage == 1 && made != "OPEN" && made != "GREEN") return "CONSORTIUM";
  return made;
}

std::pair<absl::Time, absl::Time> ModelSession::SeatTime(int seat) const {
  const absl::Duration each = length / static_cast<int64_t>(pools.size());
  return {start + each * (seat - 1), start + each * seat};
}

bool BookingModel::May(int client, const std::string& pool) const {
  if (pool == "OPEN") return true;
  if (pool == "GREEN") return client == 3;
  const std::string& organization = Clients()[static_cast<size_t>(client)];
  if (pool == "CONSORTIUM") return organization != "city";
  return pool == organization;
}

std::set<int> BookingModel::FreeSeats(const std::string& session, int client) const {
  const ModelSession& there = sessions.at(session);
  const int stage = there.StageAt(now);
  std::set<int> free;
  for (int seat = 1; seat <= static_cast<int>(there.pools.size()); ++seat) {
    if (May(client, there.PoolAt(seat, stage))) free.insert(seat);
  }
  for (const auto& [id, booking] : bookings) {
    if (booking.session == session && booking.TakesSeatAt(now)) free.erase(booking.seat);
  }
  return free;
}

std::set<int> BookingModel::FitSeats(const std::string& session, int client, int patient,
                                     const std::string& but) const {
  std::set<int> fit = FreeSeats(session, client);
  for (const auto& [id, booking] : bookings) {
    if (id == but || booking.patient != patient || !booking.LiveAt(now)) continue;
    const auto [from, to] = sessions.at(booking.session).SeatTime(booking.seat);
    std::erase_if(fit, [&, from = from, to = to](int seat) {
      const auto [start, end] = sessions.at(session).SeatTime(seat);
      return start < to && from < end;
    });
  }
  return fit;
}

std::string BookingModel::TakeSeat(const Command& command, const std::string& moving,
                                   const std::string& session, const Answer& answer) {
  const ModelBooking* old = moving.empty() ? nullptr : &bookings.at(moving);
  const int client = old ? old->client % 3 : command.client;
  const int patient = old ? old->patient : command.patient;
  if (!old && command.referral > 0) {
    for (const auto& [id, booking] : bookings) {
      if (booking.referral == command.referral && booking.LiveAt(now)) {
        return Unlike(answer, "REFERRAL_BOOKED");
      }
    }
  }
  if (old) {
    if (old->state != "BOOKED") return Unlike(answer, "COMMAND_NOT_AVAILABLE");
    if (sessions.at(old->session).SeatTime(old->seat).first <= now) {
      return Unlike(answer, "SESSION_CLOSED");
    }
  }
  if (sessions.at(session).start <= now) return Unlike(answer, "SESSION_CLOSED");
  const std::set<int> fit = FitSeats(session, client, patient, moving);
  if (fit.empty()) {
    return Unlike(answer, FreeSeats(session, client).empty() ? "NO_SEAT" : "PATIENT_OVERLAP");
  }
  if (!answer.reason.empty()) return Unlike(answer, "");
  if (answer.session != session || fit.count(answer.seat) == 0) {
    return fmt::format(
        "gave seat {}, which is not free, not for this client, or at a time that "
        "the patient has not",
        answer.seat);
  }
  if (old) {
    bookings.at(moving).session = session;
    bookings.at(moving).seat = answer.seat;
    return "";
  }
  bookings[answer.booking] = {.session = session,
                              .seat = answer.seat,
                              .patient = patient,
                              .client = client,
                              .referral = command.referral,
                              .until = std::min(now + kHold, sessions.at(session).start)};
  return "";
}

std::string BookingModel::TakeInDepartment(const Command& command, const Answer& answer) {
  std::optional<std::pair<absl::Time, std::string>> earliest;
  bool overlaps = false;
  for (const auto& [id, session] : sessions) {
    if (session.start <= now) continue;
    if (FitSeats(id, command.client, command.patient, "").empty()) {
      overlaps = overlaps || !FreeSeats(id, command.client).empty();
      continue;
    }
    const std::pair<absl::Time, std::string> at = {session.start, id};
    if (!earliest || at < *earliest) earliest = at;
  }
  if (earliest || command.referral > 0) {
    // Without a seat anywhere the referral is still judged first.
    const std::string session = earliest ? earliest->second : sessions.begin()->first;
    for (const auto& [id, booking] : bookings) {
      if (command.referral > 0 && booking.referral == command.referral && booking.LiveAt(now)) {
        return Unlike(answer, "REFERRAL_BOOKED");
      }
    }
    if (earliest) return TakeSeat(command, "", session, answer);
  }
  return Unlike(answer, overlaps ? "PATIENT_OVERLAP" : "NO_SEAT");
}

std::string BookingModel::TakeMove(ModelBooking& booking, const std::string& from,
                                   const std::string& to, const Answer& answer) {
  if (booking.state != from) return Unlike(answer, "COMMAND_NOT_AVAILABLE");
  if (answer.reason.empty()) booking.state = to;
  return Unlike(answer, "");
}

std::string BookingModel::TakeOffer(const Command& command, const Answer& answer) {
  ModelSession offer{.start = now + absl::Hours(60) + absl::Hours(1) * command.amount,
                     .length = absl::Hours(2),
                     .pools = {"OPEN", "OPEN", "OPEN"},
                     .expert = command.client % 2};
  for (const auto& [id, session] : sessions) {
    if (session.expert == offer.expert && session.start < offer.end() &&
        offer.start < session.end()) {
      return Unlike(answer, "EXPERT_OVERLAP");
    }
  }
  if (answer.reason.empty()) sessions[answer.session] = offer;
  return Unlike(answer, "");
}

std::string BookingModel::TakeSearch(const Command& command, const Answer& answer) const {
  std::map<std::string, int64_t> free;
  for (const auto& [id, session] : sessions) {
    // A search counts for people, who have no green channel.
    const auto seats = static_cast<int64_t>(FreeSeats(id, command.client % 3).size());
    if (session.start > now && seats > 0) free[id] = seats;
  }
  return free == answer.free
             ? ""
             : fmt::format("shows {} sessions, and {} have seats, or the seats differ",
                           answer.free.size(), free.size());
}

std::string BookingModel::Take(const Command& command, const std::string& booking,
                               const std::string& session, const Answer& answer) {
  switch (command.deed) {
    case Deed::kHold:
      return TakeSeat(command, "", session, answer);
    case Deed::kReschedule:
      return TakeSeat(command, booking, session, answer);
    case Deed::kHoldInDepartment:
      return TakeInDepartment(command, answer);
    case Deed::kBook: {
      ModelBooking& held = bookings.at(booking);
      if (held.OverAt(now)) return Unlike(answer, "HOLD_EXPIRED");
      // Whether it ran out or was cancelled first, only the service knows.
      if (held.state == "ENDED" && answer.reason == "HOLD_EXPIRED") return "";
      return TakeMove(held, "HELD", "BOOKED", answer);
    }
    case Deed::kCancel: {
      ModelBooking& live = bookings.at(booking);
      if (live.state == "HELD" || live.state == "BOOKED" || live.state == "ENDED") {
        if (answer.reason.empty()) live.state = "ENDED";
        return Unlike(answer, "");
      }
      return Unlike(answer, "COMMAND_NOT_AVAILABLE");
    }
    case Deed::kCheckIn:
      return TakeMove(bookings.at(booking), "BOOKED", "CHECKED_IN", answer);
    case Deed::kNoShow:
      return TakeMove(bookings.at(booking), "BOOKED", "NO_SHOW", answer);
    case Deed::kDone:
      return TakeMove(bookings.at(booking), "CHECKED_IN", "DONE", answer);
    case Deed::kOffer:
      return TakeOffer(command, answer);
    case Deed::kSearch:
      return TakeSearch(command, answer);
    case Deed::kRepeat:
    case Deed::kWait:
    case Deed::kRunTimers:
    case Deed::kRush:
      return "";
  }
  return "";
}

}  // namespace yilian::scheduling
