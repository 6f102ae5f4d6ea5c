// The wait list and a patient's limits, against a record of what they promise: random commands, the
// clock moved, and connections cut after any statement of a command, which is then asked again with
// its request_id.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/mysql/connection.h"
#include "common/mysql/observer.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"
#include "services/scheduling/testing/scheduling_desk.h"
#include "services/scheduling/testing/wait_list_record.h"
#include "tests/support/test_database.h"

namespace yilian::scheduling {

enum class Move { kHold, kBook, kCancel, kJoin, kAccept, kDecline, kLeave, kWait };

struct Step {
  Move move = Move::kHold;
  int patient = 0;
  int client = 0;
  int subject = 0;  // which session, booking or entry, of those there are
  int amount = 0;
  int cut = 0;         // after which statement; 0: never
  bool twice = false;  // by a client that did not hear the answer
};

// NOLINTNEXTLINE(readability-identifier-naming): rapidcheck's name, found by its argument
void showValue(const Step& step, std::ostream& out) {
  constexpr const char* kMoves[] = {"hold",   "book",    "cancel", "join",
                                    "accept", "decline", "leave",  "wait"};
  out << fmt::format("{} patient={} client={} subject={} amount={} cut={}{}",
                     kMoves[static_cast<int>(step.move)], step.patient, step.client, step.subject,
                     step.amount, step.cut, step.twice ? " twice" : "");
}

namespace {

using test_support::TestDatabase;

constexpr int kPatients = 12;
constexpr int kBooked = 6;  // of them, those who ask for a seat before the list begins
constexpr absl::Duration kBudget = absl::Seconds(20);
constexpr absl::Duration kPatience = absl::Seconds(1);  // with a connection that is cut
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
// The same cases in every run; RC_PARAMS asks for others.
constexpr const char* kCases = "seed=20261123 max_success=20 max_size=60";
// Enough for the seats to be taken and the list to grow.
constexpr size_t kSteps = 50;

// Kills the connections to a schema, but its own, after a statement of the thread that asks for it.
class Cutter {
 public:
  explicit Cutter(mysql::PoolOptions options) {
    options.size = 1;
    pool_ = *mysql::Pool::Open(std::move(options));
  }
  void Arm(int after) { left_ = after; }
  void Disarm() { left_ = 0; }
  int cuts() const { return cuts_; }

  // For SetQueryObserver.
  void Ran() {
    if (busy_ || left_ == 0 || --left_ > 0) return;
    busy_ = true;
    Cut();
    busy_ = false;
  }

 private:
  void Cut() {
    auto lease = pool_->Acquire(absl::Now() + absl::Seconds(10));
    if (!lease.ok()) return;
    std::vector<int64_t> others;
    const absl::Status listed = (*lease)->SelectText(
        "test.Connections",
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> "
        "CONNECTION_ID()",
        [&](const mysql::Row& row) {
          others.push_back(row.Int(0));
          return absl::OkStatus();
        });
    for (const int64_t id : others) {
      // One that is gone by now is cut as well.
      (*lease)->ExecuteText("test.Cut", fmt::format("KILL {}", id)).IgnoreError();
    }
    if (listed.ok() && !others.empty()) ++cuts_;
  }

  std::unique_ptr<mysql::Pool> pool_;
  int left_ = 0;
  bool busy_ = false;
  int cuts_ = 0;
};

// One case: a department of its own in a service that others have used.
class Case {
 public:
  Case(SchedulingDesk& desk, Cutter& cutter, int number)
      : desk_(desk), cutter_(cutter), number_(number) {
    desk_.clock().Advance(absl::Hours(24) * 40);
    // What the cases before left comes to its end before this one begins.
    desk_.RunTimers();
    read_ = std::stoll(desk_.Read("SELECT COALESCE(MAX(outbox_id), 0) FROM outbox"));
    for (int patient = 0; patient < kPatients; ++patient) {
      for (const char* client : kClients) desk_.Contract(Patient(patient), client);
    }
    // Two of one day, side by side and not, and one of another day.
    Open(absl::Hours(30), 2);
    Open(absl::Hours(31), 1);
    Open(absl::Hours(60), 1);
  }

