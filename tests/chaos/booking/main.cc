// yilian-booking-storm: clients book seats from several replicas while replicas and the database
// are killed and stopped; then every client's history is compared with what is there.
//
//   yilian-booking-storm --region FOLDER --result FILE --name NAME [--seconds N]
//                        --replicas a,b --strike PROGRAM --victims a,b,c
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <map>
#include <string_view>
#include <thread>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/ctl/demo/catalogue.h"
#include "tests/chaos/booking/proof.h"
#include "tests/chaos/storm/faults.h"
#include "tests/chaos/storm/people.h"
#include "tests/chaos/storm/program.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::chaos {
namespace {

using ctl::demo::DemoId;
using ctl::demo::NewId;
using ctl::demo::Person;
namespace v1 = scheduling::v1;
using v1::SchedulingService;

constexpr std::array kTownships = {"taoxi", "shiqiao", "qingshan", "baiyun"};
constexpr size_t kClientsOfTownship = 4;
constexpr int kPatients = 6;  // of each client
constexpr int kSessions = 6;
constexpr int kSeats = 12;  // of each: fewer than the clients want
constexpr absl::Duration kQuiet = absl::Seconds(60);

absl::StatusOr<std::vector<std::string>> OpenSessions(const Person& region_operator) {
  std::vector<std::string> sessions;
  for (int i = 0; i < kSessions; ++i) {
    v1::CreateSessionRequest offer;
    offer.set_request_id(NewId());
    offer.set_organization_id(DemoId("organization", "first").ToString());
    offer.set_department_id(DemoId("department", "first.cardiology").ToString());
    offer.set_specialty("CARDIOLOGY");
    offer.set_kind(v1::SESSION_KIND_DEVICE);
    const absl::Time start = absl::Now() + absl::Hours(24 * 7 + i);
    wire::SetTime(offer.mutable_time()->mutable_start(), start);
    wire::SetTime(offer.mutable_time()->mutable_end(), start + absl::Hours(4));
    offer.set_seats(kSeats);
    offer.set_on_public_holiday(true);
    v1::PoolQuota& quota = *offer.add_quotas();
    quota.set_kind(v1::POOL_KIND_OPEN);
    quota.set_seats(kSeats);
    ASSIGN_OR_RETURN(const auto session,
                     region_operator.Call<SchedulingService>(
                         "scheduling", &SchedulingService::Stub::CreateSession, offer));
    sessions.push_back(session.session_id());
  }
  return sessions;
}

absl::StatusOr<std::vector<std::string>> RegisterPatients(const Person& doctor,
                                                          const std::string& organization) {
  std::vector<std::string> patients;
  for (int i = 0; i < kPatients; ++i) {
    ASSIGN_OR_RETURN(patients.emplace_back(), RegisterResident(doctor, organization));
  }
  return patients;
}

// The clients and what they share.
class Storm {
 public:
  absl::Status Prepare(const ctl::Region& region, const Arguments& arguments) {
    const Person region_operator = Person::Operator(region);
    ASSIGN_OR_RETURN(sessions_, OpenSessions(region_operator));
    ASSIGN_OR_RETURN(replicas_, Replicas::Of(region, List(arguments, "--replicas")));
    follower_ = std::make_unique<Follower>(region_operator, "scheduling");
    for (const char* township : kTownships) {
      ASSIGN_OR_RETURN(const Person doctor,
                       Person::SignIn(region, fmt::format("doctor.{}", township)));
      const std::string organization = DemoId("organization", township).ToString();
      for (size_t i = 0; i < kClientsOfTownship; ++i) {
        ASSIGN_OR_RETURN(auto patients, RegisterPatients(doctor, organization));
        bookers_.push_back(std::make_unique<Booker>(Booker::Deps{.number = persons_.size(),
                                                                 .person = doctor,
                                                                 .organization = organization,
                                                                 .patients = std::move(patients),
                                                                 .sessions = sessions_,
                                                                 .replicas = replicas_,
                                                                 .weather = weather_,
                                                                 .history = history_}));
        persons_.push_back(doctor);
      }
    }
    return absl::OkStatus();
  }

  void Blow(Faults& faults, absl::Time end) {
    std::vector<std::thread> threads;
    for (const auto& booker : bookers_) threads.emplace_back([&booker] { booker->Work(); });
    faults.Run(end);
    weather_.over.Notify();
    for (std::thread& thread : threads) thread.join();
  }

  absl::StatusOr<SeatProof> Prove(Tables& tables) {
    Prover prover({.tables = tables,
                   .history = history_.all(),
                   .sessions = sessions_,
                   .persons = persons_,
                   .replicas = replicas_,
                   .follower = *follower_,
                   .weather = weather_});
    RETURN_IF_ERROR(prover.AwaitQuiet(absl::Now() + kQuiet));
    return prover.Prove();
  }

  Weather& weather() { return weather_; }
  const History& history() const { return history_; }

 private:
  Weather weather_;
  History history_;
  std::vector<std::string> sessions_;
  Replicas replicas_;
  std::unique_ptr<Follower> follower_;
  std::vector<Person> persons_;
  std::vector<std::unique_ptr<Booker>> bookers_;
};

absl::Status Run(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const absl::Duration length, LengthOf(arguments));
  const ctl::Region region(arguments.at("--region"));
  Storm storm;
  RETURN_IF_ERROR(storm.Prepare(region, arguments));
  Faults faults(arguments.at("--strike"), List(arguments, "--victims"), storm.weather(),
                {"scheduling"});
  fmt::print("  {} of storm\n", absl::FormatDuration(length));
  std::fflush(stdout);
  storm.Blow(faults, absl::Now() + length);
  fmt::print("  {} commands granted, {} requests asked more than once, {} strikes\n",
             storm.history().granted(), storm.history().repeated(), faults.strikes());
  std::fflush(stdout);
  ASSIGN_OR_RETURN(const std::unique_ptr<Tables> tables, Tables::Open(region));
  ASSIGN_OR_RETURN(const SeatProof proof, storm.Prove(*tables));
  RETURN_IF_ERROR(Conclude(
      arguments, storm.history().granted(), proof, faults, storm.weather(),
      fmt::format(",\"repeated\":{},\"replayed\":{}", storm.history().repeated(), proof.replayed)));
  // Otherwise a run that did nothing would pass.
  if (storm.history().granted() == 0 || storm.history().repeated() == 0) {
    return absl::FailedPreconditionError("no client was struck in mid-request");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace yilian::chaos

int main(int argc, char** argv) {
  return yilian::chaos::RunProgram(argc, argv, "booking", yilian::chaos::Run);
}
