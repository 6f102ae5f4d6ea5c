#include <fmt/format.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

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

constexpr int kCrowd = 1'000;
constexpr int kSeats = 10;
constexpr int kElsewhere = 16;  // callers who book in other sessions all the time
constexpr int kPatientsElsewhere = 40'000;
constexpr absl::Duration kNormal = absl::Seconds(2);

// Books in sessions that nobody fights for, from its making to its end.
class Elsewhere {
 public:
  Elsewhere(const Clinic& clinic, std::vector<base::Uuid> sessions,
            std::vector<base::Uuid> patients)
      : clinic_(clinic), sessions_(std::move(sessions)), patients_(std::move(patients)) {
    for (int i = 0; i < kElsewhere; ++i) Next();
  }
  ~Elsewhere() {
    over_ = true;
    running_.Wait();
  }
  int64_t booked() const { return booked_; }
  int64_t failed() const { return failed_; }

 private:
  void Next() {
    if (over_) {
      running_.DecrementCount();
      return;
    }
    const size_t number = next_++;
    clinic_.Visit(
        number,
        clinic_.Wish(sessions_[number % sessions_.size()], patients_[number % patients_.size()]),
        [this](const Visited& visited) {
          ++(visited.reason.empty() ? booked_ : failed_);
          Next();
        });
  }

  const Clinic& clinic_;
  const std::vector<base::Uuid> sessions_;
  const std::vector<base::Uuid> patients_;
  std::atomic<bool> over_ = false;
  std::atomic<size_t> next_ = 0;
  std::atomic<int64_t> booked_ = 0;
  std::atomic<int64_t> failed_ = 0;
  absl::BlockingCounter running_{kElsewhere};
};

struct Burst {
  std::map<std::string, int> reasons;  // "" for booked
  std::set<int32_t> seats;
  int unclear = 0;  // refusals that did not name the session
  int later = 0;
  absl::Duration took;
  std::vector<float> milliseconds;
};

Burst Fight(const Clinic& clinic, const base::Uuid& session,
            const std::vector<base::Uuid>& patients) {
  Burst burst;
  absl::Mutex mutex;
  absl::BlockingCounter waiting(static_cast<int>(patients.size()));
  const absl::Time begun = absl::Now();
  for (size_t i = 0; i < patients.size(); ++i) {
    clinic.Visit(i, clinic.Wish(session, patients[i]), [&](const Visited& visited) {
      {
        const absl::MutexLock lock(&mutex);
        ++burst.reasons[visited.reason];
        if (visited.reason.empty()) burst.seats.insert(visited.seat_number);
        if (!visited.reason.empty() && !visited.names_what) ++burst.unclear;
        burst.later += visited.later;
        burst.milliseconds.push_back(
            static_cast<float>(absl::ToDoubleMilliseconds(visited.answered - begun)));
      }
      waiting.DecrementCount();
    });
  }
  waiting.Wait();
  burst.took = absl::Now() - begun;
  return burst;
}

}  // namespace

absl::Status BenchHotSeat(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Clinic> clinic, Clinic::Make(arguments.region, "taoxi"));
  const absl::Time starts = absl::Now() + absl::Hours(24) * 30;
  ASSIGN_OR_RETURN(auto sessions, clinic->NewSessions(100, {.seats = 400, .reserved = 400}, starts,
                                                      starts - absl::Hours(24)));
  ASSIGN_OR_RETURN(auto patients, clinic->NewPatients(kPatientsElsewhere));
  const int rounds = std::max(2, arguments.seconds / 3);
  ASSIGN_OR_RETURN(const auto hot, clinic->NewSessions(rounds, {.seats = kSeats}, starts,
                                                       absl::Now() - absl::Hours(1)));
  Figures answers;
  absl::Duration normal_time;
  absl::Duration burst_time;
  absl::Duration longest;
  int64_t normal = 0;
  int64_t meanwhile = 0;
  int later = 0;
  bool exact = true;
  int64_t failed = 0;
  {
    const Elsewhere elsewhere(*clinic, std::move(sessions), std::move(patients));
    for (int round = 0; round < rounds; ++round) {
      ASSIGN_OR_RETURN(const auto crowd, clinic->NewPatients(kCrowd));
      const absl::Time begun = absl::Now();
      const int64_t before = elsewhere.booked();
      absl::Notification never;
      never.WaitForNotificationWithTimeout(kNormal);
      normal += elsewhere.booked() - before;
      normal_time += absl::Now() - begun;

      const int64_t at_start = elsewhere.booked();
      Burst burst = Fight(*clinic, hot[static_cast<size_t>(round)], crowd);
      meanwhile += elsewhere.booked() - at_start;
      burst_time += burst.took;
      longest = std::max(longest, burst.took);
      later += burst.later;
      exact = exact && burst.reasons[""] == kSeats && burst.seats.size() == kSeats &&
              burst.reasons["NO_SEAT"] == kCrowd - kSeats && burst.unclear == 0;
      std::string said;
      for (const auto& [reason, count] : burst.reasons) {
        said += fmt::format(" {} {}", reason.empty() ? "booked" : reason, count);
      }
      fmt::print("round {}: {:.2f} s,{}, asked for patience {}\n", round + 1,
                 absl::ToDoubleSeconds(burst.took), said, burst.later);
      answers.calls += kCrowd;
      answers.milliseconds.insert(answers.milliseconds.end(), burst.milliseconds.begin(),
                                  burst.milliseconds.end());
    }
    failed = elsewhere.failed();
  }
  const double usual = static_cast<double>(normal) / absl::ToDoubleSeconds(normal_time);
  const double then = static_cast<double>(meanwhile) / absl::ToDoubleSeconds(burst_time);
  fmt::print(
      "{{\"bench\":\"hot-seat\",\"ratio\":{:.3f},\"per_second\":{:.0f},\"p50_ms\":{:.3f},"
      "\"p99_ms\":{:.3f},\"floor_per_second\":{:.0f},\"callers\":{},\"exact\":{},\"longest_s\":{:."
      "3f},\"later\":{},\"failed\":{}}}\n",
      then / usual, then, answers.Percentile(0.5), answers.Percentile(0.99), usual, kCrowd, exact,
      absl::ToDoubleSeconds(longest), later, failed);
  if (!exact) return absl::DataLossError("not ten bookings and 990 clear refusals");
  return failed == 0 ? absl::OkStatus() : absl::InternalError("bookings elsewhere failed");
}

}  // namespace yilian::bench
