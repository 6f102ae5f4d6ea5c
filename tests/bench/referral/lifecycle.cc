// Whole lives of referrals, each command by who gives it: from the draft to the rating and the last
// follow-up, and each other way in which one ends.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/wire/timestamp.h"
#include "services/ctl/demo/catalogue.h"
#include "services/ctl/demo/person.h"
#include "tests/bench/referral/bench.h"
#include "tests/bench/referral/township.h"
#include "tests/bench/support/figures.h"
#include "yilian/scheduling/v1/scheduling.grpc.pb.h"

namespace yilian::bench {
namespace {

using ctl::demo::DemoId;
using ctl::demo::NewId;
using ctl::demo::Person;
using referral::v1::Referral;
using referral::v1::ReferralService;
using Stub = ReferralService::Stub;

constexpr int kCallers = 4;
constexpr int kSeats = 500;
constexpr int kSessions = 8;
constexpr int kChunk = 10'000;
constexpr absl::Duration kBooking = absl::Seconds(20);

// Milliseconds of each command, of all callers. Thread-safe.
class Timings {
 public:
  void Add(const std::string& command, absl::Duration took) {
    absl::MutexLock lock(&mutex_);
    Figures& figures = of_[command];
    ++figures.calls;
    figures.milliseconds.push_back(static_cast<float>(absl::ToDoubleMilliseconds(took)));
  }
  std::map<std::string, Figures> Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(of_, {});
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, Figures> of_ ABSL_GUARDED_BY(mutex_);
};

struct People {
  Person doctor;
  Person coordinator;
  Person expert;
  Person family;
};

absl::StatusOr<People> SignEverybodyIn(const ctl::Region& region) {
  ASSIGN_OR_RETURN(Person doctor, Person::SignIn(region, "doctor.taoxi"));
  ASSIGN_OR_RETURN(Person coordinator, Person::SignIn(region, "coordinator.first"));
  ASSIGN_OR_RETURN(Person expert, Person::SignIn(region, "expert.first.cardiology"));
  ASSIGN_OR_RETURN(Person family, Person::SignIn(region, "family.heping"));
  return People{doctor, coordinator, expert, family};
}

// One referral after the other, by one caller.
class Life {
 public:
  // `next`: the next patient; one who is booked in one life is not in another.
  Life(const People& people, const Township& township, mysql::Pool& pool, std::atomic<size_t>& next,
       Timings& timings)
      : people_(people), township_(township), pool_(pool), next_(next), timings_(timings) {}

  absl::Status Live() {
    RETURN_IF_ERROR(Begin(next_++));
    RETURN_IF_ERROR(GoThere());
    ASSIGN_OR_RETURN(const std::string down, Care());
    RETURN_IF_ERROR(FollowUp(down));
    RETURN_IF_ERROR(BeRejected());
    RETURN_IF_ERROR(BeWithdrawn());
    RETURN_IF_ERROR(NotCome());
    return BeCancelledThere();
  }

 private:
  // One timed command; the answer is what the next one builds on.
  template <typename Method, typename Request>
  absl::Status Do(const Person& by, const std::string& name, Method method, Request request) {
    request.set_request_id(NewId());
    request.set_referral_id(now_.referral_id());
    if constexpr (requires { request.etag(); }) request.set_etag(now_.etag());
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(now_, by.Call<ReferralService>("referral", method, request));
    timings_.Add(name, absl::Now() - start);
    return absl::OkStatus();
  }

