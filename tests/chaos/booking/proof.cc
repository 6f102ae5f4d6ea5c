#include "tests/chaos/booking/proof.h"

#include <fmt/format.h>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"

namespace yilian::chaos {
namespace {

namespace v1 = scheduling::v1;

constexpr size_t kReplays = 400;
constexpr absl::Duration kLook = absl::Milliseconds(100);

std::string Literals(const std::vector<std::string>& ids) {
  return absl::StrJoin(ids, ", ", [](std::string* out, const std::string& id) {
    *out += "X'";
    for (const char c : id) {
      if (c != '-') *out += c;
    }
    *out += "'";
  });
}

}  // namespace

absl::Status Prover::AwaitQuiet(absl::Time deadline) {
  const std::string held = fmt::format(
      "SELECT COUNT(*) FROM yilian_scheduling.booking WHERE state = 'HELD' AND hold_expires_at < "
      "UTC_TIMESTAMP(6) AND session_id IN ({})",
      Literals(deps_.sessions));
  while (true) {
    ASSIGN_OR_RETURN(const int64_t open, deps_.tables.Count("chaos.Held", held));
    ASSIGN_OR_RETURN(const StreamEnds stream, deps_.tables.Stream("scheduling"));
    if (open == 0 && stream.unnumbered == 0 && deps_.follower.cursor() >= stream.highest) {
      return absl::OkStatus();
    }
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          fmt::format("still open: {} holds that are over, {} events without a position, follower "
                      "at {} of {}",
                      open, stream.unnumbered, deps_.follower.cursor(), stream.highest));
    }
    absl::SleepFor(kLook);  // lint:allow(test-sleep) a pause between two looks, up to `deadline`
  }
}

absl::StatusOr<SeatProof> Prover::Prove() {
  SeatProof proof;
  Follow();
  RETURN_IF_ERROR(CheckTables(proof));
  CheckEvents(proof);
  CheckReplays(proof);
  for (const std::string& fault : deps_.follower.faults()) proof.findings.push_back(fault);
  return proof;
}

// A booking is changed by its own client only, so the last answer is how it stands.
void Prover::Follow() {
  for (const Answered& answered : deps_.history) {
    if (!answered.reason.empty()) continue;
    const v1::Booking& booking = answered.booking;
    Told& told = told_[booking.booking_id()];
    told.session = booking.session_id();
    told.seat = booking.seat_number();
    told.state = v1::BookingState_Name(booking.state()).substr(sizeof("BOOKING_STATE_") - 1);
    ++told.events;
  }
}

absl::Status Prover::CheckTables(SeatProof& proof) {
  const std::string where = fmt::format("session_id IN ({})", Literals(deps_.sessions));
  const std::string schema = "yilian_scheduling.";
  struct Question {
    const char* what;
    std::string sql;
  };
  const std::vector<Question> questions = {
      {"seats with two bookings",
       "SELECT COUNT(*) FROM (SELECT session_id, seat_number FROM " + schema + "booking WHERE " +
           where +
           " AND state NOT IN ('CANCELLED', 'EXPIRED') GROUP BY session_id, seat_number HAVING "
           "COUNT(*) > 1) x"},
      {"seats that contradict their booking",
       "SELECT COUNT(*) FROM " + schema + "seat s LEFT JOIN " + schema +
           "booking b ON b.session_id = s.session_id AND b.live_seat_number = s.seat_number WHERE "
           "s." +
           where +
           " AND ((s.state = 'TAKEN') <> (b.booking_id IS NOT NULL) OR (b.booking_id IS NOT NULL "
           "AND s.booking_id <> b.booking_id))"},
      {"patients in two places at once",
       "SELECT COUNT(*) FROM " + schema + "booking a JOIN " + schema +
           "booking b ON a.patient_id = b.patient_id AND a.booking_id < b.booking_id AND "
           "a.starts_at < b.ends_at AND b.starts_at < a.ends_at WHERE a." +
           where + " AND a.state IN ('HELD', 'BOOKED') AND b.state IN ('HELD', 'BOOKED')"},
      {"changes without their event, or events without their change",
       "SELECT COUNT(*) FROM " + schema + "booking b WHERE b." + where +
           " AND (SELECT COUNT(*) FROM " + schema +
           "outbox o WHERE o.aggregate_id = b.booking_id) <> b.version"},
  };
  for (const Question& question : questions) {
    ASSIGN_OR_RETURN(const int64_t count, deps_.tables.Count("chaos.Bookings", question.sql));
    if (count != 0) proof.Doubled(fmt::format("{} {}", count, question.what));
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      deps_.tables.Texts("chaos.Rows",
                         "SELECT LOWER(HEX(booking_id)), LOWER(HEX(session_id)), seat_number, "
                         "state FROM " +
                             schema + "booking WHERE " + where,
                         4));
  CheckBookings(rows, proof);
  return absl::OkStatus();
}

void Prover::CheckBookings(const std::vector<std::vector<std::string>>& rows, SeatProof& proof) {
  const auto plain = [](std::string id) {
    std::erase(id, '-');
    return id;
  };
  std::map<std::string, std::vector<std::string>> there;
  for (const auto& row : rows) there[row[0]] = row;
  for (const auto& [id, told] : told_) {
    const auto found = there.find(plain(id));
    if (found == there.end()) {
      proof.Lost("booking " + id + " was granted and is not there");
      continue;
    }
    const std::vector<std::string>& row = found->second;
    const bool same_state = row[3] == told.state || (told.state == "HELD" && row[3] == "EXPIRED");
    if (!same_state || row[1] != plain(told.session) || row[2] != std::to_string(told.seat)) {
      proof.Lost(fmt::format("booking {} is {} on seat {}; its client was told {} on seat {}", id,
                             row[3], row[2], told.state, told.seat));
    }
    there.erase(found);
  }
  for (const auto& [id, row] : there) proof.Doubled("booking " + id + " was granted to nobody");
}

// Every change once: each of a client's granted commands, and the end of a hold that was let go.
void Prover::CheckEvents(SeatProof& proof) const {
  for (const auto& [id, told] : told_) {
    int events = 0;
    for (const char* type : {"SeatHeld", "SeatBooked", "BookingRescheduled", "BookingCancelled"}) {
      events += deps_.follower.Count(type, id);
    }
    if (events != told.events) {
      proof.Doubled(
          fmt::format("booking {}: {} events of {} granted commands", id, events, told.events));
    }
  }
}

// The same request_id gets the first answer, also from the other replica, also long afterwards.
void Prover::CheckReplays(SeatProof& proof) {
  const size_t step = deps_.history.size() / kReplays + 1;
  for (size_t i = 0; i < deps_.history.size(); i += step) {
    const Answered& first = deps_.history[i];
    if (!first.reason.empty()) continue;
    int attempts = 0;
    const absl::StatusOr<v1::Booking> again = Booker::Repeat(
        deps_.replicas, deps_.persons[first.client], first.request, deps_.weather, i, &attempts);
    ++proof.replayed;
    if (!again.ok()) {
      proof.Lost(fmt::format("a repeated request of booking {} is answered {}",
                             first.booking.booking_id(), again.status().ToString()));
      continue;
    }
    if (again->booking_id() != first.booking.booking_id() ||
        again->seat_number() != first.booking.seat_number() ||
        again->session_id() != first.booking.session_id() ||
        again->state() != first.booking.state()) {
      proof.Doubled("a repeated request of booking " + first.booking.booking_id() +
                    " is answered otherwise than the first time");
    }
  }
}

}  // namespace yilian::chaos
