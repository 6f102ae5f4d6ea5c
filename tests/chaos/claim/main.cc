// yilian-claim-storm: readers claim and sign from two replicas while replicas and the database are
// killed and stopped, and readers die over studies or come back too late; then every study and
// every clock is looked at.
//
//   yilian-claim-storm --region FOLDER --result FILE --name NAME [--seconds N]
//                      --replicas a,b --strike PROGRAM --victims a,b,c
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/ctl/demo/catalogue.h"
#include "tests/chaos/claim/reader.h"
#include "tests/chaos/storm/faults.h"
#include "tests/chaos/storm/people.h"
#include "tests/chaos/storm/tables.h"
#include "yilian/consultation/v1/reading_centre.grpc.pb.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::chaos {
namespace {

namespace v1 = consultation::v1;
using ctl::demo::DemoId;
using ctl::demo::NewId;
using ctl::demo::Person;
using v1::ConsultationService;
using v1::ReadingCentreService;

constexpr std::array kReaders = {"expert.first.cardiology", "expert.first.neurology",
                                 "expert.first.respiratory", "expert.first.endocrinology",
                                 "expert.first.surgery"};
constexpr int kUnread = 6;  // studies of a kind that nobody on duty reads
// Leases of parked studies last a minute; clocks of a minute escalate three times in two.
constexpr absl::Duration kQuiet = absl::Seconds(150);
constexpr absl::Duration kLook = absl::Milliseconds(200);
constexpr size_t kShown = 20;

using Arguments = std::map<std::string, std::string>;

std::vector<std::string> List(const Arguments& arguments, const std::string& name) {
  const std::string& text = arguments.at(name);
  return text.empty() ? std::vector<std::string>() : absl::StrSplit(text, ',');
}

std::string Hospital() { return DemoId("organization", "first").ToString(); }

// The centre, its readers on duty, a patient and a doctor who asks.
class Storm {
 public:
  absl::Status Prepare(const ctl::Region& region, const Arguments& arguments) {
    const Person region_operator = Person::Operator(region);
    RETURN_IF_ERROR(MakeCentre(region_operator));
    ASSIGN_OR_RETURN(replicas_, ReadingReplicas::Of(region, List(arguments, "--replicas")));
    for (const char* name : kReaders) {
      ASSIGN_OR_RETURN(const Person person, Person::SignIn(region, name));
      RETURN_IF_ERROR(PutOnDuty(region_operator, person, name));
      readers_.push_back(std::make_unique<StudyReader>(
          StudyReader::Deps{.number = static_cast<unsigned>(readers_.size()),
                            .name = name,
                            .person = person,
                            .replicas = replicas_,
                            .weather = weather_,
                            .signatures = signatures_,
                            .all_read = all_read_}));
    }
    ASSIGN_OR_RETURN(const Person doctor, Person::SignIn(region, "doctor.taoxi"));
    RETURN_IF_ERROR(RegisterPatient(doctor));
    doctor_ = std::make_unique<Caller>(doctor, weather_);
    for (int i = 0; i < kUnread; ++i) {
      ASSIGN_OR_RETURN(std::string id, Ask(v1::KIND_PATHOLOGY, v1::URGENCY_EMERGENCY));
      unread_.push_back(std::move(id));
    }
    return absl::OkStatus();
  }

  absl::Status Blow(Faults& faults, Tables& tables, absl::Time end) {
    std::vector<std::thread> threads;
    for (const auto& reader : readers_) threads.emplace_back([&reader] { reader->Work(); });
    threads.emplace_back([this] { KeepAsking(); });
    faults.Run(end);
    weather_.over.Notify();
    absl::Status quiet = AwaitQuiet(tables, absl::Now() + kQuiet);
    all_read_.Notify();
    for (std::thread& thread : threads) thread.join();
    return quiet;
  }

  // What contradicts what was told, in words.
  absl::StatusOr<std::vector<std::string>> Prove(Tables& tables) {
    std::vector<std::string> findings = signatures_.let_in_late();
    for (const auto& [study, signers] : signatures_.signers()) {
      if (signers.size() > 1) findings.push_back(study + " was signed by two");
    }
    ASSIGN_OR_RETURN(const auto states,
                     tables.Texts("chaos.Studies",
                                  "SELECT LOWER(HEX(c.consultation_id)), c.state, (SELECT COUNT(*) "
                                  "FROM yilian_consultation.opinion o WHERE o.consultation_id = "
                                  "c.consultation_id) FROM yilian_consultation.consultation c",
                                  3));
    std::map<std::string, std::pair<std::string, std::string>> there;
    for (const auto& row : states) there[row[0]] = {row[1], row[2]};
    for (std::string id : asked()) {
      const std::string text = id;
      std::erase(id, '-');
      const auto found = there.find(id);
      if (found == there.end()) {
        findings.push_back(text + " was asked and is not there");
      } else if (found->second != std::pair<std::string, std::string>("SIGNED", "1")) {
        findings.push_back(fmt::format("{} is {} with {} opinions", text, found->second.first,
                                       found->second.second));
      }
    }
    RETURN_IF_ERROR(ProveEvents(tables, findings));
    return findings;
  }