  absl::Status Begin(size_t patient) {
    referral::v1::CreateReferralRequest create = township_.NewReferral(patient);
    create.set_submit(false);
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(
        now_, people_.doctor.Call<ReferralService>("referral", &Stub::CreateReferral, create));
    timings_.Add("create", absl::Now() - start);
    referral::v1::SubmitReferralRequest submit;
    submit.set_patient_consented(true);
    RETURN_IF_ERROR(Do(people_.doctor, "submit", &Stub::SubmitReferral, submit));
    referral::v1::ReturnReferralRequest back;
    back.set_reason(referral::v1::REASON_CODE_INFORMATION_MISSING);
    back.set_comment("缺心电图");
    RETURN_IF_ERROR(Do(people_.coordinator, "return", &Stub::ReturnReferral, back));
    RETURN_IF_ERROR(Do(people_.doctor, "submit", &Stub::SubmitReferral, submit));
    referral::v1::RedirectReferralRequest redirect;
    redirect.set_receiving_organization_id(DemoId("organization", "first").ToString());
    redirect.set_receiving_department_id(DemoId("department", "first.neurology").ToString());
    redirect.set_reason(referral::v1::REASON_CODE_WRONG_DEPARTMENT);
    redirect.set_comment("请神经内科看");
    RETURN_IF_ERROR(Do(people_.coordinator, "redirect", &Stub::RedirectReferral, redirect));
    redirect.set_receiving_department_id(DemoId("department", "first.cardiology").ToString());
    RETURN_IF_ERROR(Do(people_.coordinator, "redirect", &Stub::RedirectReferral, redirect));
    referral::v1::AcceptReferralRequest accept;
    accept.set_raised_urgency(referral::v1::URGENCY_EMERGENCY);
    accept.set_urgency_reason("心电图动态演变");
    return Do(people_.coordinator, "accept", &Stub::AcceptReferral, accept);
  }

  // Until the saga has brought it there; timed from the question.
  absl::Status AwaitSeat(const std::string& name, absl::Time asked) {
    referral::v1::GetReferralRequest get;
    get.set_referral_id(now_.referral_id());
    while (absl::Now() < asked + kBooking) {
      ASSIGN_OR_RETURN(now_,
                       people_.doctor.Call<ReferralService>("referral", &Stub::GetReferral, get));
      if (now_.state() == referral::v1::STATE_SCHEDULED && !now_.booking_under_way()) {
        timings_.Add(name, absl::Now() - asked);
        return absl::OkStatus();
      }
      if (!now_.booking_under_way()) break;
    }
    return absl::DeadlineExceededError("no seat: " + referral::v1::State_Name(now_.state()));
  }

  absl::Status GoThere() {
    absl::Time asked = absl::Now();
    RETURN_IF_ERROR(Do(people_.doctor, "schedule", &Stub::ScheduleReferral,
                       referral::v1::ScheduleReferralRequest()));
    RETURN_IF_ERROR(AwaitSeat("seat booked", asked));
    asked = absl::Now();
    RETURN_IF_ERROR(Do(people_.doctor, "reschedule", &Stub::RescheduleReferral,
                       referral::v1::RescheduleReferralRequest()));
    RETURN_IF_ERROR(AwaitSeat("seat exchanged", asked));
    const referral::v1::MoveReferralRequest move;
    RETURN_IF_ERROR(Do(people_.coordinator, "arrive", &Stub::ArriveReferral, move));
    return Do(people_.expert, "begin care", &Stub::BeginCare, move);
  }

  absl::StatusOr<std::string> Care() {
    referral::v1::RequestCancellationRequest ask;
    ask.set_reason(referral::v1::REASON_CODE_CONDITION_CHANGED);
    RETURN_IF_ERROR(Do(people_.doctor, "ask to cancel", &Stub::RequestCancellation, ask));
    referral::v1::RefuseCancellationRequest refuse;
    refuse.set_comment("已开始治疗");
    RETURN_IF_ERROR(Do(people_.coordinator, "refuse to cancel", &Stub::RefuseCancellation, refuse));
    referral::v1::CompleteReferralRequest complete;
    complete.set_request_id(NewId());
    complete.set_referral_id(now_.referral_id());
    complete.set_etag(now_.etag());
    complete.set_outcome_letter("血钾已纠正，冠脉造影示前降支狭窄，已行支架植入。");
    auto* down = complete.mutable_down_referral();
    down->set_receiving_organization_id(DemoId("organization", "heping").ToString());
    down->mutable_care_plan()->set_discharge_summary("急性冠脉综合征，支架术后，病情平稳。");
    auto* task = down->mutable_care_plan()->add_tasks();
    task->set_instruction("复查血钾");
    task->set_due_date(Day(3));
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(const auto completed, people_.expert.Call<ReferralService>(
                                               "referral", &Stub::CompleteReferral, complete));
    timings_.Add("complete", absl::Now() - start);
    now_ = completed.referral();
    referral::v1::RateReferralRequest rate;
    rate.set_score(5);
    RETURN_IF_ERROR(Do(people_.doctor, "rate", &Stub::RateReferral, rate));
    return completed.down_referral().referral_id();
  }

