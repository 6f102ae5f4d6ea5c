#include <fmt/format.h>

#include <array>
#include <memory>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/bench/booking/bench.h"
#include "tests/bench/booking/seats.h"
#include "tests/bench/support/figures.h"
#include "tests/support/test_database.h"

namespace yilian::bench {
namespace {

using scheduling::SchedulingDesk;
using scheduling::SchedulingHandlers;
namespace v1 = scheduling::v1;

constexpr double kMostGrowth = 1.25;  // issue "Scheduling to full depth"
constexpr double kMostP99 = 20;
constexpr int kSeats = 20;
constexpr int kPage = 20;
// A department has as many sessions in a small region as in a large one; a large one has more
// departments, each with one expert.
constexpr int kSessionsOfDepartment = 50;
constexpr int kSpecialties = 5;
constexpr absl::Duration kSlice = absl::Milliseconds(300);

enum Kind { kSpecialty, kDepartment, kNextOfExpert, kWholeRegion, kKinds };
constexpr std::array<const char*, kKinds> kNames = {"specialty", "department", "next_of_expert",
                                                    "region"};

// The service over one table: half of the sessions are full, a third of the other seats is taken.
class Town {
 public:
  explicit Town(int seats)
      : sessions_(seats / kSeats),
        now_(absl::Now()),
        options_(TestOptions()),
        desk_(std::make_unique<SchedulingDesk>(options_, now_)) {}

  absl::Status Seed() {
    std::vector<SeededSession> sessions;
    for (int i = 0; i < sessions_; ++i) {
      const int department = i / kSessionsOfDepartment;
      sessions.push_back(
          {.id = base::Uuid::V7(),
           .organization = scheduling::Named(fmt::format("hospital {}", department % 33)),
           .department = Department(department),
           .specialty = fmt::format("SPECIALTY_{}", department % kSpecialties),
           .practitioner = Expert(department),
           .starts_at =
               now_ + absl::Hours(24) + absl::Hours(24) * 60 * (i * 7919 % sessions_) / sessions_,
           .opens_at = now_ - absl::Hours(1),
           .full = i % 2 == 0});
    }
    RETURN_IF_ERROR(SeedSessions([this](const std::string& sql) { return Execute(sql); }, sessions,
                                 {.seats = kSeats, .taken_of = 3}));
    for (const char* table : {"session", "seat"}) {
      RETURN_IF_ERROR(mysql::RunRead(
          desk_->pool(), absl::Now() + absl::Minutes(2), [&](mysql::Session& session) {
            return session.SelectValues({"bench.Analyze", fmt::format("ANALYZE TABLE {}", table)},
                                        {}, [](const mysql::Row&) { return absl::OkStatus(); });
          }));
    }
    return absl::OkStatus();
  }

  absl::Status Ask(Kind kind) {
    const int department = turn_++ * 7 % (sessions_ / kSessionsOfDepartment);
    v1::SearchSessionsRequest request;
    wire::SetTime(request.mutable_time()->mutable_start(), now_);
    wire::SetTime(request.mutable_time()->mutable_end(), now_ + absl::Hours(24) * 90);
    request.mutable_page()->set_page_size(kind == kNextOfExpert ? 1 : kPage);
    if (kind == kSpecialty) {
      request.set_specialty(fmt::format("SPECIALTY_{}", department % kSpecialties));
    }
    if (kind == kDepartment) request.set_department_id(Department(department).ToString());
    if (kind == kNextOfExpert) request.set_practitioner_id(Expert(department).ToString());
    ASSIGN_OR_RETURN(
        const v1::SearchSessionsResponse found,
        desk_->Ask(scheduling::Person("township"), &SchedulingHandlers::SearchSessions, request));
    // A page that is not full would be cheap for another reason.
    if (found.sessions_size() != request.page().page_size()) {
      return absl::InternalError("a short page");
    }
    return absl::OkStatus();
  }

  absl::Status Turn(Kind kind, Figures& figures) {
    Slice slice;
    const absl::Time begun = absl::Now();
    for (absl::Time at = begun; at < begun + kSlice;) {
      RETURN_IF_ERROR(Ask(kind));
      const absl::Time end = absl::Now();
      slice.milliseconds.push_back(static_cast<float>(absl::ToDoubleMilliseconds(end - at)));
      ++slice.calls;
      at = end;
    }
    slice.took = absl::Now() - begun;
    figures.Add(std::move(slice));
    return absl::OkStatus();
  }