  void Run(const std::vector<Step>& steps) {
    // A full department with a list: there is something to pass over.
    for (int patient = 0; patient < kBooked; ++patient) {
      Make({.move = Move::kHold, .patient = patient, .subject = patient});
      Check(Read());
    }
    for (int booking = 0; booking < kBooked; ++booking) {
      Make({.move = Move::kBook, .subject = booking});
      Check(Read());
    }
    // Now and then a short one, so that seats stay free.
    const int waiting = steps.front().amount % 4 == 0 ? 1 : kPatients - kBooked;
    for (int patient = kBooked; patient < kBooked + waiting; ++patient) {
      Make({.move = Move::kJoin, .patient = patient, .client = patient % 3, .amount = 1});
      Check(Read());
    }
    for (const Step& step : steps) {
      Make(step);
      desk_.RunTimers();
      Check(Read());
      Check(record_.Settled(desk_.clock().Now()));
      Check(TablesUnlike());
    }
  }

 private:
  static constexpr const char* kClients[] = {"township", "village", "city"};

  // Said at once: when time is up while rapidcheck looks for a shorter case, its own words are
  // lost.
  static void Check(const std::string& finding) {
    if (finding.empty()) return;
    static bool first = true;
    if (std::exchange(first, false)) std::cout << "first failure: " << finding << std::endl;
    RC_FAIL(finding);
  }

  std::string Department() const { return Named(std::to_string(number_) + " clinic").ToString(); }
  std::string Patient(int patient) const {
    return std::to_string(number_) + " patient " + std::to_string(patient);
  }
  std::string PatientText(int patient) const { return Named(Patient(patient)).ToString(); }

  void Open(absl::Duration ahead, int seats) {
    v1::CreateSessionRequest offer = desk_.Offer(seats, ahead);
    offer.set_department_id(Department());
    offer.mutable_time()->mutable_end()->set_seconds(offer.time().start().seconds() + 2 * 3600);
    offer.set_on_public_holiday(true);
    v1::PoolQuota& open = *offer.add_quotas();
    open.set_kind(v1::POOL_KIND_OPEN);
    open.set_seats(seats);
    record_.Open(desk_.Create(offer));
  }

  // Asks, cut or not, and again with the same request_id until there is an answer.
  template <typename Handler, typename Request>
  auto Ask(const Step& step, const rpc::Caller& caller, Handler handler, Request request) {
    request.set_request_id(base::Uuid::V7().ToString());
    if (step.cut > 0) cutter_.Arm(step.cut);
    auto answer = desk_.Ask(caller, handler, request, step.cut > 0 ? kPatience : absl::Seconds(30));
    cutter_.Disarm();
    for (int again = 0; again < 10 && IsUnanswered(answer.status()); ++again) {
      answer = desk_.Ask(caller, handler, request);
    }
    if (IsUnanswered(answer.status())) Check("no answer: " + answer.status().ToString());
    if (answer.ok() && step.twice) {
      auto second = desk_.Ask(caller, handler, request);
      if constexpr (requires { answer->hold_token(); }) {  // sealed anew each time
        if (second.ok()) second->set_hold_token(answer->hold_token());
      }
      if (!second.ok() || second->SerializeAsString() != answer->SerializeAsString()) {
        Check("asked again it was answered otherwise: " + second.status().ToString());
      }
    }
    return answer;
  }
  static bool IsUnanswered(const absl::Status& status) {
    return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
           status::ReasonOf(status) == "CONTENTION";
  }

  template <typename Map>
  static const typename Map::value_type& Pick(const Map& all, int which) {
    return *std::next(all.begin(), which % static_cast<int>(all.size()));
  }
  rpc::Caller Client(const std::string& organization) const {
    for (const char* client : kClients) {
      if (Named(client).ToString() == organization) return Person(client);
    }
    return Person("nobody");
  }

  void Make(const Step& step) {
    switch (step.move) {
      case Move::kHold:
        return Hold(step);
      case Move::kJoin:
        return Join(step);
      case Move::kWait:
        return desk_.clock().Advance(absl::Minutes(1 << (step.amount % 9)));
      case Move::kBook:
      case Move::kCancel:
        return Change(step);
      case Move::kAccept:
      case Move::kDecline:
      case Move::kLeave:
        return Answer(step);
    }
  }

  void Hold(const Step& step) {
    const std::string session = Pick(record_.sessions(), step.subject).first;
    v1::HoldSeatRequest request;
    request.set_session_id(session);
    request.set_patient_id(PatientText(step.patient));
    request.set_organization_id(Named(kClients[step.client]).ToString());
    const std::string expected =
        record_.RefusalOf(session, PatientText(step.patient), desk_.clock().Now());
    const absl::StatusOr<v1::Booking> held =
        Ask(step, Service("referral"), &SchedulingHandlers::HoldSeat, request);
    if (held.ok()) tokens_[held->booking_id()] = held->hold_token();
    if (status::ReasonOf(held.status()) != expected || held.ok() != expected.empty()) {
      Check(fmt::format("a hold was answered \"{}\" instead of \"{}\"", held.status().ToString(),
                        expected));
    }
  }

