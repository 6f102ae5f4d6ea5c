// The service against a model of what it promises: random commands of several clients, one by one
// and at once, the clock moved, timers run, the database killed. What was asked at once must have
// been answered as if in some order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <thread>

#include "absl/time/clock.h"
#include "common/status/matchers.h"
#include "services/scheduling/testing/booking_model.h"
#include "services/scheduling/testing/booking_tables.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "tests/support/test_database.h"

namespace yilian::scheduling {

// NOLINTNEXTLINE(readability-identifier-naming): rapidcheck's name, found by its argument
void showValue(const Command& command, std::ostream& out) { out << ShowCommand(command); }

namespace {

using test_support::TestDatabase;

constexpr int kPatients = 3;    // few, so that their bookings meet
constexpr int kMostAtOnce = 4;  // their orders are all tried
constexpr int kMostKills = 3;   // of the database: each costs more than a second
constexpr absl::Duration kBudget = absl::Seconds(12);
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

// The same cases in every run; RC_PARAMS asks for others.
constexpr const char* kCases = "seed=20261122 max_success=100 max_size=120";

// One request of a client: asked with the same request_id until the database is there to answer.
class Client {
 public:
  using Ask = std::function<Answer(const std::string& request_id)>;
  Client(Command command, std::string booking, std::string session, Ask ask)
      : command(command),
        booking(std::move(booking)),
        session(std::move(session)),
        request_id_(base::Uuid::V7().ToString()),
        ask_(std::move(ask)) {}

  void Insist() {
    const absl::Time until = absl::Now() + absl::Seconds(60);
    do {
      answer = ask_(request_id_);
    } while (answer.reason == "later" && absl::Now() < until);
  }
  Answer Repeat() const { return ask_(request_id_); }

  Command command;
  std::string booking;
  std::string session;
  Answer answer;

 private:
  std::string request_id_;
  Ask ask_;
};

Answer Refusal(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status)) {
    return {.reason = "later"};
  }
  const std::string reason = status::ReasonOf(status);
  return {.reason = reason.empty() ? status.ToString() : reason};
}

Answer AnswerOf(const absl::StatusOr<v1::Booking>& booking) {
  if (!booking.ok()) return Refusal(booking.status());
  return {.booking = booking->booking_id(),
          .session = booking->session_id(),
          .state = v1::BookingState_Name(booking->state()),
          .seat = booking->seat_number()};
}

// One case: a department of its own in a service that others have used.
class Case {
 public:
  Case(SchedulingDesk& desk, int number, int& kills) : desk_(desk), number_(number), kills_(kills) {
    desk_.clock().Advance(absl::Hours(24) * 30);
    begun_ = model_.now = desk_.clock().Now();
    // Two whose reserves open in two hours, at the same time; one whose organizations' do; a large
    // one later.
    Open(absl::Hours(26), 4);
    Open(absl::Hours(27), 3);
    Open(absl::Hours(50), 6);
    Open(absl::Hours(50), 2);
  }

  // Fails the case when the service did what the model does not know.
  void Run(const std::vector<Command>& commands) {
    for (size_t first = 0; first < commands.size();) {
      size_t last = first + 1;
      if (commands[first].deed == Deed::kRush) Rush(commands[first]);
      while (last < commands.size() && last - first < kMostAtOnce && commands[last].together) {
        ++last;
      }
      AtOnce(std::vector<Command>(commands.begin() + static_cast<long>(first),
                                  commands.begin() + static_cast<long>(last)));
      first = last;
    }
    desk_.RunTimers();
    const std::string unlike = TablesUnlike(true);
    if (!unlike.empty()) Fail(unlike);
  }

 private:
  // Said at once: when time is up while rapidcheck looks for a shorter case, its own words are
  // lost.
  static void Fail(const std::string& what) {
    static bool first = true;
    if (std::exchange(first, false)) std::cout << "first failure: " << what << std::endl;
    RC_FAIL(what);
  }

