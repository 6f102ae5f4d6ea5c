#include "tests/bench/booking/seats.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"

namespace yilian::bench {
namespace {

// Rows of one statement: far below what its text and its time may be.
constexpr size_t kSessionsAtOnce = 500;
constexpr size_t kPatientsAtOnce = 1'000;

constexpr std::string_view kDigits =
    "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 "
    "UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT "
    "9)";

std::string SqlTime(absl::Time time) {
  return absl::FormatTime("'%Y-%m-%d %H:%M:%S'", time, absl::UTCTimeZone());
}

std::string SessionRow(const SeededSession& session, const SeededSeats& seats, absl::Time now) {
  return fmt::format(
      "({}, {}, {}, '{}', {}, {}, 'OUTPATIENT', {}, {}, {}, 0, {}, {}, {}, 1, {})",
      Literal(session.id), Literal(session.organization), Literal(session.department),
      session.specialty, session.practitioner.is_nil() ? "NULL" : Literal(session.practitioner),
      Literal(session.organization), SqlTime(session.starts_at),
      SqlTime(session.starts_at + absl::Hours(4)), seats.seats, session.opens_at <= now ? 2 : 0,
      SqlTime(session.opens_at), SqlTime(session.opens_at), SqlTime(now));
}

absl::Status SeedSome(const RunSql& run, const std::vector<SeededSession>& sessions, size_t first,
                      size_t last, const SeededSeats& seats) {
  const absl::Time now = absl::Now();
  std::string rows;
  std::string all;
  std::string full = "NULL";
  for (size_t i = first; i < last; ++i) {
    const std::string id = Literal(sessions[i].id);
    rows += (rows.empty() ? "" : ", ") + SessionRow(sessions[i], seats, now);
    all += (all.empty() ? "" : ", ") + id;
    if (sessions[i].full) full += ", " + id;
  }
  RETURN_IF_ERROR(
      run("INSERT INTO session (session_id, organization_id, department_id, specialty, "
          "practitioner_id, site_id, kind, starts_at, ends_at, seats, cancelled, released, "
          "organization_release_at, open_release_at, version, created_at) VALUES " +
          rows));
  const std::string taken =
      fmt::format("(session_id IN ({}){})", full,
                  seats.taken_of > 0 ? fmt::format(" OR n MOD {} = 0", seats.taken_of) : "");
  RETURN_IF_ERROR(run(fmt::format(
      "INSERT INTO seat (session_id, seat_number, pool, pool_organization_id, state, booking_id) "
      "SELECT session_id, n + 1, IF(n < {}, 'CONSORTIUM', 'OPEN'), REPEAT(X'00', 16), IF({}, "
      "'TAKEN', 'FREE'), IF({}, UNHEX(MD5(CONCAT(HEX(session_id), n))), NULL) FROM session JOIN "
      "(SELECT a.d + 10 * b.d + 100 * c.d AS n FROM {} a, {} b, {} c) AS numbers ON n < {} WHERE "
      "session_id IN ({})",
      seats.reserved, taken, taken, kDigits, kDigits, kDigits, seats.seats, all)));
  if (!seats.timers) return absl::OkStatus();
  return run(fmt::format(
      "INSERT INTO timer (kind, aggregate_id, name, due_at, try_at, attempt, payload, last_error) "
      "SELECT 'scheduling.Release', session_id, 'open', open_release_at, open_release_at, 0, '', "
      "'' FROM session WHERE session_id IN ({})",
      all));
}

}  // namespace

std::string Literal(const base::Uuid& id) {
  return fmt::format("X'{}'", std::string(absl::BytesToHexString(id.ToBytes())));
}

absl::Status SeedSessions(const RunSql& run, const std::vector<SeededSession>& sessions,
                          const SeededSeats& seats) {
  for (size_t first = 0; first < sessions.size(); first += kSessionsAtOnce) {
    RETURN_IF_ERROR(
        SeedSome(run, sessions, first, std::min(sessions.size(), first + kSessionsAtOnce), seats));
  }
  return absl::OkStatus();
}

absl::Status SeedCare(const RunSql& run, const std::vector<base::Uuid>& patients,
                      const base::Uuid& organization) {
  for (size_t first = 0; first < patients.size(); first += kPatientsAtOnce) {
    std::string rows;
    for (size_t i = first; i < std::min(patients.size(), first + kPatientsAtOnce); ++i) {
      rows +=
          fmt::format("{}({}, {}, 'CONTRACT', {}, '2020-01-01', NULL)", rows.empty() ? "" : ", ",
                      Literal(patients[i]), Literal(organization), Literal(patients[i]));
    }
    RETURN_IF_ERROR(
        run("INSERT INTO relationship (data_subject_id, organization_id, source, "
            "source_id, started_at, ends_at) VALUES " +
            rows));
  }
  return absl::OkStatus();
}

}  // namespace yilian::bench
