#include "services/scheduling/testing/booking_tables.h"

#include "absl/time/clock.h"
#include "common/mysql/transaction.h"

namespace yilian::scheduling {
namespace {

std::string Seat(const std::string& session, int seat) {
  return session + " " + std::to_string(seat);
}

}  // namespace

std::string BookingTables::Unlike() {
  Seats seats;
  for (const auto& [id, booking] : model_.bookings) {
    const std::string seat = Seat(booking.session, booking.seat);
    if (booking.TakesSeatAt(model_.now)) {
      seats.taken[seat] = id;
    } else if (booking.OverAt(model_.now)) {
      seats.over[seat].insert(id);
    }
  }
  std::string wrong;
  const auto read = [&](std::string_view name, const std::string& sql, auto row) {
    const absl::Status status =
        mysql::RunRead(desk_.pool(), absl::Now() + absl::Seconds(30), [&](mysql::Session& session) {
          return session.SelectValues({name, sql}, {begun_}, [&](const auto& r) {
            row(r);
            return absl::OkStatus();
          });
        });
    if (!status.ok()) wrong += " " + status.ToString() + ";";
  };
  size_t rows = 0;
  read("test.Bookings",
       "SELECT booking_id, session_id, seat_number, patient_id, state FROM booking WHERE "
       "created_at >= ?",
       [&](const mysql::Row& row) {
         ++rows;
         const std::string id = row.Id(0).ToString();
         const auto found = model_.bookings.find(id);
         if (found == model_.bookings.end()) {
           wrong += " a booking that nobody was told of;";
           return;
         }
         wrong += BookingUnlike(found->second, row);
       });
  if (rows != model_.bookings.size()) wrong += " an acknowledged booking is not there;";
  read("test.Seats",
       "SELECT s.session_id, t.seat_number, t.pool, t.pool_organization_id, t.state, "
       "t.booking_id, s.released, (SELECT COUNT(*) FROM outbox o WHERE o.aggregate_id = "
       "s.session_id AND o.type = 'SeatsReleased') FROM session s JOIN seat t ON t.session_id = "
       "s.session_id WHERE s.created_at >= ?",
       [&](const mysql::Row& row) { wrong += SeatUnlike(row, seats); });
  return wrong.empty() ? "" : "the tables are not as answered:" + wrong;
}

std::string BookingTables::BookingUnlike(const ModelBooking& booking, const mysql::Row& row) const {
  std::string state = row.Text(4);
  if (state == "CANCELLED" || state == "EXPIRED") state = "ENDED";
  const bool over = booking.OverAt(model_.now);
  const bool same_state =
      over ? state == "ENDED" || (state == "HELD" && !timers_ran_) : state == booking.state;
  if (!same_state) return " a booking is " + state + " instead of " + booking.state + ";";
  if (row.Id(1).ToString() != booking.session || row.Int(2) != booking.seat ||
      row.Id(3).ToString() != patient_(booking.patient)) {
    return " a booking has another seat or patient;";
  }
  return "";
}

std::string BookingTables::SeatUnlike(const mysql::Row& row, const Seats& seats) const {
  const std::string id = row.Id(0).ToString();
  const auto found = model_.sessions.find(id);
  if (found == model_.sessions.end()) return " a session that nobody was told of;";
  const ModelSession& session = found->second;
  const int seat = static_cast<int>(row.Int(1));
  std::string wrong;
  const bool is_taken = row.Text(4) == "TAKEN";
  const std::string by = is_taken ? row.Id(5).ToString() : "";
  const auto taken = seats.taken.find(Seat(id, seat));
  const auto over = seats.over.find(Seat(id, seat));
  if (taken != seats.taken.end()) {
    if (by != taken->second) wrong += " a seat has another's booking, or none;";
  } else if (is_taken && (timers_ran_ || over == seats.over.end() || over->second.count(by) == 0)) {
    wrong += " a seat is taken by a booking that has ended;";
  }
  const int stage = static_cast<int>(row.Int(6));
  const int due = session.StageAt(model_.now);
  if (stage > due || (timers_ran_ && stage != due)) {
    wrong += " released to " + std::to_string(stage) + " when " + std::to_string(due) + " is due;";
  }
  std::string pool = row.Text(2);
  if (pool == "ORGANIZATION" && row.Id(3) == Named("village")) pool = "village";
  if (pool != session.PoolAt(seat, stage)) wrong += " a reserve is not where it belongs;";
  // One event a step: organizations' reserves, then the consortium's and the green channel's.
  const int steps[] = {0, 1, 3};
  if (row.Int(7) != steps[stage] - steps[session.stage_as_made]) {
    wrong += " a release was told twice, or not at all;";
  }
  return wrong;
}

}  // namespace yilian::scheduling