  void Open(absl::Duration ahead, int seats) {
    v1::CreateSessionRequest offer = desk_.Offer(seats, ahead);
    offer.set_department_id(Department());
    offer.mutable_time()->mutable_end()->set_seconds(offer.time().start().seconds() + 2 * 3600);
    std::vector<std::string> pools;
    const auto keep = [&](v1::PoolKind kind, const std::string& name, const std::string& whose) {
      if (static_cast<int>(pools.size()) + 1 >= seats) return;
      v1::PoolQuota& quota = *offer.add_quotas();
      quota.set_kind(kind);
      quota.set_seats(1);
      quota.set_organization_id(whose);
      pools.push_back(name);
    };
    keep(v1::POOL_KIND_GREEN, "GREEN", "");
    keep(v1::POOL_KIND_ORGANIZATION, "village", Named("village").ToString());
    keep(v1::POOL_KIND_CONSORTIUM, "CONSORTIUM", "");
    pools.resize(static_cast<size_t>(seats), "OPEN");
    const v1::Session made = desk_.Create(offer);
    model_.sessions[made.session_id()] = {.start = model_.now + ahead,
                                          .length = absl::Hours(2),
                                          .pools = std::move(pools),
                                          .stage_as_made = ahead <= absl::Hours(48) ? 1 : 0};
  }

  void Rush(Command command) {
    command.deed = Deed::kHold;
    command.referral = 0;
    std::vector<Command> all(3, command);
    for (int i = 0; i < 3; ++i) all[static_cast<size_t>(i)].session += i;
    AtOnce(all);
  }

  void AtOnce(const std::vector<Command>& commands) {
    // The clock first: all are asked at the same time.
    for (const Command& command : commands) {
      if (command.deed != Deed::kWait) continue;
      const absl::Duration step = absl::Minutes(1 << (command.amount % 10));
      desk_.clock().Advance(step);
      model_.now += step;
    }
    std::vector<Client> clients;
    for (const Command& command : commands) {
      if (command.deed == Deed::kRunTimers) desk_.RunTimers();
      if (command.deed == Deed::kRepeat) Repeat(command);
      if (std::optional<Client> client = Make(command)) clients.push_back(*std::move(client));
    }
    if (clients.empty()) return;
    const bool crash = kills_ > 0 && std::any_of(commands.begin(), commands.end(),
                                                 [](const Command& c) { return c.crash; });
    std::atomic<bool> go = false;
    std::vector<std::thread> threads;
    for (Client& client : clients) {
      threads.emplace_back([&client, &go] {
        while (!go) std::this_thread::yield();
        client.Insist();
      });
    }
    go = true;
    if (crash) {
      --kills_;
      TestDatabase::Get().Kill9();
      TestDatabase::Get().Restart();
    }
    for (std::thread& thread : threads) thread.join();
    Explain(clients);
    for (Client& client : clients) {
      const bool wrote = client.command.deed != Deed::kSearch && client.answer.reason.empty();
      if (wrote) answered_.push_back(std::move(client));
    }
  }

  // Some order of these commands explains their answers, and the tables are as it leaves them. Two
  // orders may give the same answers, and leave different tables.
  void Explain(const std::vector<Client>& clients) {
    const BookingModel before = model_;
    std::vector<size_t> order(clients.size());
    std::iota(order.begin(), order.end(), 0);
    std::set<std::string> why;
    do {
      model_ = before;
      std::string unlike;
      for (size_t i = 0; i < order.size() && unlike.empty(); ++i) {
        const Client& client = clients[order[i]];
        unlike = model_.Take(client.command, client.booking, client.session, client.answer);
        if (!unlike.empty()) unlike.insert(0, ShowCommand(client.command) + ": ");
      }
      if (unlike.empty()) unlike = TablesUnlike(false);
      if (unlike.empty()) return;
      why.insert("\n  " + unlike);
    } while (std::next_permutation(order.begin(), order.end()));
    std::string all;
    for (const std::string& one : why) all += one;
    Fail("no order of these explains the answers and the tables:" + all);
  }

  void Repeat(const Command& command) {
    if (answered_.empty()) return;
    const Client& first = answered_[static_cast<size_t>(command.booking) % answered_.size()];
    const Answer again = first.Repeat();
    if (!again.reason.empty() || again.booking != first.answer.booking ||
        again.session != first.answer.session || again.seat != first.answer.seat ||
        again.state != first.answer.state) {
      Fail("repeated with its request_id: " + ShowCommand(first.command) + ": " + again.reason);
    }
  }

  std::string Department() const { return Named(std::to_string(number_) + " ward").ToString(); }

  static Command Bounded(Command command) {
    command.patient %= kPatients;
    command.client %= BookingModel::kClients;
    return command;
  }

