// yilian-bench-worklist [--small N] [--large N] [--seconds N]
//
// What a page of a worklist, the counts of all lists and a command cost beside few and beside many
// referrals. Both tables lie in one server and take turns, so that what else the machine does
// weighs on both. The handlers and stores run in this process: a page without the wire shows growth
// that the wire would hide. The last line is JSON; the exit code is 1 when anything grows by more
// than a quarter.
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/service/service.h"
#include "services/referral/rpc/worklist_handlers.h"
#include "services/referral/store/mysql_referral_store.h"
#include "services/referral/store/worklist_store.h"
#include "tests/bench/support/two_sizes.h"
#include "tests/bench/worklist/crowd.h"
#include "tests/support/test_call.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"

namespace yilian::bench {
namespace {

using referral::Change;
using referral::Referral;
using test_support::TestCall;

constexpr double kMostGrowth = 1.25;  // issue "Referral and directory to full depth"

struct Arguments {
  int small = 10'000;
  int large = 2'000'000;
  int seconds = 6;  // for each of the two tables and three measurements
};

// The service's worklists over one table.
class Desk {
 public:
  static absl::StatusOr<std::unique_ptr<Desk>> Open(int referrals) {
    auto desk = std::make_unique<Desk>();
    mysql::PoolOptions options = test_support::TestDatabase::Get().NewSchema(
        service::AllMigrations(referral::ReferralMigrations()));
    // A machine with other work takes its time over ten thousand rows.
    options.statement_timeout = absl::Minutes(2);
    ASSIGN_OR_RETURN(desk->pool_, mysql::Pool::Open(options));
    const absl::Time begun = absl::Now();
    RETURN_IF_ERROR(InsertReferrals(*desk->pool_, referrals));
    fmt::print(stderr, "{} referrals in {}\n", referrals,
               absl::FormatDuration(absl::Trunc(absl::Now() - begun, absl::Milliseconds(100))));
    const base::Clock& clock = base::SystemClock();
    desk->unit_ = std::make_unique<unit::UnitOfWork>(*desk->pool_, nullptr, clock, "yilian.bench");
    desk->store_ =
        std::make_unique<referral::MysqlReferralStore>(*desk->unit_, absl::UTCTimeZone());
    desk->worklists_ = std::make_unique<referral::MysqlWorklistStore>(*desk->pool_);
    desk->sequencer_ = std::make_unique<outbox::Sequencer>(*desk->pool_);
    desk->feed_ = std::make_unique<outbox::Feed>(*desk->pool_, *desk->sequencer_);
    desk->handlers_ = std::make_unique<referral::WorklistHandlers>(
        referral::WorklistHandlers::Deps{.store = *desk->worklists_,
                                         .feed = *desk->feed_,
                                         .sealer = desk->sealer_,
                                         .clock = clock,
                                         .zone = absl::UTCTimeZone()});
    return desk;
  }

  // A page of fifty, from the list's head to its end and anew.
  absl::Status Page() {
    referral::v1::ListWorklistRequest request;
    request.set_worklist(referral::v1::WORKLIST_KIND_TO_TRIAGE);
    request.mutable_page()->set_page_token(token_);
    ASSIGN_OR_RETURN(const auto page, handlers_->List(TestCall(caller_, request), request));
    token_ = page.page().next_page_token();
    // A page that is not full would be cheap for another reason.
    if (!token_.empty() && page.entries_size() != 50) return absl::InternalError("a short page");
    if (token_.empty()) ++walks_;
    return absl::OkStatus();
  }
  absl::Status Counts() {
    const referral::v1::CountWorklistsRequest request;
    return handlers_->Count(TestCall(caller_, request), request).status();
  }
  // A submitted referral, with its event, its audit record and its entry in the ledger.
  absl::Status Command() {
    Referral r;
    r.id = referral::ReferralId(base::Uuid::V7());
    r.patient = referral::PatientId(base::Uuid::V7());
    r.direction = referral::Direction::kUp;
    r.channel = referral::Channel::kStandard;
    r.setting = referral::Setting::kOutpatient;
    r.urgency = referral::Urgency::kRoutine;
    r.referring_organization = referral::OrganizationId(base::Uuid::V5({}, "township"));
    r.receiving_organization = Hospital();
    r.summary.complaint = "chest pain on exertion for two weeks";
    r.state = referral::State::kSubmitted;
    r.submitted_at = r.clock_started_at = r.updated_at = absl::Now();
    r.due_at = absl::Now() + absl::Hours(48);
    r.version = 1;
    return store_
        ->Create<referral::v1::Referral>(
            test_support::WriteAs(r.referring_organization.uuid()),
            [&](absl::Time) { return Change{.after = r, .events = {"ReferralSubmitted"}}; },
            [](const std::vector<Change>&) { return referral::v1::Referral(); })
        .status();
  }
  int walks() const { return walks_; }