 private:
  static mysql::PoolOptions TestOptions() {
    mysql::PoolOptions options =
        test_support::TestDatabase::Get().NewSchema(SchedulingDesk::Migrations());
    // A machine with other work takes its time over ten thousand rows.
    options.statement_timeout = absl::Minutes(2);
    return options;
  }
  static base::Uuid Department(int number) {
    return scheduling::Named(fmt::format("department {}", number));
  }
  static base::Uuid Expert(int number) {
    return scheduling::Named(fmt::format("expert {}", number));
  }
  absl::Status Execute(const std::string& sql) {
    return mysql::RunTransaction(desk_->pool(),
                                 {.name = "bench.Seed", .deadline = absl::Now() + absl::Minutes(5)},
                                 [&](mysql::Session& session) {
                                   return session.ExecuteComposed("bench.Seed", sql, {}).status();
                                 });
  }

  const int sessions_;
  const absl::Time now_;
  const mysql::PoolOptions options_;
  std::unique_ptr<SchedulingDesk> desk_;
  int turn_ = 0;
};

}  // namespace

absl::Status BenchSearch(const Arguments& arguments) {
  // Both tables fit into the buffer pool, as an operator sizes it; commits are durable.
  test_support::TestDatabase::Get().Restart(
      {"--innodb-buffer-pool-size=2G", test_support::TestDatabase::Get().is_mysql()
                                           ? "--innodb-redo-log-capacity=1G"
                                           : "--innodb-log-file-size=1G"});
  Town small(arguments.small);
  Town large(arguments.large);
  const absl::Time seeding = absl::Now();
  RETURN_IF_ERROR(small.Seed());
  RETURN_IF_ERROR(large.Seed());
  fmt::print("{} and {} seats in {:.0f} s\n", arguments.small, arguments.large,
             absl::ToDoubleSeconds(absl::Now() - seeding));
  // All kinds take turns, and the first turns do not count: the server is busy with what was
  // seeded.
  std::array<Figures, kKinds> of_small;
  std::array<Figures, kKinds> of_large;
  const absl::Duration each = absl::Seconds(arguments.seconds) / kKinds;
  for (absl::Duration spent = -each / 3; spent < each; spent += kSlice) {
    for (int kind = 0; kind < kKinds; ++kind) {
      Figures warm_up;
      const auto at = static_cast<size_t>(kind);
      RETURN_IF_ERROR(
          small.Turn(Kind(kind), spent < absl::ZeroDuration() ? warm_up : of_small[at]));
      RETURN_IF_ERROR(
          large.Turn(Kind(kind), spent < absl::ZeroDuration() ? warm_up : of_large[at]));
    }
  }
  std::string more;
  double most_growth = 0;
  Figures all;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    // Medians: what waits for another process weighs on the mean, by chance on one side more.
    const double growth = of_large[kind].Percentile(0.5) / of_small[kind].Percentile(0.5);
    most_growth = std::max(most_growth, growth);
    more += fmt::format(
        ",\"{0}_small_ms\":{1:.3f},\"{0}_large_ms\":{2:.3f},\"{0}_p99_ms\":{3:.3f},\"{0}_growth\":{"
        "4:.3f}",
        kNames[kind], of_small[kind].Percentile(0.5), of_large[kind].Percentile(0.5),
        of_large[kind].Percentile(0.99), growth);
    all.calls += of_large[kind].calls;
    all.milliseconds.insert(all.milliseconds.end(), of_large[kind].milliseconds.begin(),
                            of_large[kind].milliseconds.end());
  }
  const double p99 = all.Percentile(0.99);
  const bool within = most_growth <= kMostGrowth && p99 <= kMostP99;
  fmt::print(
      "{{\"bench\":\"search\",\"ratio\":{:.3f},\"small\":{},\"large\":{},\"p50_ms\":{:.3f},"
      "\"p99_ms\":{:.3f}{},\"within\":{}}}\n",
      1 / most_growth, arguments.small, arguments.large, all.Percentile(0.5), p99, more, within);
  return within ? absl::OkStatus() : absl::OutOfRangeError("slower, or grew more, than it may");
}

}  // namespace yilian::bench