  Weather& weather() { return weather_; }
  const Signatures& signatures() const { return signatures_; }
  std::vector<std::string> asked() const {
    const absl::MutexLock lock(&mutex_);
    return asked_;
  }

 private:
  absl::Status MakeCentre(const Person& region_operator) {
    v1::DefineReadingCentreRequest define;
    define.set_request_id(NewId());
    define.set_organization_id(Hospital());
    define.mutable_plan()->set_name("风暴中的阅片中心");
    define.mutable_plan()->add_kinds(v1::KIND_ECG_READING);
    define.mutable_plan()->add_kinds(v1::KIND_PATHOLOGY);
    define.mutable_plan()->set_time_zone("Asia/Shanghai");
    define.mutable_plan()->set_receipt_minutes(1);
    define.mutable_plan()->set_opinion_minutes(1);
    define.mutable_plan()->set_parking_minutes(1);
    define.mutable_plan()->set_assignment(v1::ASSIGNMENT_CLAIM);
    ASSIGN_OR_RETURN(const v1::ReadingCentre centre,
                     region_operator.Call<ReadingCentreService>(
                         "consultation", &ReadingCentreService::Stub::DefineReadingCentre, define));
    centre_ = centre.centre_id();
    return absl::OkStatus();
  }

  absl::Status PutOnDuty(const Person& region_operator, const Person& reader,
                         const std::string& name) {
    v1::SetReadingMemberRequest member;
    member.set_request_id(NewId());
    member.set_organization_id(Hospital());
    member.set_centre_id(centre_);
    member.set_practitioner_id(DemoId("practitioner", name).ToString());
    member.mutable_rights()->add_kinds(v1::KIND_ECG_READING);
    member.mutable_rights()->set_may_sign(true);
    RETURN_IF_ERROR(region_operator
                        .Call<ReadingCentreService>(
                            "consultation", &ReadingCentreService::Stub::SetReadingMember, member)
                        .status());
    v1::SetReaderDutyRequest duty;
    duty.set_request_id(NewId());
    duty.set_organization_id(Hospital());
    duty.set_centre_id(centre_);
    duty.set_action(v1::DUTY_ACTION_START);
    return reader
        .Call<ReadingCentreService>("consultation", &ReadingCentreService::Stub::SetReaderDuty,
                                    duty)
        .status();
  }

