// yilian-bench-lab-trend [--small N] [--large N] [--seconds N]
//
// What a page of a trend, a patient's list of analytes and a cumulative report cost beside few and
// beside many observations. Both tables lie in one server and take turns, so that what else the
// machine does weighs on both. Handlers and stores run in this process, with the check of who cares
// for the patient: a page without the wire shows growth that the wire would hide. The last line is
// JSON; the exit code is 1 when anything grows by more than a quarter.
#include <fmt/format.h>
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/service/service.h"
#include "services/lab/rpc/trend_handlers.h"
#include "services/lab/store/mysql_report_store.h"
#include "services/lab/store/mysql_sharing_store.h"
#include "services/lab/store/mysql_trend_store.h"
#include "tests/bench/lab-trend/points.h"
#include "tests/bench/support/two_sizes.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"

namespace yilian::bench {
namespace {

using test_support::TestCall;

constexpr double kMostGrowth = 1.25;  // issue "Laboratory results to full depth"
constexpr double kMostP99 = 10;       // milliseconds, the same
// Patients who are asked about, anywhere in the table.
constexpr int64_t kAskedAbout = 400;

struct Arguments {
  int64_t small = 100'000;
  int64_t large = 10'000'000;
  int seconds = 6;  // for each of the two tables and three measurements
};

// The service's trends over one table.
class Desk {
 public:
  static absl::StatusOr<std::unique_ptr<Desk>> Open(int64_t points) {
    auto desk = std::make_unique<Desk>();
    mysql::PoolOptions options =
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(lab::LabMigrations()));
    // A machine with other work takes its time over ten thousand rows.
    options.statement_timeout = absl::Minutes(2);
    ASSIGN_OR_RETURN(desk->pool_, mysql::Pool::Open(options));
    const absl::Time begun = absl::Now();
    RETURN_IF_ERROR(InsertPoints(*desk->pool_, points));
    const int64_t patients = points / kPointsAPatient;
    const int64_t step = std::max<int64_t>(1, patients / kAskedAbout);
    for (int64_t i = 0; i < patients; i += step) {
      desk->patients_.push_back(PatientOf(i).ToString());
      RETURN_IF_ERROR(test_support::Relate(*desk->pool_, PatientOf(i).uuid(),
                                           desk->caller_.organization_id,
                                           absl::Now() - absl::Hours(1)));
    }
    fmt::print(stderr, "{} points in {}\n", points,
               absl::FormatDuration(absl::Trunc(absl::Now() - begun, absl::Milliseconds(100))));
    desk->store_ = std::make_unique<lab::MysqlTrendStore>(*desk->pool_);
    // Nobody answers there: every relationship is known here.
    desk->relationships_ = std::make_unique<relationship::Check>(
        *desk->pool_, grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()),
        base::SystemClock());
    desk->unit_ = std::make_unique<unit::UnitOfWork>(*desk->pool_, nullptr, base::SystemClock(),
                                                     "yilian.lab");
    desk->sharing_ = std::make_unique<lab::MysqlSharingStore>(*desk->unit_);
    desk->sights_ = std::make_unique<lab::Sights>(*desk->relationships_, *desk->sharing_);
    desk->handlers_ = std::make_unique<lab::TrendHandlers>(lab::TrendHandlers::Deps{
        .store = *desk->store_, .sights = *desk->sights_, .sealer = desk->sealer_});
    return desk;
  }