  void Join(const Step& step) {
    desk_.clock().Advance(absl::Milliseconds(1));
    v1::JoinWaitListRequest request;
    request.set_patient_id(PatientText(step.patient));
    request.set_organization_id(Named(kClients[step.client]).ToString());
    request.set_department_id(Department());
    if (step.amount % 6 == 0) {
      request.set_session_id(Pick(record_.sessions(), step.subject).first);
    }
    const int64_t now = absl::ToUnixSeconds(desk_.clock().Now());
    request.mutable_time()->mutable_start()->set_seconds(now - 60);
    request.mutable_time()->mutable_end()->set_seconds(now + 30 * 24 * 3600);
    const absl::Status joined =
        Ask(step, Person(kClients[step.client]), &WaitListHandlers::JoinWaitList, request).status();
    const bool waits =
        std::any_of(record_.entries().begin(), record_.entries().end(), [&](const auto& one) {
          return one.second.patient == request.patient_id() &&
                 (one.second.state == "WAITING" || one.second.state == "OFFERED");
        });
    if (waits != (status::ReasonOf(joined) == "ALREADY_WAITING")) {
      Check("joining was answered otherwise: " + joined.ToString());
    }
  }

  void Change(const Step& step) {
    if (record_.bookings().empty()) return;
    const auto& [id, booking] = Pick(record_.bookings(), step.subject);
    if (step.move == Move::kCancel) {
      v1::CancelBookingRequest request;
      request.set_booking_id(id);
      request.set_reason("PATIENT_DECLINED");
      record_.GiveUp(true);
      const absl::Status cancelled =
          Ask(step, Service("referral"), &SchedulingHandlers::CancelBooking, request).status();
      if (!cancelled.ok()) Check("a booking was not cancelled: " + cancelled.ToString());
      return;
    }
    // The token of an offer is told to nobody.
    if (!tokens_.contains(id)) return;
    v1::BookSeatRequest request;
    request.set_booking_id(id);
    request.set_hold_token(tokens_.at(id));
    const bool held = booking.state == "HELD";
    const absl::Status booked =
        Ask(step, Service("referral"), &SchedulingHandlers::BookSeat, request).status();
    if (booked.ok() != held) Check("a hold was booked otherwise: " + booked.ToString());
  }

  void Answer(const Step& step) {
    if (record_.entries().empty()) return;
    const auto& [id, entry] = Pick(record_.entries(), step.subject);
    const rpc::Caller client = Client(entry.organization);
    if (step.move == Move::kLeave) {
      v1::LeaveWaitListRequest request;
      request.set_entry_id(id);
      request.set_reason("PATIENT_DECLINED");
      record_.GiveUp(true);
      const bool left = Ask(step, client, &WaitListHandlers::LeaveWaitList, request).ok();
      if (left == (entry.state == "BOOKED")) Check("leaving was answered otherwise");
      return;
    }
    v1::GetWaitListEntryRequest look;
    look.set_entry_id(id);
    const auto seen = desk_.Ask(client, &WaitListHandlers::GetWaitListEntry, look);
    if (!seen.ok()) return;
    v1::WaitListOfferRequest request;
    request.set_entry_id(id);
    request.set_etag(seen->etag());
    const bool accepts = step.move == Move::kAccept;
    record_.GiveUp(!accepts);
    const absl::Status answered = Ask(step, client,
                                      accepts ? &WaitListHandlers::AcceptWaitListOffer
                                              : &WaitListHandlers::DeclineWaitListOffer,
                                      request)
                                      .status();
    const bool offered = entry.state == "OFFERED";
    if (answered.ok() != offered) Check("an offer was answered otherwise: " + answered.ToString());
  }

  // Every event since the last time, in order.
  std::string Read() {
    std::string finding;
    const absl::Status read =
        mysql::RunRead(desk_.pool(), absl::Now() + absl::Seconds(30), [&](mysql::Session& sql) {
          return sql.SelectValues(
              {"test.Events",
               "SELECT outbox_id, type, payload, occurred_at FROM outbox WHERE outbox_id > ? ORDER "
               "BY outbox_id"},
              {read_}, [&](const mysql::Row& row) {
                read_ = row.Int(0);
                google::protobuf::Any payload;
                payload.ParseFromString(row.Bytes(2));
                if (finding.empty()) finding = record_.Take(row.Text(1), payload, row.Time(3));
                return absl::OkStatus();
              });
        });
    record_.GiveUp(false);
    return read.ok() ? finding : read.ToString();
  }

