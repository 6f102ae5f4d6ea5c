// yilian-saga-chaos: kills the referral service after every single step of its sagas with
// `scheduling` and in the commands that start them, and `scheduling` under each of their calls,
// starts it again, and looks whether each referral comes to one booking or none.
//
//   yilian-saga-chaos --region FOLDER --faults FOLDER --revive PROGRAM --result FILE [--only TEXT]
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "tests/chaos/saga/scene.h"
#include "tests/chaos/saga/watcher.h"

namespace yilian::chaos {
namespace {

using referral::v1::State;

constexpr absl::Duration kPatience = absl::Seconds(60);

// Where a process is killed (common/fault): the referral service in a saga's step,
// "referral.BookSeat.hold.called", or in the command that starts it, "AcceptReferral.committed"; or
// `scheduling` in a call of it, "HoldSeat.committed".
using Point = std::string;

bool IsCommand(const Point& point) { return point.find("Referral.") != Point::npos; }

std::string VictimOf(const Point& point) {
  return point.starts_with("referral.") || IsCommand(point) ? "referral" : "scheduling";
}

struct Scenario {
  std::string name;
  std::vector<Point> points;
  bool always_booked = false;
  int bookings = 0;  // in the end
  State state = referral::v1::STATE_SCHEDULED;
};

std::vector<Point> EveryPart(const std::string& step) {
  return {step + ".claimed", step + ".called", step + ".written"};
}

// Before and after the commit of a call or a command, which is not answered either way.
std::vector<Point> UnderCall(const std::string& method) {
  return {method + ".decided", method + ".committed"};
}

std::vector<Point> Join(std::vector<std::vector<Point>> lists) {
  std::vector<Point> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

class Play {
 public:
  Play(ctl::Region region, std::string faults, std::string revive, std::string only)
      : region_(std::move(region)),
        faults_(std::move(faults)),
        revive_(std::move(revive)),
        only_(std::move(only)) {}

  absl::Status Start() {
    ASSIGN_OR_RETURN(cast_, Cast::SignIn(region_));
    ASSIGN_OR_RETURN(tables_, Tables::Open(region_));
    return absl::OkStatus();
  }

  // Accept on the green channel, killed once on the way.
  absl::Status AcceptAndBook(const Scenario& scenario, const Point& point) {
    return Run(scenario, point, [&](const std::string& id) -> absl::Status {
      return Killed(point, [&] { return cast_->Accept(id); });
    });
  }
  // Withdrawn while the seat is being held and booked: after the kill, before the saga goes on.
  absl::Status WithdrawOnTheWay(const Scenario& scenario, const Point& point) {
    return Run(scenario, point, [&](const std::string& id) -> absl::Status {
      RETURN_IF_ERROR(Killed(point, [&] { return cast_->Accept(id); }));
      return cast_->Withdraw(id);
    });
  }
  absl::Status WithdrawBooked(const Scenario& scenario, const Point& point) {
    return Run(scenario, point, [&](const std::string& id) -> absl::Status {
      RETURN_IF_ERROR(Book(id));
      return Killed(point, [&] { return cast_->Withdraw(id); });
    });
  }
  // Redirected while the first hospital's seat is held; the process is killed while that seat is
  // let go, or while the second hospital's is booked.
  absl::Status Redirect(const Scenario& scenario, const Point& point) {
    const Point held = "referral.BookSeat.hold.called";
    return Run(scenario, point, [&](const std::string& id) -> absl::Status {
      RETURN_IF_ERROR(Killed(held, [&] { return cast_->Accept(id); }));
      return Killed(point, [&]() -> absl::Status {
        RETURN_IF_ERROR(cast_->Redirect(id));
        return cast_->AcceptElsewhere(id);
      });
    });
  }
  absl::Status Reschedule(const Scenario& scenario, const Point& point) {
    return Run(scenario, point, [&](const std::string& id) -> absl::Status {
      RETURN_IF_ERROR(Book(id));
      ASSIGN_OR_RETURN(const auto before, cast_->Read(id));
      RETURN_IF_ERROR(Killed(point, [&] { return cast_->Reschedule(id); }));
      RETURN_IF_ERROR(AwaitRest(id));
      ASSIGN_OR_RETURN(const auto after, cast_->Read(id));
      if (after.booking().booking_id() != before.booking().booking_id() ||
          after.booking().session_id() == before.booking().session_id()) {
        return absl::DataLossError("the seat was not exchanged");
      }
      return absl::OkStatus();
    });
  }

  int cases() const { return cases_; }
  int looks() const { return looks_; }
  double longest() const { return absl::ToDoubleSeconds(longest_); }
  const std::vector<std::string>& findings() const { return findings_; }

 private:
  absl::Status Run(const Scenario& scenario, const Point& point,
                   const std::function<absl::Status(const std::string& id)>& act) {
    const std::string title = fmt::format("{} killed at {}", scenario.name, point);
    if (title.find(only_) == std::string::npos) return absl::OkStatus();
    ++cases_;
    ASSIGN_OR_RETURN(const std::string id, cast_->Refer());
    Watcher watcher(region_, cast_->doctor(), id, scenario.always_booked);
    absl::Status played = act(id);
    if (played.ok()) played = AwaitRest(id);
    const absl::Duration took = absl::Now() - revived_at_;
    longest_ = std::max(longest_, took);
    const auto note = [&](const std::string& what) { findings_.push_back(title + ": " + what); };
    if (!played.ok()) note(std::string(played.message()));
    for (const std::string& finding : watcher.Stop()) note(finding);
    looks_ += watcher.looks();
    ASSIGN_OR_RETURN(const auto last, cast_->Read(id));
    if (last.state() != scenario.state) note("ends as " + referral::v1::State_Name(last.state()));
    ASSIGN_OR_RETURN(const int64_t live, LiveBookings(id));
    if (live != scenario.bookings) note(fmt::format("ends with {} bookings", live));
    fmt::print("  {}: {}, {} booking(s), at rest {:.1f} s after the restart\n", title,
               referral::v1::State_Name(last.state()), live, absl::ToDoubleSeconds(took));
    std::fflush(stdout);
    return absl::OkStatus();
  }

  absl::Status Book(const std::string& id) {
    RETURN_IF_ERROR(cast_->Accept(id));
    RETURN_IF_ERROR(AwaitRest(id));
    ASSIGN_OR_RETURN(const auto booked, cast_->Read(id));
    if (booked.state() != referral::v1::STATE_SCHEDULED)
      return absl::FailedPreconditionError("it could not be booked to begin with");
    return absl::OkStatus();
  }

  // Commands while the process dies at the point, perhaps under the command itself: its caller
  // repeats it until it is answered.
  absl::Status Killed(const Point& point, const std::function<absl::Status()>& command) {
    std::ofstream(faults_ + "/" + point) << "armed\n";
    absl::Status answered;
    std::jthread caller([&] { answered = command(); });
    absl::Status died = AwaitDeathAndRevive(point);
    caller.join();
    RETURN_IF_ERROR(answered);
    return died;
  }

  // The file goes when the process dies by it.
  absl::Status AwaitDeathAndRevive(const Point& point) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (std::filesystem::exists(faults_ + "/" + point)) {
      if (absl::Now() > deadline) {
        std::filesystem::remove(faults_ + "/" + point);
        return absl::DeadlineExceededError("the process never came to this point");
      }
      absl::SleepFor(absl::Milliseconds(5));  // lint:allow(test-sleep) until `deadline`
    }
    const std::string victim = VictimOf(point);
    if (std::system(fmt::format("'{}' {} >/dev/null", revive_, victim).c_str()) != 0)
      return absl::InternalError(victim + " could not be started again");
    revived_at_ = absl::Now();
    return absl::OkStatus();
  }

  static std::string Hex(const std::string& id) {
    std::string hex;
    for (const char c : id) {
      if (c != '-') hex += c;
    }
    return hex;
  }
  absl::StatusOr<int64_t> LiveBookings(const std::string& id) {
    return tables_->Count("chaos.LiveBookings",
                          fmt::format("SELECT COUNT(*) FROM yilian_scheduling.booking WHERE "
                                      "referral_id = X'{}' AND state IN ('HELD', 'BOOKED', "
                                      "'CHECKED_IN')",
                                      Hex(id)));
  }
  absl::Status AwaitRest(const std::string& id) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (true) {
      ASSIGN_OR_RETURN(const int64_t open,
                       tables_->Count("chaos.OpenSagas",
                                      fmt::format("SELECT COUNT(*) FROM yilian_referral.saga WHERE "
                                                  "aggregate_id = X'{}' AND due_at IS NOT NULL",
                                                  Hex(id))));
      if (open == 0) return absl::OkStatus();
      if (absl::Now() > deadline) return absl::DeadlineExceededError("its sagas do not end");
      absl::SleepFor(absl::Milliseconds(20));  // lint:allow(test-sleep) until `deadline`
    }
  }