  absl::Status RegisterPatient(const Person& doctor) {
    const NewResident resident = NextResident();
    directory::v1::RegisterPatientRequest request;
    request.set_request_id(NewId());
    request.set_organization_id(DemoId("organization", "taoxi").ToString());
    request.set_name("风暴");
    request.set_sex(directory::v1::SEX_MALE);
    request.set_birth_date(resident.birth_date);
    request.set_national_id(resident.national_id);
    ASSIGN_OR_RETURN(
        const auto answer,
        doctor.Call<directory::v1::DirectoryService>(
            "directory", &directory::v1::DirectoryService::Stub::RegisterPatient, request));
    patient_ = answer.patient().patient_id();
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Ask(v1::Kind kind, v1::Urgency urgency) {
    v1::RequestConsultationRequest request;
    request.set_request_id(NewId());
    request.set_patient_id(patient_);
    request.set_kind(kind);
    request.set_urgency(urgency);
    request.set_consulted_organization_id(Hospital());
    request.set_specialty("CARDIOLOGY");
    request.set_question("是否缺血？");
    request.set_patient_consented(true);
    ASSIGN_OR_RETURN(const v1::Consultation made,
                     doctor_->Call<ConsultationService>(
                         "consultation", &ConsultationService::Stub::RequestConsultation, request));
    return made.consultation_id();
  }

  void KeepAsking() {
    for (int i = 0; !weather_.over.HasBeenNotified(); ++i) {
      const auto id =
          Ask(v1::KIND_ECG_READING, i % 5 == 4 ? v1::URGENCY_EMERGENCY : v1::URGENCY_ROUTINE);
      if (!id.ok()) {
        doctor_->Unexpected("a request", id.status());
        continue;
      }
      const absl::MutexLock lock(&mutex_);
      asked_.push_back(*id);
    }
  }

  // Every study is signed, every clock of those that nobody reads has come to its end.
  absl::Status AwaitQuiet(Tables& tables, absl::Time deadline) {
    while (true) {
      ASSIGN_OR_RETURN(const int64_t open,
                       tables.Count("chaos.Open",
                                    "SELECT COUNT(*) FROM yilian_consultation.consultation WHERE "
                                    "centre_id IS NOT NULL AND kind = 3 AND on_worklist"));
      ASSIGN_OR_RETURN(const int64_t waiting,
                       tables.Count("chaos.Clocks",
                                    "SELECT COUNT(*) FROM yilian_consultation.consultation WHERE "
                                    "kind = 4 AND (tier < 3 OR NOT receipt_overdue)"));
      if (open == 0 && waiting == 0) return absl::OkStatus();
      if (absl::Now() >= deadline) {
        return absl::DeadlineExceededError(fmt::format(
            "stuck: {} studies are not signed, {} clocks have not escalated", open, waiting));
      }
      absl::SleepFor(kLook);  // lint:allow(test-sleep) a pause between two looks, up to `deadline`
    }
  }

  absl::Status ProveEvents(Tables& tables, std::vector<std::string>& findings) {
    std::map<std::string, std::map<std::string, int>> counts;
    for (const char* type : {"OpinionSigned", "ReceiptOverdue", "ConsultationEscalated"}) {
      ASSIGN_OR_RETURN(const std::vector<EventRow> events, tables.Events("consultation", type));
      for (const EventRow& event : events) {
        std::string id = event.aggregate_id;
        std::erase(id, '-');
        ++counts[id][type];
      }
    }
    for (std::string id : asked()) {
      std::erase(id, '-');
      if (counts[id]["OpinionSigned"] != 1) findings.push_back(id + " was not signed once");
    }
    for (std::string id : unread_) {
      std::erase(id, '-');
      if (counts[id]["ReceiptOverdue"] != 1 || counts[id]["ConsultationEscalated"] != 3) {
        findings.push_back(fmt::format("the clock of {} came {} and {} times", id,
                                       counts[id]["ReceiptOverdue"],
                                       counts[id]["ConsultationEscalated"]));
      }
    }
    return absl::OkStatus();
  }

  Weather weather_;
  Signatures signatures_;
  absl::Notification all_read_;
  ReadingReplicas replicas_;
  std::string centre_;
  std::string patient_;
  std::unique_ptr<Caller> doctor_;
  std::vector<std::unique_ptr<StudyReader>> readers_;
  std::vector<std::string> unread_;
  mutable absl::Mutex mutex_;
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mutex_);
};

void Show(const std::vector<std::string>& findings) {
  for (size_t i = 0; i < std::min(findings.size(), kShown); ++i) {
    fmt::print("  {}\n", findings[i]);
  }
  if (findings.size() > kShown) fmt::print("  ... and {} more\n", findings.size() - kShown);
}

absl::Status Run(const Arguments& arguments) {
  int seconds = 30;
  if (!absl::SimpleAtoi(arguments.at("--seconds"), &seconds)) {
    return absl::InvalidArgumentError("--seconds is a number");
  }
  const ctl::Region region(arguments.at("--region"));
  Storm storm;
  RETURN_IF_ERROR(storm.Prepare(region, arguments));
  ASSIGN_OR_RETURN(const std::unique_ptr<Tables> tables, Tables::Open(region));
  Faults faults(arguments.at("--strike"), List(arguments, "--victims"), storm.weather(),
                {"consultation"});
  fmt::print("  {} s of storm\n", seconds);
  std::fflush(stdout);
  const absl::Status quiet = storm.Blow(faults, *tables, absl::Now() + absl::Seconds(seconds));
  ASSIGN_OR_RETURN(std::vector<std::string> findings, storm.Prove(*tables));
  if (!quiet.ok()) findings.emplace_back(quiet.message());
  const Signatures& signatures = storm.signatures();
  fmt::print("  {} studies, {} left by readers who died, {} late writers refused, {} strikes\n",
             storm.asked().size(), signatures.abandoned(), signatures.fenced(), faults.strikes());
  Show(findings);
  const std::vector<std::string> unexpected = storm.weather().journal.unexpected();
  Show(unexpected);
  std::ofstream(arguments.at("--result")) << fmt::format(
      "{{\"chaos\":\"{}\",\"acknowledged\":{},\"lost\":{},\"duplicated\":0,\"recovered_s\":{:.2f},"
      "\"strikes\":{},\"abandoned\":{},\"fenced\":{},\"findings\":{}}}\n",
      arguments.at("--name"), storm.asked().size(), findings.size(),
      absl::ToDoubleSeconds(faults.longest()), faults.strikes(), signatures.abandoned(),
      signatures.fenced(), findings.size() + unexpected.size());
  if (!findings.empty()) return absl::DataLossError("studies are not as their readers were told");
  if (!unexpected.empty()) return absl::InternalError("clients got answers that they must not get");
  // Otherwise a run that did nothing would pass.
  if (signatures.abandoned() == 0 || signatures.fenced() == 0) {
    return absl::FailedPreconditionError("no reader died over a study, or none came back too late");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace yilian::chaos

int main(int argc, char** argv) {
  yilian::chaos::Arguments arguments = {{"--seconds", "30"}, {"--name", "claim"}};
  for (int i = 1; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  for (const char* name : {"--region", "--result", "--replicas", "--strike", "--victims"}) {
    if (arguments.count(name) > 0) continue;
    fmt::print(stderr, "yilian-claim-storm: {} is missing\n", name);
    return 2;
  }
  const absl::Status status = yilian::chaos::Run(arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "yilian-claim-storm: {}\n", status.ToString());
  return 1;
}
