#include <fmt/format.h>

#include <map>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "tests/bench/booking/bench.h"
#include "tests/bench/booking/clinic.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {
namespace {

constexpr int kSeats = 50;
// From the moment when a session starts, a township has no reserve left: T-24 h.
constexpr absl::Duration kOpenRelease = absl::Hours(24);
constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kBefore = absl::Seconds(5);
constexpr absl::Duration kPatience = absl::Minutes(3);

// When each client asks: a tenth before the release, a third in the first five seconds after it,
// the others in the rest of the minute.
std::vector<absl::Time> Arrivals(int clients, absl::Time release, std::mt19937& dice) {
  std::uniform_real_distribution<double> part(0, 1);
  std::vector<absl::Time> times;
  for (int i = 0; i < clients; ++i) {
    const double which = part(dice);
    const double where = part(dice);
    if (which < 0.1) {
      times.push_back(release - kBefore * where);
    } else if (which < 0.1 + 1.0 / 3) {
      times.push_back(release + absl::Seconds(5) * where);
    } else {
      times.push_back(release + absl::Seconds(5) + (kMinute - absl::Seconds(5)) * where);
    }
  }
  std::sort(times.begin(), times.end());
  return times;
}

struct Tally {
  std::map<std::string, int> reasons;
  int too_early = 0;  // booked before the release
  int untrue = 0;     // refused after it
  int later = 0;
  std::vector<float> milliseconds;  // of those who asked after the release

  void Add(const Visited& visited, absl::Time release) {
    ++reasons[visited.reason];
    later += visited.later;
    if (visited.reason.empty() && visited.answered < release) ++too_early;
    if (visited.asked < release) return;
    if (!visited.reason.empty()) ++untrue;
    milliseconds.push_back(
        static_cast<float>(absl::ToDoubleMilliseconds(visited.answered - visited.asked)));
  }
};

absl::StatusOr<int64_t> Count(Clinic& clinic, const std::string& sql) {
  ASSIGN_OR_RETURN(const auto rows, clinic.Rows(sql));
  int64_t count = 0;
  if (!rows.at(0).at(0) || !absl::SimpleAtoi(*rows[0][0], &count)) {
    return absl::InternalError("not a number: " + sql);
  }
  return count;
}

}  // namespace

absl::Status BenchReleaseHour(const Arguments& arguments) {
  // Outside the consortium of the hospital whose seats open.
  ASSIGN_OR_RETURN(const std::unique_ptr<Clinic> clinic, Clinic::Make(arguments.region, "liuhe"));
  ASSIGN_OR_RETURN(const auto patients, clinic->NewPatients(arguments.clients));
  const absl::Time seeding = absl::Now();
  // Full seconds, as the tables are seeded; late enough for the seeding to be over.
  const absl::Time release = absl::FromUnixSeconds(
      absl::ToUnixSeconds(seeding + absl::Seconds(15 + arguments.reserved / 2500)));
  ASSIGN_OR_RETURN(const auto sessions,
                   clinic->NewSessions(arguments.reserved / kSeats,
                                       {.seats = kSeats, .reserved = kSeats, .timers = true},
                                       release + kOpenRelease, release));
  fmt::print("{} reserved seats in {:.1f} s\n", arguments.reserved,
             absl::ToDoubleSeconds(absl::Now() - seeding));
  if (absl::Now() > release - kBefore) return absl::DeadlineExceededError("seeding took too long");

  std::mt19937 dice(2026);
  const std::vector<absl::Time> arrivals = Arrivals(arguments.clients, release, dice);
  Tally tally;
  absl::Mutex mutex;
  absl::BlockingCounter asking(arguments.clients);
  absl::Notification never;
  for (size_t i = 0; i < arrivals.size(); ++i) {
    never.WaitForNotificationWithTimeout(arrivals[i] - absl::Now());
    clinic->Visit(i, clinic->Wish(sessions[dice() % sessions.size()], patients[i]),
                  [&](const Visited& visited) {
                    {
                      const absl::MutexLock lock(&mutex);
                      tally.Add(visited, release);
                    }
                    asking.DecrementCount();
                  });
  }
  asking.Wait();
  // What nobody asked for, its timer opens.
  const std::string closed =
      fmt::format("SELECT COUNT(*) FROM session WHERE open_release_at = '{}' AND released < 2",
                  absl::FormatTime("%Y-%m-%d %H:%M:%S", release, absl::UTCTimeZone()));
  int64_t left = 1;
  while (left > 0 && absl::Now() < release + kPatience) {
    ASSIGN_OR_RETURN(left, Count(*clinic, closed));
    if (left > 0) never.WaitForNotificationWithTimeout(absl::Milliseconds(200));
  }
  const double released_in = absl::ToDoubleSeconds(absl::Now() - release);
  const std::string events =
      "FROM outbox o JOIN session s ON s.session_id = o.aggregate_id WHERE o.type = "
      "'SeatsReleased' AND s.open_release_at = '" +
      absl::FormatTime("%Y-%m-%d %H:%M:%S'", release, absl::UTCTimeZone());
  ASSIGN_OR_RETURN(const int64_t twice,
                   Count(*clinic,
                         "SELECT COUNT(*) FROM (SELECT o.aggregate_id, o.payload, "
                         "COUNT(*) AS times " +
                             events + " GROUP BY 1, 2 HAVING times > 1) x"));
  ASSIGN_OR_RETURN(const int64_t announced,
                   Count(*clinic, "SELECT COUNT(DISTINCT o.aggregate_id) " + events));
  std::string said;
  for (const auto& [reason, count] : tally.reasons) {
    said += fmt::format(" {} {}", reason.empty() ? "booked" : reason, count);
  }
  fmt::print("answers:{}; released after {:.1f} s at most, {} sessions announced\n", said,
             released_in, announced);
  Figures figures;
  figures.milliseconds = std::move(tally.milliseconds);
  fmt::print(
      "{{\"bench\":\"release-hour\",\"p50_ms\":{:.3f},\"p99_ms\":{:.3f},\"clients\":{},"
      "\"reserved\":{},\"untrue\":{},\"too_early\":{},\"released_twice\":{},\"unreleased\":{},"
      "\"later\":{}}}\n",
      figures.Percentile(0.5), figures.Percentile(0.99), arguments.clients, arguments.reserved,
      tally.untrue, tally.too_early, twice, left, tally.later);
  if (tally.untrue + tally.too_early + twice + left == 0 &&
      announced == static_cast<int64_t>(sessions.size())) {
    return absl::OkStatus();
  }
  return absl::DataLossError("a refusal that is not true, or a release that is not once");
}

}  // namespace yilian::bench