  // The tables are as the events told.
  std::string TablesUnlike() {
    const std::string department =
        "UNHEX('" + absl::StrReplaceAll(Department(), {{"-", ""}}) + "')";
    int64_t taken = 0;
    for (const auto& [id, booking] : record_.bookings()) taken += booking.state != "ENDED" ? 1 : 0;
    std::map<std::string, int> states;
    for (const auto& [id, entry] : record_.entries()) ++states[entry.state];
    std::string entries;
    for (const auto& [state, count] : states) entries += fmt::format("{} {} ", state, count);
    const std::string seats = desk_.Read(
        "SELECT CONCAT(COALESCE(SUM(t.state = 'TAKEN'), 0), ' ', COALESCE(SUM(t.state = 'ASIDE'), "
        "0)) FROM seat t JOIN session s ON s.session_id = t.session_id WHERE s.department_id = " +
        department);
    if (seats != fmt::format("{} 0", taken)) {
      return fmt::format("{} seats are taken; taken and aside by the table: {}", taken, seats);
    }
    const std::string stored = desk_.Read(
        "SELECT COALESCE(GROUP_CONCAT(CONCAT(state, ' ', n, ' ') ORDER BY state SEPARATOR ''), '') "
        "FROM (SELECT state, COUNT(*) AS n FROM wait_list_entry WHERE department_id = " +
        department + " GROUP BY state) c");
    return stored == entries ? "" : "entries are \"" + stored + "\" and not \"" + entries + "\"";
  }

  SchedulingDesk& desk_;
  Cutter& cutter_;
  const int number_;
  WaitListRecord record_;
  std::map<std::string, std::string> tokens_;  // by booking
  int64_t read_ = 0;
};

rc::Gen<Step> AnyStep() {
  using rc::gen::inRange;
  using rc::gen::set;
  using rc::gen::weightedElement;
  return rc::gen::build<Step>(
      set(&Step::move, weightedElement<Move>({{4, Move::kHold},
                                              {4, Move::kBook},
                                              {8, Move::kCancel},
                                              {6, Move::kJoin},
                                              {3, Move::kAccept},
                                              {5, Move::kDecline},
                                              {1, Move::kLeave},
                                              {2, Move::kWait}})),
      set(&Step::patient, inRange(0, kPatients)), set(&Step::client, inRange(0, 3)),
      set(&Step::subject, inRange(0, 24)), set(&Step::amount, inRange(0, 12)),
      set(&Step::cut, rc::gen::weightedOneOf<int>({{3, rc::gen::just(0)}, {1, inRange(1, 24)}})),
      set(&Step::twice, weightedElement<bool>({{3, false}, {1, true}})));
}

TEST(WaitListProperty, EveryEventIsOneThatTheListPromises) {
  SKIP_WITHOUT_DATABASE();
  setenv("RC_PARAMS", kCases, 0);
  static Cutter* cutter = nullptr;
  static std::thread::id commands = std::this_thread::get_id();
  mysql::SetQueryObserver([](std::string_view, absl::Duration, bool) {
    if (cutter != nullptr && std::this_thread::get_id() == commands) cutter->Ran();
  });
  const mysql::PoolOptions options = TestDatabase::Get().NewSchema(SchedulingDesk::Migrations());
  Rules rules;
  rules.limits.bookings_a_day = 1;
  SchedulingDesk desk(options, kNow, rules);
  Cutter cuts(options);
  cutter = &cuts;
  desk.Register("hospital", Tier::kTertiaryHospital, "hospital");
  desk.Register("township", Tier::kTownshipHospital, "hospital");
  desk.Register("village", Tier::kVillageClinic, "hospital");
  desk.Register("city", Tier::kTertiaryHospital, "city");
  const absl::Time end = absl::Now() + kBudget;
  int number = 0;
  int steps_done = 0;
  const bool held = rc::check("every event is one that the wait list promises", [&] {
    const auto steps = *rc::gen::container<std::vector<Step>>(kSteps, AnyStep());
    // A busy machine tries fewer cases, not other ones.
    if (absl::Now() > end) return;
    Case(desk, cuts, ++number).Run(steps);
    steps_done += static_cast<int>(steps.size());
  });
  cutter = nullptr;
  EXPECT_TRUE(held);
  std::cout << number << " cases, " << steps_done << " steps, " << cuts.cuts() << " cuts, "
            << desk.Read("SELECT COUNT(*) FROM outbox WHERE type = 'WaitListOffered'") << " offers"
            << std::endl;
  EXPECT_GT(steps_done, 0);
  EXPECT_GT(cuts.cuts(), 0);
}

}  // namespace
}  // namespace yilian::scheduling
