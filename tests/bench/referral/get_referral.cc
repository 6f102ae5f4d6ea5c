#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "common/base/status_macros.h"
#include "tests/bench/echo/bare.h"
#include "tests/bench/echo/callers.h"
#include "tests/bench/echo/servers.h"
#include "tests/bench/referral/bench.h"
#include "tests/bench/referral/read_floor.h"
#include "tests/bench/referral/township.h"
#include "tests/bench/support/contender.h"
#include "tests/bench/support/cpu_time.h"
#include "tests/bench/support/in_flight.h"
#include "tests/bench/support/others.h"
#include "tests/contract/test_pki.h"

namespace yilian::bench {
namespace {

using referral::v1::ReferralService;

constexpr int kReferrals = 400;
constexpr int kChannels = 4;
// So many that an answer which waits for the disk does not leave the processor idle.
constexpr int kCallers = 128;
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

std::vector<std::shared_ptr<grpc::Channel>> Channels(int port, const std::string& pki) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < kChannels; ++i) {
    channels.push_back(BareChannel(fmt::format("127.0.0.1:{}", port), pki + "/ca.pem"));
  }
  return channels;
}

// Which referral a caller reads next, alike on both sides.
const std::string& Pick(const std::vector<std::string>& ids, size_t caller, size_t call) {
  return ids[(caller * 97 + call * 31) % ids.size()];
}

// The calls of the floor with the read.
class ReadCalls {
 public:
  ReadCalls(int port, const std::string& pki, const std::vector<std::string>& ids, int callers)
      : ids_(ids), exchanges_(static_cast<size_t>(callers)) {
    for (const auto& channel : Channels(port, pki)) {
      stubs_.push_back(v1::EchoService::NewStub(channel));
    }
  }
  void Start(int caller, grpc::ClientContext& context, const Done& done) {
    const auto number = static_cast<size_t>(caller);
    Exchange& exchange = exchanges_[number];
    exchange.request.set_referral_id(Pick(ids_, number, exchange.next++));
    exchange.request.set_text("A township doctor asks for a bed in the county hospital.");
    stubs_[number % stubs_.size()]->async()->Echo(&context, &exchange.request, &exchange.response,
                                                  done);
  }

 private:
  struct Exchange {
    v1::EchoRequest request;
    v1::EchoResponse response;
    size_t next = 0;
  };
  const std::vector<std::string>& ids_;
  std::vector<Exchange> exchanges_;
  std::vector<std::unique_ptr<v1::EchoService::Stub>> stubs_;
};

// The calls that are measured.
class GetCalls {
 public:
  GetCalls(const Township& township, const std::vector<std::string>& ids,
           std::vector<std::unique_ptr<ReferralService::Stub>> stubs, int callers)
      : call_(rpc::ClientCall().WithToken(township.doctor().token())),
        ids_(ids),
        stubs_(std::move(stubs)),
        exchanges_(static_cast<size_t>(callers)) {}
  void Start(int caller, grpc::ClientContext& context, const Done& done) {
    const auto number = static_cast<size_t>(caller);
    Exchange& exchange = exchanges_[number];
    exchange.request.set_referral_id(Pick(ids_, number, exchange.next++));
    (void)call_.Prepare(context);
    stubs_[number % stubs_.size()]->async()->GetReferral(&context, &exchange.request,
                                                         &exchange.response, done);
  }

 private:
  struct Exchange {
    referral::v1::GetReferralRequest request;
    referral::v1::Referral response;
    size_t next = 0;
  };
  const rpc::ClientCall call_;
  const std::vector<std::string>& ids_;
  const std::vector<std::unique_ptr<ReferralService::Stub>> stubs_;
  std::vector<Exchange> exchanges_;
};

}  // namespace

absl::Status BenchGetReferral(const Arguments& arguments) {
  const int callers = arguments.callers > 0 ? arguments.callers : kCallers;
  const ctl::Region region(arguments.region);
  ASSIGN_OR_RETURN(const std::unique_ptr<Township> township, Township::Make(region, 40));
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, MakeReferrals(*township));
  ASSIGN_OR_RETURN(auto stubs, township->Stubs());

  contract::TestPki pki;
  const Setup setup{pki.folder()};
  pki.Issue("echo", fmt::format("spiffe://{}/service/echo", setup.region));
  std::filesystem::create_directory(pki.folder() + "/tokens");
  contract::TestPki::IssueTokenKey(pki.folder() + "/signer.key", pki.folder() + "/tokens/k1.pem");
  ServerProcess echo(pki.folder());
  ReadServerProcess reads(pki.folder(), arguments.region);
  if (echo.bare_port == 0 || reads.port == 0) {
    return absl::UnavailableError("a server of the floors did not start");
  }
  const Side bare{.channels = Channels(echo.bare_port, pki.folder()),
                  .prepare = [](grpc::ClientContext&) {}};
  ReadCalls read_calls(reads.port, pki.folder(), ids, callers);
  GetCalls get_calls(*township, ids, std::move(stubs), callers);

  std::array<Contender, 3> sides = {
      Contender{[&](absl::Duration time) { return Measure(bare, callers, time); }, echo.pid()},
      Contender{[&](absl::Duration time) {
                  return KeepInFlight(callers, time,
                                      [&](int caller, grpc::ClientContext& context, Done done) {
                                        read_calls.Start(caller, context, done);
                                      });
                },
                reads.pid()},
      Contender{[&](absl::Duration time) {
                  return KeepInFlight(callers, time,
                                      [&](int caller, grpc::ClientContext& context, Done done) {
                                        get_calls.Start(caller, context, done);
                                      });
                },
                PidOf(arguments.region, "referral")}};
  const pid_t database = PidOf(arguments.region, "database");
  const OthersHeld others(arguments.region,
                          {"directory", "scheduling", "consultation", "lab", "gateway"});
  for (Contender& side : sides) side.run(absl::Seconds(1));
  const int slices = static_cast<int>(absl::Seconds(arguments.seconds) / kSlice);
  for (int i = 0; i < slices; ++i) {
    // Each is first, second and third as often as the others.
    for (size_t turn = 0; turn < sides.size(); ++turn) {
      sides[(static_cast<size_t>(i) + turn) % sides.size()].Turn(kSlice, database);
    }
  }
  auto& [bare_side, read_side, get_side] = sides;
  fmt::print(stderr, "bare echo: {}\necho with the read: {}\nget-referral: {}\n", bare_side.Cost(),
             read_side.Cost(), get_side.Cost());
  const double echo_per_second = bare_side.figures.per_second();
  fmt::print("{}\n", JsonLine("get-referral", get_side.figures, read_side.figures, callers,
                              fmt::format(",\"ratio_to_echo\":{:.3f},\"echo_per_second\":{:.0f}",
                                          get_side.figures.per_second() / echo_per_second,
                                          echo_per_second)));
  const int64_t failed = get_side.figures.failed + read_side.figures.failed;
  return failed == 0 ? absl::OkStatus() : absl::InternalError("calls failed");
}

}  // namespace yilian::bench
