// yilian-storm: writes to a running region while parts of it are killed, then proves that every
// acknowledged write is there once.
//
//   yilian-storm --region FOLDER --result FILE [--seconds N] [--strike PROGRAM --victims a,b,c]
//                [--name NAME] [--sabotage]
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tests/chaos/storm/checker.h"
#include "tests/chaos/storm/faults.h"
#include "tests/chaos/storm/follower.h"
#include "tests/chaos/storm/message_sender.h"
#include "tests/chaos/storm/people.h"
#include "tests/chaos/storm/program.h"
#include "tests/chaos/storm/sabotage.h"

namespace yilian::chaos {
namespace {

constexpr absl::Duration kQuiet = absl::Seconds(60);

struct Options {
  std::string region = "var";
  std::string result;
  std::string name = "storm";
  int seconds = 40;
  std::string strike;
  std::vector<std::string> victims;
  bool sabotage = false;
};

absl::Status Blow(const ctl::Region& region, const Options& options, const std::string& run,
                  Weather& weather, Faults& faults) {
  People people(region, weather);
  MessageSender sender(region, weather);
  RETURN_IF_ERROR(people.Start(run));
  RETURN_IF_ERROR(sender.Start());
  fmt::print("  {} s of storm\n", options.seconds);
  std::fflush(stdout);
  faults.Run(absl::Now() + absl::Seconds(options.seconds));
  weather.over.Notify();
  people.Join();
  sender.Join();
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  const ctl::Region region(options.region);
  const std::string run = "storm-" + ctl::demo::NewId().substr(24);
  Weather weather;
  std::vector<std::unique_ptr<Follower>> followers;
  for (const char* service : {"referral", "scheduling", "directory"}) {
    followers.push_back(std::make_unique<Follower>(ctl::demo::Person::Operator(region), service));
  }
  Faults faults(options.strike, options.victims, weather);
  RETURN_IF_ERROR(Blow(region, options, run, weather, faults));
  fmt::print("  {} writes acknowledged, {} strikes; waiting until all has come to rest\n",
             weather.journal.acknowledged(), faults.strikes());
  std::fflush(stdout);

  ASSIGN_OR_RETURN(const std::unique_ptr<Tables> tables, Tables::Open(region));
  ASSIGN_OR_RETURN(const ctl::demo::Person reader,
                   ctl::demo::Person::SignIn(region, "doctor.taoxi"));
  Checker checker({*tables, weather.journal, followers, reader, run});
  const absl::Time quiet_from = absl::Now();
  const absl::Status quiet = checker.AwaitQuiet(quiet_from + kQuiet);
  fmt::print("  {} after {:.1f} s\n", quiet.ok() ? "at rest" : std::string(quiet.message()),
             absl::ToDoubleSeconds(absl::Now() - quiet_from));
  ASSIGN_OR_RETURN(const Verdict verdict, checker.Check());
  Show(verdict.findings);
  const std::vector<std::string> unexpected = weather.journal.unexpected();
  Show(unexpected);
  ASSIGN_OR_RETURN(const int64_t booked,
                   tables->Count("chaos.Booked",
                                 "SELECT COUNT(*) FROM yilian_referral.referral "
                                 "WHERE state = 'SCHEDULED'"));
  fmt::print("  referrals {} (booked {}), consultations {}, messages {}\n",
             weather.journal.referrals().size(), booked, weather.journal.consultations().size(),
             weather.journal.messages().size());
  std::ofstream(options.result) << fmt::format(
      "{{\"chaos\":\"{}\",\"acknowledged\":{},\"lost\":{},\"duplicated\":{},"
      "\"recovered_s\":{:.2f},\"strikes\":{},\"findings\":{}}}\n",
      options.name, weather.journal.acknowledged(), verdict.lost, verdict.duplicated,
      absl::ToDoubleSeconds(faults.longest()), faults.strikes(),
      verdict.findings.size() + unexpected.size());
  RETURN_IF_ERROR(quiet);
  if (!verdict.sound()) return absl::DataLossError("the region is not what its clients were told");
  if (!unexpected.empty()) return absl::InternalError("clients got answers that they must not get");
  // Otherwise a run that did nothing would pass.
  if (booked == 0 || weather.journal.messages().empty() ||
      weather.journal.consultations().empty()) {
    return absl::FailedPreconditionError("the storm did not reach every service");
  }
  if (options.sabotage) return ProveTheCheckerNotices(region, weather.journal, checker);
  return absl::OkStatus();
}

absl::StatusOr<Options> Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--sabotage") {
      options.sabotage = true;
      continue;
    }
    if (i + 1 >= argc) return absl::InvalidArgumentError(fmt::format("{} needs a value", name));
    const std::string value = argv[++i];
    if (name == "--region") {
      options.region = value;
    } else if (name == "--result") {
      options.result = value;
    } else if (name == "--name") {
      options.name = value;
    } else if (name == "--strike") {
      options.strike = value;
    } else if (name == "--victims") {
      options.victims = absl::StrSplit(value, ',');
    } else if (name != "--seconds" || !absl::SimpleAtoi(value, &options.seconds)) {
      return absl::InvalidArgumentError(fmt::format("unknown: {} {}", name, value));
    }
  }
  if (options.result.empty()) return absl::InvalidArgumentError("--result FILE is missing");
  return options;
}

}  // namespace
}  // namespace yilian::chaos

int main(int argc, char** argv) {
  const auto options = yilian::chaos::Parse(argc, argv);
  const absl::Status status = options.ok() ? yilian::chaos::Run(*options) : options.status();
  if (status.ok()) return 0;
  fmt::print(stderr, "yilian-storm: {}\n", status.ToString());
  return options.ok() ? 1 : 2;
}