  absl::Status FollowUp(const std::string& down) {
    referral::v1::GetReferralRequest get;
    get.set_referral_id(down);
    ASSIGN_OR_RETURN(now_,
                     people_.family.Call<ReferralService>("referral", &Stub::GetReferral, get));
    RETURN_IF_ERROR(
        Do(people_.family, "accept", &Stub::AcceptReferral, referral::v1::AcceptReferralRequest()));
    referral::v1::RescheduleFollowUpRequest later;
    later.set_task_id(now_.care_plan().tasks(0).task_id());
    later.set_due_date(Day(5));
    later.set_reason("患者外出");
    RETURN_IF_ERROR(Do(people_.family, "put follow-up off", &Stub::RescheduleFollowUp, later));
    referral::v1::RecordFollowUpRequest record;
    record.set_task_id(now_.care_plan().tasks(0).task_id());
    record.set_result("血钾 4.2 mmol/L");
    return Do(people_.family, "record follow-up", &Stub::RecordFollowUp, record);
  }

  // As far as the receiver's answer.
  absl::Status Hand(size_t patient) {
    ASSIGN_OR_RETURN(now_, people_.doctor.Call<ReferralService>("referral", &Stub::CreateReferral,
                                                                township_.NewReferral(patient)));
    return absl::OkStatus();
  }
  absl::Status HandAndBook() {
    RETURN_IF_ERROR(Hand(next_++));
    RETURN_IF_ERROR(Do(people_.coordinator, "accept", &Stub::AcceptReferral,
                       referral::v1::AcceptReferralRequest()));
    const absl::Time asked = absl::Now();
    RETURN_IF_ERROR(Do(people_.doctor, "schedule", &Stub::ScheduleReferral,
                       referral::v1::ScheduleReferralRequest()));
    return AwaitSeat("seat booked", asked);
  }

  absl::Status BeRejected() {
    RETURN_IF_ERROR(Hand(next_));
    referral::v1::RejectReferralRequest reject;
    reject.set_reason(referral::v1::REASON_CODE_NO_CAPACITY);
    reject.set_comment("床位已满，请转第二医院");
    return Do(people_.coordinator, "reject", &Stub::RejectReferral, reject);
  }

  absl::Status BeWithdrawn() {
    RETURN_IF_ERROR(Hand(next_));
    RETURN_IF_ERROR(Do(people_.coordinator, "accept", &Stub::AcceptReferral,
                       referral::v1::AcceptReferralRequest()));
    return Withdraw();
  }

  absl::Status NotCome() {
    RETURN_IF_ERROR(HandAndBook());
    // Nobody has failed to come before the booked time, and the sessions are of tomorrow.
    ASSIGN_OR_RETURN(const base::Uuid id, base::Uuid::Parse(now_.referral_id()));
    RETURN_IF_ERROR(mysql::RunTransaction(
        pool_, {.name = "bench.PutBack", .deadline = absl::Now() + absl::Seconds(10)},
        [&](mysql::Session& sql) {
          return sql
              .Execute({"bench.PutBack",
                        "UPDATE referral SET booking_starts_at = UTC_TIMESTAMP(6) - INTERVAL 1 "
                        "HOUR WHERE referral_id = ?"},
                       id)
              .status();
        }));
    RETURN_IF_ERROR(Do(people_.coordinator, "mark no-show", &Stub::MarkNoShow,
                       referral::v1::MoveReferralRequest()));
    return Withdraw();
  }

  absl::Status BeCancelledThere() {
    RETURN_IF_ERROR(HandAndBook());
    const referral::v1::MoveReferralRequest move;
    RETURN_IF_ERROR(Do(people_.coordinator, "arrive", &Stub::ArriveReferral, move));
    referral::v1::RequestCancellationRequest ask;
    ask.set_reason(referral::v1::REASON_CODE_CONDITION_CHANGED);
    RETURN_IF_ERROR(Do(people_.doctor, "ask to cancel", &Stub::RequestCancellation, ask));
    return Do(people_.coordinator, "confirm cancel", &Stub::ConfirmCancellation, move);
  }

