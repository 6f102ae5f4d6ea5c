// yilian-bench-echo: an authenticated call through the frame that touches no database, against a
// bare gRPC TLS echo. Both are measured in one run, in alternating slices, with the same number of
// calls in flight. The last line is JSON.
//
//   yilian-bench-echo [--seconds N] [--callers N] [--queued]
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/time/clock.h"
#include "common/crypto/jwt.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"
#include "tests/bench/echo/bare.h"
#include "tests/bench/echo/callers.h"
#include "tests/bench/echo/servers.h"
#include "tests/contract/test_pki.h"

namespace yilian::bench {
namespace {

constexpr int kChannels = 4;
constexpr absl::Duration kSlice = absl::Milliseconds(500);

struct Arguments {
  int seconds = 10;  // for each side
  int callers = 32;
  bool queued = false;
};

std::string NewToken(const std::string& folder) {
  std::filesystem::create_directory(folder + "/tokens");
  contract::TestPki::IssueTokenKey(folder + "/signer.key", folder + "/tokens/k1.pem");
  auto signer = crypto::JwtSigner::Open(
      {folder + "/signer.key", "k1", "yilian.directory", "yilian", absl::Hours(1)},
      base::SystemClock());
  crypto::TokenClaims claims;
  claims.user_id = base::Uuid::V7();
  claims.practitioner_id = base::Uuid::V7();
  claims.organization_id = base::Uuid::V7();
  claims.roles = {"ROLE_REFERRAL_COORDINATOR"};
  return (*signer)->Sign(claims)->token;
}

int Run(const Arguments& arguments) {
  contract::TestPki pki;
  Setup setup{pki.folder()};
  pki.Issue("echo", fmt::format("spiffe://{}/service/echo", setup.region));
  const rpc::TlsFiles desk =
      pki.Issue("desk", fmt::format("spiffe://{}/client/desk", setup.region));
  const std::string token = NewToken(pki.folder());
  ServerProcess server(pki.folder());
  if (server.bare_port == 0) return 1;
  Side bare;
  bare.prepare = [](grpc::ClientContext&) {};
  Side frame;
  frame.queued = arguments.queued;
  const rpc::ClientCall call = rpc::ClientCall().WithToken(token);
  frame.prepare = [&](grpc::ClientContext& context) { (void)call.Prepare(context); };
  for (int i = 0; i < kChannels; ++i) {
    bare.channels.push_back(
        BareChannel(fmt::format("127.0.0.1:{}", server.bare_port), pki.folder() + "/ca.pem"));
    frame.channels.push_back(
        *rpc::MakeChannel(fmt::format("127.0.0.1:{}", server.frame_port), desk,
                          {setup.region, "echo", {"tests/bench/echo/echo.proto"}}));
  }
  Figures floor;
  Figures framed;
  fmt::print(stderr, "server process {}; warming up\n", server.pid());
  Measure(bare, arguments.callers, absl::Seconds(1));
  Measure(frame, arguments.callers, absl::Seconds(1));
  const int slices = static_cast<int>(absl::Seconds(arguments.seconds) / kSlice);
  for (int i = 0; i < slices; ++i) {
    // Each goes first as often as second.
    for (const bool first : {i % 2 == 0, i % 2 != 0}) {
      if (first) {
        floor.Add(Measure(bare, arguments.callers, kSlice));
      } else {
        framed.Add(Measure(frame, arguments.callers, kSlice));
      }
    }
  }
  fmt::print(stderr, "bare {:.0f}/s, frame {:.0f}/s\n", floor.per_second(), framed.per_second());
  fmt::print(
      "{{\"bench\":\"echo{}\",\"ratio\":{:.3f},\"per_second\":{:.0f},\"p50_ms\":{:.3f},\"p99_ms\":{"
      ":.3f},"
      "\"floor_per_second\":{:.0f},\"floor_p50_ms\":{:.3f},\"floor_p99_ms\":{:.3f},\"callers\":{},"
      "\"failed\":{}}}\n",
      arguments.queued ? "-queued" : "", framed.per_second() / floor.per_second(),
      framed.per_second(), framed.Percentile(0.5), framed.Percentile(0.99), floor.per_second(),
      floor.Percentile(0.5), floor.Percentile(0.99), arguments.callers,
      floor.failed + framed.failed);
  return floor.failed + framed.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  yilian::bench::Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const bool has_value = i + 1 < argc;
    if (name == "--serve" && has_value) return yilian::bench::Serve({argv[i + 1]});
    if (name == "--seconds" && has_value) {
      arguments.seconds = std::max(1, std::atoi(argv[++i]));
    } else if (name == "--callers" && has_value) {
      arguments.callers = std::max(1, std::atoi(argv[++i]));
    } else if (name == "--queued") {
      arguments.queued = true;
    } else {
      fmt::print(stderr, "usage: yilian-bench-echo [--seconds N] [--callers N] [--queued]\n");
      return 2;
    }
  }
  return yilian::bench::Run(arguments);
}
