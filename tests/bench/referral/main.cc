// yilian-bench-referral get-referral|submit-referral|events|referral-lifecycle --region FOLDER
// [--seconds N]
// [--callers N]
//
// Against a running region with the demo data. The last line is JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "tests/bench/echo/servers.h"
#include "tests/bench/referral/bench.h"
#include "tests/bench/referral/read_floor.h"

namespace yilian::bench {
namespace {

absl::Status Run(std::string_view name, const Arguments& arguments) {
  if (name == "get-referral") return BenchGetReferral(arguments);
  if (name == "submit-referral") return BenchSubmitReferral(arguments);
  if (name == "events") return BenchEvents(arguments);
  if (name == "referral-lifecycle") return BenchReferralLifecycle(arguments);
  return absl::InvalidArgumentError(fmt::format("there is no benchmark {}", name));
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr,
               "usage: yilian-bench-referral NAME --region FOLDER [--seconds N] [--callers N]\n");
    return 2;
  }
  const std::string_view name = argv[1];
  if (name == "--serve" && argc == 3) return yilian::bench::Serve({argv[2]});
  if (name == "--serve-reads" && argc == 4) return yilian::bench::ServeReads(argv[2], argv[3]);
  yilian::bench::Arguments arguments;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--region") arguments.region = argv[i + 1];
    if (option == "--seconds") arguments.seconds = std::max(1, std::atoi(argv[i + 1]));
    if (option == "--small") arguments.small = std::atoll(argv[i + 1]);
    if (option == "--large") arguments.large = std::atoll(argv[i + 1]);
    if (option == "--callers") arguments.callers = std::max(1, std::atoi(argv[i + 1]));
  }
  const absl::Status status = yilian::bench::Run(name, arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", status.ToString());
  return 1;
}