  absl::Status Withdraw() {
    referral::v1::WithdrawReferralRequest withdraw;
    withdraw.set_reason(referral::v1::REASON_CODE_PATIENT_DECLINED);
    withdraw.set_comment("患者要求就近治疗");
    return Do(people_.doctor, "withdraw", &Stub::WithdrawReferral, withdraw);
  }

  static std::string Day(int ahead) {
    return absl::FormatTime("%F", absl::Now() + absl::Hours(24 * ahead),
                            absl::FixedTimeZone(8 * 3600));
  }

  const People& people_;
  const Township& township_;
  mysql::Pool& pool_;
  std::atomic<size_t>& next_;
  Timings& timings_;
  Referral now_;
};

// Seats enough for everybody; without an expert, so that they are at any time.
absl::Status OfferSeats(const ctl::Region& region) {
  using scheduling::v1::SchedulingService;
  const Person ctl = Person::Operator(region);
  for (int i = 0; i < kSessions; ++i) {
    scheduling::v1::CreateSessionRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(DemoId("organization", "first").ToString());
    request.set_department_id(DemoId("department", "first.cardiology").ToString());
    request.set_specialty("CARDIOLOGY");
    request.set_kind(scheduling::v1::SESSION_KIND_OUTPATIENT);
    const absl::Time start = absl::Now() + absl::Hours(30 + i);
    wire::SetTime(request.mutable_time()->mutable_start(), start);
    wire::SetTime(request.mutable_time()->mutable_end(), start + absl::Hours(8));
    request.set_seats(kSeats);
    request.set_on_public_holiday(true);
    auto* open = request.add_quotas();
    open->set_kind(scheduling::v1::POOL_KIND_OPEN);
    open->set_seats(kSeats);
    RETURN_IF_ERROR(
        ctl.Call<SchedulingService>("scheduling", &SchedulingService::Stub::CreateSession, request)
            .status());
  }
  return absl::OkStatus();
}

// Closed and open referrals of the same organizations, copies of `sample` under other ids: what a
// busy region has beside the one that is worked on.
absl::Status FillUp(mysql::Pool& pool, const std::string& sample, int64_t rows) {
  std::string hex;
  for (const char c : sample) {
    if (c != '-') hex += c;
  }
  std::string columns;
  std::string values;
  RETURN_IF_ERROR(mysql::RunRead(pool, absl::Now() + absl::Seconds(30), [&](mysql::Session& sql) {
    return sql.SelectValues(
        {"bench.Columns",
         "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND "
         "table_name = 'referral' AND extra NOT LIKE '%GENERATED%' AND column_name NOT IN "
         "('referral_id', 'patient_id', "
         "'state', 'is_open', 'worklist_at', 'submitted_at', 'open_key', 'source_key')"},
        {}, [&](const mysql::Row& row) {
          columns += ", " + row.Text(0);
          values += ", r." + row.Text(0);
          return absl::OkStatus();
        });
  }));
  const std::string digits =
      "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 "
      "UNION "
      "SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
  const std::string insert = fmt::format(
      "INSERT INTO referral (referral_id, patient_id, state, is_open, worklist_at, "
      "submitted_at{0}) SELECT UNHEX(CONCAT(LPAD(HEX(1600000000000 + n), 12, '0'), '7000', "
      "SUBSTR(SHA2(n, 256), 1, 16))), UNHEX(SUBSTR(SHA2(CONCAT('p', n MOD 430000), 256), 1, 32)), "
      "IF(n MOD 10 < 8, 'COMPLETED', IF(n MOD 10 = 8, 'ACCEPTED', 'SUBMITTED')), n MOD 10 >= 8, "
      "NOW(6) - INTERVAL n SECOND, NOW(6) - INTERVAL n SECOND{1} FROM (SELECT CAST(? AS SIGNED) + "
      "a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n FROM {2} a, {2} b, {2} c, {2} e) numbers, "
      "(SELECT * FROM referral WHERE referral_id = X'{3}') r",  // lint:allow(select-star) a copy
      columns, values, digits, hex);
  for (int64_t first = 0; first < rows; first += kChunk) {
    RETURN_IF_ERROR(mysql::RunTransaction(
        pool, {.name = "bench.FillUp", .deadline = absl::Now() + absl::Minutes(5)},
        [&](mysql::Session& sql) {
          return sql.ExecuteComposed("bench.FillUp", insert, {first}).status();
        }));
  }
  return absl::OkStatus();
}

struct Measured {
  double lives_per_second = 0;
  std::map<std::string, Figures> commands;
};

absl::StatusOr<Measured> Measure(const People& people, const Township& township, mysql::Pool& pool,
                                 int seconds, std::atomic<size_t>& next) {
  Timings timings;
  std::vector<std::thread> threads;
  std::vector<absl::Status> ended(kCallers);
  std::atomic<int> lives = 0;
  const absl::Time begun = absl::Now();
  const absl::Time until = begun + absl::Seconds(seconds);
  for (int i = 0; i < kCallers; ++i) {
    threads.emplace_back([&, i] {
      Life life(people, township, pool, next, timings);
      while (absl::Now() < until && ended[static_cast<size_t>(i)].ok()) {
        ended[static_cast<size_t>(i)] = life.Live();
        if (ended[static_cast<size_t>(i)].ok()) ++lives;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : ended) RETURN_IF_ERROR(status);
  return Measured{.lives_per_second = lives / absl::ToDoubleSeconds(absl::Now() - begun),
                  .commands = timings.Take()};
}

}  // namespace

absl::Status BenchReferralLifecycle(const Arguments& arguments) {
  const ctl::Region region(arguments.region);
  ASSIGN_OR_RETURN(const std::unique_ptr<Township> township, Township::Make(region, 3000));
  ASSIGN_OR_RETURN(const People people, SignEverybodyIn(region));
  RETURN_IF_ERROR(OfferSeats(region));
  ASSIGN_OR_RETURN(const std::unique_ptr<mysql::Pool> pool, region.Own("referral"));
  ASSIGN_OR_RETURN(const auto sample,
                   people.doctor.Call<ReferralService>("referral", &Stub::CreateReferral,
                                                       township->NewReferral(2999)));
  std::atomic<size_t> next = 0;
  RETURN_IF_ERROR(FillUp(*pool, sample.referral_id(), arguments.small));
  RETURN_IF_ERROR(Measure(people, *township, *pool, 3, next).status());  // warm
  ASSIGN_OR_RETURN(Measured few, Measure(people, *township, *pool, arguments.seconds, next));
  Measured many = few;
  const absl::Time start = absl::Now();
  if (arguments.large > arguments.small) {
    RETURN_IF_ERROR(mysql::RunTransaction(
        *pool, {.name = "bench.Empty", .deadline = absl::Now() + absl::Minutes(5)},
        [](mysql::Session& sql) {
          return sql.Execute({"bench.Empty", "DELETE FROM referral WHERE referral_id < X'0180'"})
              .status();
        }));
    RETURN_IF_ERROR(FillUp(*pool, sample.referral_id(), arguments.large));
    fmt::print("  {} rows in {:.0f} s\n", arguments.large,
               absl::ToDoubleSeconds(absl::Now() - start));
    RETURN_IF_ERROR(Measure(people, *township, *pool, 3, next).status());
    ASSIGN_OR_RETURN(many, Measure(people, *township, *pool, arguments.seconds, next));
  }
  double worst = 0;
  double sum_few = 0;
  double sum_many = 0;
  for (auto& [command, figures] : few.commands) {
    const double before = figures.Percentile(0.5);
    const double after = many.commands[command].Percentile(0.5);
    sum_few += before;
    sum_many += after;
    worst = std::max(worst, after / before);
    fmt::print("  {:20} {:8.2f} ms at {} rows {:8.2f} ms at {}\n", command, before, arguments.small,
               after, arguments.large);
  }
  fmt::print(
      "{{\"bench\":\"referral-lifecycle\",\"ratio\":{:.3f},\"per_second\":{:.1f},\"p50_ms\":{:.3f},"
      "\"small\":{},\"large\":{},\"large_p50_ms\":{:.3f},\"worst_ratio\":{:.3f},\"callers\":{}}}\n",
      sum_many / sum_few, few.lives_per_second, sum_few, arguments.small, arguments.large, sum_many,
      worst, kCallers);
  return absl::OkStatus();
}

}  // namespace yilian::bench
