// yilian-bench-booking booking|hot-seat|release-hour --region FOLDER [--seconds N] [--callers N]
// yilian-bench-booking search [--small N] [--large N] [--seconds N]
//
// The first three against a running region with the demo data. The last line is JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "tests/bench/booking/bench.h"

namespace yilian::bench {
namespace {

absl::Status Run(std::string_view name, const Arguments& arguments) {
  if (name == "booking") return BenchBooking(arguments);
  if (name == "hot-seat") return BenchHotSeat(arguments);
  if (name == "release-hour") return BenchReleaseHour(arguments);
  if (name == "search") return BenchSearch(arguments);
  return absl::InvalidArgumentError(fmt::format("there is no benchmark {}", name));
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: yilian-bench-booking NAME [--region FOLDER] [--seconds N]\n");
    return 2;
  }
  yilian::bench::Arguments arguments;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const int number = std::max(1, std::atoi(argv[i + 1]));
    if (option == "--region") arguments.region = argv[i + 1];
    if (option == "--seconds") arguments.seconds = number;
    if (option == "--callers") arguments.callers = number;
    if (option == "--small") arguments.small = std::max(number, 10'000);
    if (option == "--large") arguments.large = std::max(number, 10'000);
    if (option == "--reserved") arguments.reserved = std::max(number, 50);
    if (option == "--clients") arguments.clients = number;
  }
  const absl::Status status = yilian::bench::Run(argv[1], arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", status.ToString());
  return 1;
}