  const ctl::Region region_;
  const std::string faults_;
  const std::string revive_;
  const std::string only_;  // part of a case's title; empty: all
  std::unique_ptr<Cast> cast_;
  std::unique_ptr<Tables> tables_;
  int cases_ = 0;
  int looks_ = 0;
  absl::Time revived_at_;
  absl::Duration longest_;
  std::vector<std::string> findings_;
};

absl::Status PlayAll(Play& play) {
  const auto hold = EveryPart("referral.BookSeat.hold");
  const auto book = EveryPart("referral.BookSeat.book");
  const auto let_go = EveryPart("referral.BookSeat.release");
  const auto held = UnderCall("HoldSeat");
  const auto booked = UnderCall("BookSeat");
  const auto cancelled = UnderCall("CancelBooking");
  const Scenario accept{"accept-and-book",
                        Join({UnderCall("AcceptReferral"), hold, book, held, booked}), false, 1};
  const Scenario on_the_way{"withdraw on the way", Join({hold, {book[0], book[1]}, held, booked}),
                            false, 0, referral::v1::STATE_CANCELLED};
  const Scenario withdraw{
      "withdraw",
      Join({UnderCall("WithdrawReferral"), EveryPart("referral.ReleaseSeat.release"), cancelled}),
      false, 0, referral::v1::STATE_CANCELLED};
  const Scenario redirect{
      "redirect",
      Join({UnderCall("RedirectReferral"), let_go, hold, book, cancelled, held, booked}), false, 1};
  const Scenario reschedule{
      "reschedule",
      Join({UnderCall("RescheduleReferral"), EveryPart("referral.MoveSeat.exchange"),
            UnderCall("RescheduleBooking")}),
      true, 1};
  for (const Point& point : accept.points) RETURN_IF_ERROR(play.AcceptAndBook(accept, point));
  for (const Point& point : on_the_way.points)
    RETURN_IF_ERROR(play.WithdrawOnTheWay(on_the_way, point));
  for (const Point& point : withdraw.points) RETURN_IF_ERROR(play.WithdrawBooked(withdraw, point));
  for (const Point& point : redirect.points) RETURN_IF_ERROR(play.Redirect(redirect, point));
  for (const Point& point : reschedule.points) RETURN_IF_ERROR(play.Reschedule(reschedule, point));
  return absl::OkStatus();
}

absl::Status Run(std::map<std::string, std::string> arguments) {
  for (const char* name : {"--region", "--faults", "--revive", "--result"}) {
    if (arguments[name].empty())
      return absl::InvalidArgumentError(fmt::format("{} is missing", name));
  }
  Play play{ctl::Region(arguments["--region"]), arguments["--faults"], arguments["--revive"],
            arguments["--only"]};
  RETURN_IF_ERROR(play.Start());
  const absl::Status played = PlayAll(play);
  for (const std::string& finding : play.findings()) fmt::print("  ✗ {}\n", finding);
  std::ofstream(arguments["--result"]) << fmt::format(
      "{{\"chaos\":\"referral-saga\",\"cases\":{},\"findings\":{},\"looks\":{},"
      "\"recovered_s\":{:.2f}}}\n",
      play.cases(), play.findings().size(), play.looks(), play.longest());
  RETURN_IF_ERROR(played);
  return play.findings().empty() ? absl::OkStatus()
                                 : absl::DataLossError("not every referral came to what it should");
}

}  // namespace
}  // namespace yilian::chaos

int main(int argc, char** argv) {
  std::map<std::string, std::string> arguments;
  for (int i = 1; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  const absl::Status status = yilian::chaos::Run(std::move(arguments));
  if (status.ok()) return 0;
  fmt::print(stderr, "yilian-saga-chaos: {}\n", status.ToString());
  return absl::IsInvalidArgument(status) ? 2 : 1;
}
