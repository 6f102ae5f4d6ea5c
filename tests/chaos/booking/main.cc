// yilian-booking-storm: clients book seats from several replicas while replicas and the database
// are killed and stopped; then every client's history is compared with what is there.
//
//   yilian-booking-storm --region FOLDER --result FILE --name NAME [--seconds N]
//                        --replicas a,b --strike PROGRAM --victims a,b,c
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <string_view>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/ctl/demo/catalogue.h"
#include "tests/chaos/booking/proof.h"
#include "tests/chaos/storm/faults.h"
#include "tests/chaos/storm/people.h"
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
constexpr size_t kShown = 20;

using Arguments = std::map<std::string, std::string>;

std::vector<std::string> List(const Arguments& arguments, const std::string& name) {
  const std::string& text = arguments.at(name);
  return text.empty() ? std::vector<std::string>() : absl::StrSplit(text, ',');
}

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
    const NewResident resident = NextResident();
    directory::v1::RegisterPatientRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(organization);
    request.set_name("风暴");
    request.set_sex(directory::v1::SEX_MALE);
    request.set_birth_date(resident.birth_date);
    request.set_national_id(resident.national_id);
    ASSIGN_OR_RETURN(
        const auto answer,
        doctor.Call<directory::v1::DirectoryService>(
            "directory", &directory::v1::DirectoryService::Stub::RegisterPatient, request));
    patients.push_back(answer.patient().patient_id());
  }
  return patients;
}

void Show(const std::vector<std::string>& findings) {
  for (size_t i = 0; i < std::min(findings.size(), kShown); ++i) {
    fmt::print("  {}\n", findings[i]);
  }
  if (findings.size() > kShown) fmt::print("  ... and {} more\n", findings.size() - kShown);
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

  absl::StatusOr<Proof> Prove(Tables& tables) {
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
  int seconds = 30;
  if (!absl::SimpleAtoi(arguments.at("--seconds"), &seconds)) {
    return absl::InvalidArgumentError("--seconds is a number");
  }
  const ctl::Region region(arguments.at("--region"));
  Storm storm;
  RETURN_IF_ERROR(storm.Prepare(region, arguments));
  Faults faults(arguments.at("--strike"), List(arguments, "--victims"), storm.weather(),
                {"scheduling"});
  fmt::print("  {} s of storm\n", seconds);
  std::fflush(stdout);
  storm.Blow(faults, absl::Now() + absl::Seconds(seconds));
  fmt::print("  {} commands granted, {} requests asked more than once, {} strikes\n",
             storm.history().granted(), storm.history().repeated(), faults.strikes());
  std::fflush(stdout);
  ASSIGN_OR_RETURN(const std::unique_ptr<Tables> tables, Tables::Open(region));
  ASSIGN_OR_RETURN(const Proof proof, storm.Prove(*tables));
  Show(proof.findings);
  const std::vector<std::string> unexpected = storm.weather().journal.unexpected();
  Show(unexpected);
  std::ofstream(arguments.at("--result")) << fmt::format(
      "{{\"chaos\":\"{}\",\"acknowledged\":{},\"lost\":{},\"duplicated\":{},\"recovered_s\":{:.2f},"
      "\"strikes\":{},\"repeated\":{},\"replayed\":{},\"findings\":{}}}\n",
      arguments.at("--name"), storm.history().granted(), proof.lost, proof.doubled,
      absl::ToDoubleSeconds(faults.longest()), faults.strikes(), storm.history().repeated(),
      proof.replayed, proof.findings.size() + unexpected.size());
  if (!proof.sound()) return absl::DataLossError("the seats are not as their clients were told");
  if (!unexpected.empty()) return absl::InternalError("clients got answers that they must not get");
  // Otherwise a run that did nothing would pass.
  if (storm.history().granted() == 0 || storm.history().repeated() == 0) {
    return absl::FailedPreconditionError("no client was struck in mid-request");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace yilian::chaos

int main(int argc, char** argv) {
  yilian::chaos::Arguments arguments = {{"--seconds", "30"}, {"--name", "booking"}};
  for (int i = 1; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  for (const char* name : {"--region", "--result", "--replicas", "--strike", "--victims"}) {
    if (arguments.count(name) > 0) continue;
    fmt::print(stderr, "yilian-booking-storm: {} is missing\n", name);
    return 2;
  }
  const absl::Status status = yilian::chaos::Run(arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "yilian-booking-storm: {}\n", status.ToString());
  return 1;
}
