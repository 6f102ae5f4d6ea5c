#include <fmt/format.h>

#include <filesystem>

#include "common/base/status_macros.h"
#include "tests/bench/echo/bare.h"
#include "tests/bench/echo/callers.h"
#include "tests/bench/echo/servers.h"
#include "tests/bench/referral/bench.h"
#include "tests/bench/referral/others.h"
#include "tests/bench/referral/township.h"
#include "tests/bench/support/in_flight.h"
#include "tests/contract/test_pki.h"

namespace yilian::bench {
namespace {

using referral::v1::ReferralService;

constexpr int kReferrals = 400;
constexpr int kChannels = 4;
constexpr absl::Duration kSlice = absl::Milliseconds(500);

absl::StatusOr<std::vector<std::string>> MakeReferrals(const Township& township) {
  std::vector<std::string> ids;
  for (int i = 0; i < kReferrals; ++i) {
    ASSIGN_OR_RETURN(const auto referral, township.doctor().Call<ReferralService>(
                                              "referral", &ReferralService::Stub::CreateReferral,
                                              township.NewReferral(static_cast<size_t>(i))));
    ids.push_back(referral.referral_id());
  }
  return ids;
}

}  // namespace

absl::Status BenchGetReferral(const Arguments& arguments) {
  const ctl::Region region(arguments.region);
  ASSIGN_OR_RETURN(const std::unique_ptr<Township> township, Township::Make(region, 40));
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, MakeReferrals(*township));
  ASSIGN_OR_RETURN(const auto stubs, township->Stubs());

  contract::TestPki pki;
  const Setup setup{pki.folder()};
  pki.Issue("echo", fmt::format("spiffe://{}/service/echo", setup.region));
  std::filesystem::create_directory(pki.folder() + "/tokens");
  contract::TestPki::IssueTokenKey(pki.folder() + "/signer.key", pki.folder() + "/tokens/k1.pem");
  ServerProcess server(pki.folder());
  if (server.bare_port == 0) return absl::UnavailableError("the bare echo did not start");
  Side bare;
  bare.prepare = [](grpc::ClientContext&) {};
  for (int i = 0; i < kChannels; ++i) {
    bare.channels.push_back(
        BareChannel(fmt::format("127.0.0.1:{}", server.bare_port), pki.folder() + "/ca.pem"));
  }

  const rpc::ClientCall call = rpc::ClientCall().WithToken(township->doctor().token());
  struct Exchange {
    referral::v1::GetReferralRequest request;
    referral::v1::Referral response;
    size_t next = 0;
  };
  std::vector<Exchange> exchanges(static_cast<size_t>(arguments.callers));
  const StartCall get = [&](int caller, grpc::ClientContext& context, const Done& done) {
    const auto number = static_cast<size_t>(caller);
    Exchange& exchange = exchanges[number];
    exchange.request.set_referral_id(ids[(number * 97 + exchange.next++ * 31) % ids.size()]);
    (void)call.Prepare(context);
    stubs[number % stubs.size()]->async()->GetReferral(&context, &exchange.request,
                                                       &exchange.response, done);
  };

  const OthersHeld others(arguments.region,
                          {"directory", "scheduling", "consultation", "lab", "gateway"});
  Figures floor;
  Figures measured;
  Measure(bare, arguments.callers, absl::Seconds(1));
  KeepInFlight(arguments.callers, absl::Seconds(1), get);
  const int slices = static_cast<int>(absl::Seconds(arguments.seconds) / kSlice);
  for (int i = 0; i < slices; ++i) {
    // Each goes first as often as second.
    for (const bool first : {i % 2 == 0, i % 2 != 0}) {
      if (first) {
        floor.Add(Measure(bare, arguments.callers, kSlice));
      } else {
        measured.Add(KeepInFlight(arguments.callers, kSlice, get));
      }
    }
  }
  fmt::print("{}\n", JsonLine("get-referral", measured, floor, arguments.callers));
  return measured.failed == 0 ? absl::OkStatus() : absl::InternalError("calls failed");
}

}  // namespace yilian::bench
