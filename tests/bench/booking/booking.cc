#include <fmt/format.h>

#include <atomic>
#include <future>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "tests/bench/booking/bench.h"
#include "tests/bench/booking/booking_floor.h"
#include "tests/bench/support/contender.h"
#include "tests/bench/support/in_flight.h"
#include "tests/bench/support/others.h"

namespace yilian::bench {
namespace {

constexpr int kCallers = 32;
// Of each side. Every hold is another patient's, so that nobody's day fills up.
constexpr int kPatients = 60'000;
constexpr int kSessions = 300;
constexpr int kSeats = 400;
constexpr absl::Duration kSlice = absl::Seconds(1);

// One booking by the service, whose rows the floor writes again. The answer has its seat, the row
// its id.
absl::StatusOr<base::Uuid> Sample(Clinic& clinic, const base::Uuid& session,
                                  const base::Uuid& patient) {
  std::promise<Visited> answer;
  clinic.Visit(0, clinic.Wish(session, patient),
               [&](const Visited& visited) { answer.set_value(visited); });
  const Visited visited = answer.get_future().get();
  if (!visited.reason.empty()) return absl::InternalError("no sample: " + visited.reason);
  ASSIGN_OR_RETURN(
      const auto rows,
      clinic.Rows("SELECT booking_id FROM booking WHERE patient_id = " + Literal(patient)));
  return base::Uuid::FromBytes(*rows.at(0).at(0));
}

}  // namespace

absl::Status BenchBooking(const Arguments& arguments) {
  const int callers = arguments.callers > 0 ? arguments.callers : kCallers;
  ASSIGN_OR_RETURN(const std::unique_ptr<Clinic> clinic, Clinic::Make(arguments.region, "taoxi"));
  const SeededSeats seats{.seats = kSeats, .reserved = kSeats};
  // Their reserve opens long after the run.
  const absl::Time starts = absl::Now() + absl::Hours(24) * 30;
  const absl::Time opens = starts - absl::Hours(24);
  ASSIGN_OR_RETURN(const auto sessions, clinic->NewSessions(kSessions, seats, starts, opens));
  ASSIGN_OR_RETURN(auto floor_sessions, clinic->NewSessions(kSessions, seats, starts, opens));
  ASSIGN_OR_RETURN(const auto patients, clinic->NewPatients(kPatients));
  ASSIGN_OR_RETURN(auto floor_patients, clinic->NewPatients(kPatients));
  ASSIGN_OR_RETURN(const base::Uuid sample, Sample(*clinic, sessions[0], patients.back()));
  ASSIGN_OR_RETURN(const std::unique_ptr<BookingFloor> sql,
                   BookingFloor::Make(*clinic, sample, std::move(floor_sessions),
                                      std::move(floor_patients), callers));

  std::atomic<size_t> next = 0;
  const StartCall book = [&](int caller, grpc::ClientContext&, const Done& done) {
    const size_t number = next++;
    clinic->Visit(
        static_cast<size_t>(caller),
        clinic->Wish(sessions[number % sessions.size()], patients[number % (patients.size() - 1)]),
        [done](const Visited& visited) {
          done(visited.reason.empty() ? grpc::Status::OK
                                      : grpc::Status(grpc::StatusCode::UNKNOWN, visited.reason));
        });
  };
  KeepInFlight(callers, kSlice, book);
  sql->Run(kSlice);
  const OthersHeld others(arguments.region,
                          {"directory", "referral", "consultation", "lab", "gateway"});
  const pid_t database = PidOf(arguments.region, "database");
  Contender floor{[&](absl::Duration time) { return sql->Run(time); }, getpid()};
  Contender measured{[&](absl::Duration time) { return KeepInFlight(callers, time, book); },
                     PidOf(arguments.region, "scheduling")};
  const int slices = static_cast<int>(absl::Seconds(std::min(arguments.seconds, 30)) / kSlice);
  for (int i = 0; i < slices; ++i) {
    for (const bool first : {i % 2 == 0, i % 2 != 0}) {
      (first ? floor : measured).Turn(kSlice, database);
    }
  }
  fmt::print("a hold and its booking cost: {}; their SQL alone: {}\n", measured.Cost(),
             floor.Cost());
  fmt::print("{}\n", JsonLine("booking", measured.figures, floor.figures, callers));
  return measured.figures.failed + floor.figures.failed == 0 ? absl::OkStatus()
                                                             : absl::InternalError("calls failed");
}

}  // namespace yilian::bench