  // nullopt: there is nothing to do it with yet.
  std::optional<Client> Make(const Command& raw) {
    const Command command = Bounded(raw);
    const std::string session =
        std::next(model_.sessions.begin(),
                  static_cast<long>(static_cast<size_t>(command.session) % model_.sessions.size()))
            ->first;
    switch (command.deed) {
      case Deed::kHold:
        return Client(command, "", session, Hold(command, session));
      case Deed::kHoldInDepartment:
        // Looks at one session after the other: no moment has to explain its answer among others.
        if (command.together) return std::nullopt;
        desk_.RunTimers();
        return Client(command, "", session, Hold(command, ""));
      case Deed::kSearch:
        if (command.together) return std::nullopt;
        desk_.RunTimers();
        return Client(command, "", session, Search(command));
      case Deed::kOffer:
        return Client(command, "", "", Offer(command));
      case Deed::kWait:
      case Deed::kRunTimers:
      case Deed::kRepeat:
      case Deed::kRush:
        return std::nullopt;
      default:
        break;
    }
    if (model_.bookings.empty()) return std::nullopt;
    const std::string booking =
        std::next(model_.bookings.begin(),
                  static_cast<long>(static_cast<size_t>(command.booking) % model_.bookings.size()))
            ->first;
    return Client(command, booking, session, Change(command, booking, session));
  }

  Client::Ask Hold(const Command& command, const std::string& session) {
    v1::HoldSeatRequest request;
    request.set_session_id(session);
    if (session.empty()) request.set_department_id(Department());
    request.set_patient_id(Patient(command.patient));
    request.set_organization_id(
        Named(BookingModel::Clients()[static_cast<size_t>(command.client)]).ToString());
    if (command.referral > 0) request.set_referral_id(Referral(command.referral));
    request.set_green_channel(command.client == 3);
    return [this, request](const std::string& id) mutable {
      request.set_request_id(id);
      absl::StatusOr<v1::Booking> held = desk_.Hold(request);
      Answer answer = AnswerOf(held);
      if (held.ok()) {
        const std::lock_guard<std::mutex> lock(tokens_mutex_);
        tokens_[held->booking_id()] = held->hold_token();
      }
      return answer;
    };
  }

  Client::Ask Change(const Command& command, const std::string& booking,
                     const std::string& session) {
    const auto ask = [this](auto handler, auto request) {
      return [this, handler, request](const std::string& id) mutable {
        request.set_request_id(id);
        return AnswerOf(desk_.Ask(Service("referral"), handler, request));
      };
    };
    if (command.deed == Deed::kBook) {
      v1::BookSeatRequest request;
      request.set_booking_id(booking);
      request.set_hold_token(tokens_.at(booking));
      return ask(&SchedulingHandlers::BookSeat, request);
    }
    if (command.deed == Deed::kCancel) {
      v1::CancelBookingRequest request;
      request.set_booking_id(booking);
      request.set_reason("PATIENT_DECLINED");
      return ask(&SchedulingHandlers::CancelBooking, request);
    }
    if (command.deed == Deed::kReschedule) {
      v1::RescheduleBookingRequest request;
      request.set_booking_id(booking);
      request.set_session_id(session);
      return ask(&SchedulingHandlers::RescheduleBooking, request);
    }
    v1::MoveBookingRequest request;
    request.set_booking_id(booking);
    request.set_state(command.deed == Deed::kCheckIn ? v1::BOOKING_STATE_CHECKED_IN
                      : command.deed == Deed::kDone  ? v1::BOOKING_STATE_DONE
                                                     : v1::BOOKING_STATE_NO_SHOW);
    return ask(&SchedulingHandlers::MoveBooking, request);
  }

  Client::Ask Offer(const Command& command) {
    v1::CreateSessionRequest request =
        desk_.Offer(3, absl::Hours(60) + absl::Hours(1) * command.amount);
    request.mutable_time()->mutable_end()->set_seconds(request.time().start().seconds() + 2 * 3600);
    request.set_department_id(Department());
    request.set_practitioner_id(
        Named(std::to_string(number_) + " expert " + std::to_string(command.client % 2))
            .ToString());
    v1::PoolQuota& quota = *request.add_quotas();
    quota.set_kind(v1::POOL_KIND_OPEN);
    quota.set_seats(3);
    return [this, request](const std::string& id) mutable {
      request.set_request_id(id);
      const auto made = desk_.Ask(Service("ctl"), &SchedulingHandlers::CreateSession, request);
      if (!made.ok()) return Refusal(made.status());
      return Answer{.session = made->session_id()};
    };
  }