  // All points of an analyte in one page.
  absl::Status Trend() {
    lab::v1::GetTrendRequest request;
    request.set_patient_id(AnyPatient());
    request.set_loinc(LoincOf(static_cast<int>(random_() % kAnalytesAPatient)));
    request.mutable_page()->set_page_size(kPointsAnAnalyte);
    ASSIGN_OR_RETURN(const auto page, handlers_->Get(TestCall(caller_, request), request));
    // A page that is not full would be cheap for another reason.
    return page.points_size() == kPointsAnAnalyte ? absl::OkStatus()
                                                  : absl::InternalError("a short page");
  }
  absl::Status Analytes() {
    lab::v1::ListTrendsRequest request;
    request.set_patient_id(AnyPatient());
    ASSIGN_OR_RETURN(const auto page, handlers_->List(TestCall(caller_, request), request));
    return page.newest_size() == kAnalytesAPatient ? absl::OkStatus()
                                                   : absl::InternalError("a short list");
  }
  // Twenty analytes at twelve times.
  absl::Status Cumulative() {
    lab::v1::GetCumulativeReportRequest request;
    request.set_patient_id(AnyPatient());
    ASSIGN_OR_RETURN(const auto report,
                     handlers_->GetCumulative(TestCall(caller_, request), request));
    return report.columns_size() == 12 ? absl::OkStatus() : absl::InternalError("a short report");
  }

 private:
  const std::string& AnyPatient() { return patients_[random_() % patients_.size()]; }

  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<lab::MysqlTrendStore> store_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<lab::MysqlSharingStore> sharing_;
  std::unique_ptr<lab::Sights> sights_;
  std::unique_ptr<lab::TrendHandlers> handlers_;
  const rpc::Caller caller_{.system = "his",
                            .organization_id = base::Uuid::V5({}, "who cares for all")};
  std::vector<std::string> patients_;
  std::mt19937 random_{1};
};

absl::Status Run(const Arguments& arguments) {
  // Both tables fit into the buffer pool, as an operator sizes it; commits are durable.
  test_support::TestDatabase::Get().Restart(
      {"--innodb-buffer-pool-size=5G", test_support::TestDatabase::Get().is_mysql()
                                           ? "--innodb-redo-log-capacity=1G"
                                           : "--innodb-log-file-size=1G"});
  ASSIGN_OR_RETURN(const std::unique_ptr<Desk> small, Desk::Open(arguments.small));
  ASSIGN_OR_RETURN(const std::unique_ptr<Desk> large, Desk::Open(arguments.large));
  ASSIGN_OR_RETURN(const Compared trend,
                   CompareSizes(*small, *large, &Desk::Trend, arguments.seconds));
  ASSIGN_OR_RETURN(const Compared list,
                   CompareSizes(*small, *large, &Desk::Analytes, arguments.seconds));
  ASSIGN_OR_RETURN(const Compared cumulative,
                   CompareSizes(*small, *large, &Desk::Cumulative, arguments.seconds));
  const bool within = trend.growth() <= kMostGrowth && list.growth() <= kMostGrowth &&
                      cumulative.growth() <= kMostGrowth && trend.large_p99 < kMostP99;
  fmt::print(
      "{{\"bench\":\"lab-trend\",\"ratio\":{:.3f},\"small\":{},\"large\":{},"
      "\"trend_small_ms\":{:.3f},\"trend_large_ms\":{:.3f},\"trend_growth\":{:.3f},"
      "\"p99_ms\":{:.3f},\"list_large_ms\":{:.3f},\"list_growth\":{:.3f},\"list_p99_ms\":{:.3f},"
      "\"cumulative_large_ms\":{:.3f},\"cumulative_growth\":{:.3f},\"cumulative_p99_ms\":{:.3f},"
      "\"within\":{}}}\n",
      1 / trend.growth(), arguments.small, arguments.large, trend.small, trend.large,
      trend.growth(), trend.large_p99, list.large, list.growth(), list.large_p99, cumulative.large,
      cumulative.growth(), cumulative.large_p99, within);
  return within ? absl::OkStatus()
                : absl::OutOfRangeError("a cost grew by more than a quarter, or p99 is too long");
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  yilian::bench::Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const int64_t least = yilian::bench::kPointsAPatient;
    if (option == "--small") arguments.small = std::max<int64_t>(least, std::atoll(argv[i + 1]));
    if (option == "--large") arguments.large = std::max<int64_t>(least, std::atoll(argv[i + 1]));
    if (option == "--seconds") arguments.seconds = std::max(1, std::atoi(argv[i + 1]));
  }
  const absl::Status status = yilian::bench::Run(arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", status.ToString());
  return 1;
}
