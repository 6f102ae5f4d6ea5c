#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "tests/bench/referral/bench.h"
#include "tests/bench/referral/sql_floor.h"
#include "tests/bench/referral/township.h"
#include "tests/bench/support/contender.h"
#include "tests/bench/support/in_flight.h"
#include "tests/bench/support/others.h"

namespace yilian::bench {
namespace {

using referral::v1::ReferralService;

constexpr int kPatients = 200;
constexpr int kCallers = 32;
constexpr absl::Duration kSlice = absl::Seconds(1);

}  // namespace

absl::Status BenchSubmitReferral(const Arguments& arguments) {
  const int callers = arguments.callers > 0 ? arguments.callers : kCallers;
  const ctl::Region region(arguments.region);
  ASSIGN_OR_RETURN(const std::unique_ptr<Township> township, Township::Make(region, kPatients));
  ASSIGN_OR_RETURN(const auto stubs, township->Stubs());
  // What one submission leaves behind is what the floor writes.
  ASSIGN_OR_RETURN(const auto sample, township->doctor().Call<ReferralService>(
                                          "referral", &ReferralService::Stub::CreateReferral,
                                          township->NewReferral(0)));
  ASSIGN_OR_RETURN(const std::unique_ptr<SqlFloor> sql,
                   SqlFloor::Make(region, sample.referral_id(), callers));

  const rpc::ClientCall call = rpc::ClientCall().WithToken(township->doctor().token());
  struct Exchange {
    referral::v1::CreateReferralRequest request;
    referral::v1::Referral response;
    size_t next = 0;
  };
  std::vector<Exchange> exchanges(static_cast<size_t>(callers));
  const StartCall submit = [&](int caller, grpc::ClientContext& context, const Done& done) {
    const auto number = static_cast<size_t>(caller);
    Exchange& exchange = exchanges[number];
    exchange.request = township->NewReferral(number * 7 + exchange.next++);
    (void)call.Prepare(context);
    stubs[number % stubs.size()]->async()->CreateReferral(&context, &exchange.request,
                                                          &exchange.response, done);
  };

  // Also lets the service remember the receiving department, which it then does for a minute: long
  // enough for a run with the directory held still.
  KeepInFlight(callers, kSlice, submit);
  sql->Run(kSlice);
  const OthersHeld others(arguments.region,
                          {"directory", "scheduling", "consultation", "lab", "gateway"});
  const pid_t database = PidOf(arguments.region, "database");
  Contender floor{[&](absl::Duration time) { return sql->Run(time); }, getpid()};
  Contender measured{[&](absl::Duration time) { return KeepInFlight(callers, time, submit); },
                     PidOf(arguments.region, "referral")};
  const int slices = static_cast<int>(absl::Seconds(std::min(arguments.seconds, 20)) / kSlice);
  for (int i = 0; i < slices; ++i) {
    for (const bool first : {i % 2 == 0, i % 2 != 0}) {
      (first ? floor : measured).Turn(kSlice, database);
    }
  }
  fmt::print("a submission costs: {}; its SQL alone: {}\n", measured.Cost(), floor.Cost());
  fmt::print("{}\n", JsonLine("submit-referral", measured.figures, floor.figures, callers));
  return measured.figures.failed + floor.figures.failed == 0 ? absl::OkStatus()
                                                             : absl::InternalError("calls failed");
}

}  // namespace yilian::bench