 private:
  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<referral::MysqlReferralStore> store_;
  std::unique_ptr<referral::MysqlWorklistStore> worklists_;
  std::unique_ptr<outbox::Sequencer> sequencer_;
  std::unique_ptr<outbox::Feed> feed_;
  std::unique_ptr<referral::WorklistHandlers> handlers_;
  const rpc::Caller caller_{.system = "his", .organization_id = Hospital().uuid()};
  std::string token_;
  int walks_ = 0;
};

absl::Status Run(const Arguments& arguments) {
  // Both tables fit into the buffer pool, as an operator sizes it; commits are durable.
  test_support::TestDatabase::Get().Restart(
      {"--innodb-buffer-pool-size=5G", test_support::TestDatabase::Get().is_mysql()
                                           ? "--innodb-redo-log-capacity=1G"
                                           : "--innodb-log-file-size=1G"});
  ASSIGN_OR_RETURN(const std::unique_ptr<Desk> small, Desk::Open(arguments.small));
  ASSIGN_OR_RETURN(const std::unique_ptr<Desk> large, Desk::Open(arguments.large));
  ASSIGN_OR_RETURN(const Compared page,
                   CompareSizes(*small, *large, &Desk::Page, arguments.seconds));
  ASSIGN_OR_RETURN(const Compared counts,
                   CompareSizes(*small, *large, &Desk::Counts, arguments.seconds));
  ASSIGN_OR_RETURN(const Compared command,
                   CompareSizes(*small, *large, &Desk::Command, arguments.seconds));
  fmt::print(stderr, "the long list was walked {} times, the short one {}\n", large->walks(),
             small->walks());
  const bool within = page.growth() <= kMostGrowth && command.growth() <= kMostGrowth;
  fmt::print(
      "{{\"bench\":\"referral-worklist\",\"ratio\":{:.3f},\"small\":{},\"large\":{},"
      "\"page_small_ms\":{:.3f},\"page_large_ms\":{:.3f},\"page_growth\":{:.3f},"
      "\"counts_small_ms\":{:.3f},\"counts_large_ms\":{:.3f},"
      "\"command_small_ms\":{:.3f},\"command_large_ms\":{:.3f},\"command_growth\":{:.3f},"
      "\"within\":{}}}\n",
      1 / page.growth(), arguments.small, arguments.large, page.small, page.large, page.growth(),
      counts.small, counts.large, command.small, command.large, command.growth(), within);
  return within ? absl::OkStatus() : absl::OutOfRangeError("a cost grew by more than a quarter");
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  yilian::bench::Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--small") arguments.small = std::max(5'000, std::atoi(argv[i + 1]));
    if (option == "--large") arguments.large = std::max(5'000, std::atoi(argv[i + 1]));
    if (option == "--seconds") arguments.seconds = std::max(1, std::atoi(argv[i + 1]));
  }
  const absl::Status status = yilian::bench::Run(arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", status.ToString());
  return 1;
}