  Client::Ask Search(const Command& command) {
    v1::SearchSessionsRequest request;
    request.set_department_id(Department());
    request.mutable_time()->mutable_start()->set_seconds(absl::ToUnixSeconds(model_.now));
    request.mutable_time()->mutable_end()->set_seconds(
        absl::ToUnixSeconds(model_.now + absl::Hours(24) * 90));
    request.mutable_page()->set_page_size(100);
    const std::string& whose = BookingModel::Clients()[static_cast<size_t>(command.client % 3)];
    return [this, request, whose](const std::string&) {
      const auto found = desk_.Ask(Person(whose), &SchedulingHandlers::SearchSessions, request);
      if (!found.ok()) return Refusal(found.status());
      Answer answer;
      for (const v1::Session& session : found->sessions()) {
        answer.free[session.session_id()] = session.free_seats();
      }
      return answer;
    };
  }

  std::string Patient(int patient) const {
    return Named(std::to_string(number_) + " patient " + std::to_string(patient)).ToString();
  }
  std::string Referral(int referral) const {
    return Named(std::to_string(number_) + " referral " + std::to_string(referral)).ToString();
  }

  std::string TablesUnlike(bool timers_ran) {
    return BookingTables(desk_, model_, begun_, timers_ran,
                         [this](int patient) { return Patient(patient); })
        .Unlike();
  }

  SchedulingDesk& desk_;
  const int number_;
  int& kills_;
  absl::Time begun_;
  BookingModel model_;
  std::vector<Client> answered_;
  std::mutex tokens_mutex_;
  std::map<std::string, std::string> tokens_;  // by booking
};

rc::Gen<Command> AnyCommand() {
  using rc::gen::inRange;
  using rc::gen::set;
  using rc::gen::weightedElement;
  return rc::gen::build<Command>(
      set(&Command::deed, weightedElement<Deed>({{12, Deed::kHold},
                                                 {2, Deed::kHoldInDepartment},
                                                 {8, Deed::kBook},
                                                 {4, Deed::kCancel},
                                                 {4, Deed::kReschedule},
                                                 {2, Deed::kCheckIn},
                                                 {1, Deed::kDone},
                                                 {1, Deed::kNoShow},
                                                 {2, Deed::kOffer},
                                                 {1, Deed::kSearch},
                                                 {2, Deed::kRepeat},
                                                 {3, Deed::kWait},
                                                 {1, Deed::kRunTimers},
                                                 {4, Deed::kRush}})),
      set(&Command::together, weightedElement<bool>({{1, false}, {1, true}})),
      set(&Command::crash, weightedElement<bool>({{60, false}, {1, true}})),
      set(&Command::session, inRange(0, 6)), set(&Command::booking, inRange(0, 30)),
      set(&Command::patient, inRange(0, kPatients)),
      set(&Command::client, inRange(0, BookingModel::kClients)),
      set(&Command::referral, weightedElement<int>({{8, 0}, {1, 1}, {1, 2}})),
      set(&Command::amount, inRange(0, 10)));
}

TEST(BookingProperty, EveryAnswerIsOneThatTheModelGives) {
  SKIP_WITHOUT_DATABASE();
  setenv("RC_PARAMS", kCases, 0);
  mysql::PoolOptions options = TestDatabase::Get().NewSchema(SchedulingDesk::Migrations());
  options.size = 8;
  SchedulingDesk desk(options, kNow);
  desk.Register("hospital", Tier::kTertiaryHospital, "hospital");
  desk.Register("township", Tier::kTownshipHospital, "hospital");
  desk.Register("village", Tier::kVillageClinic, "hospital");
  desk.Register("city", Tier::kTertiaryHospital, "city");
  const absl::Time end = absl::Now() + kBudget;
  int number = 0;
  int commands_done = 0;
  int kills = kMostKills;
  const bool held = rc::check("every answer is one that the model gives", [&] {
    const auto commands = *rc::gen::container<std::vector<Command>>(AnyCommand());
    // A busy machine tries fewer cases, not other ones.
    if (absl::Now() > end) return;
    Case(desk, ++number, kills).Run(commands);
    commands_done += static_cast<int>(commands.size());
  });
  EXPECT_TRUE(held);
  std::cout << number << " cases, " << commands_done << " commands, " << kMostKills - kills
            << " kills of the database" << std::endl;
  EXPECT_GT(commands_done, 0);
}

}  // namespace
}  // namespace yilian::scheduling
