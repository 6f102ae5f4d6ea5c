// yilian-claim-storm: readers claim and sign from two replicas while replicas and the database are
// killed and stopped, and readers die over studies or come back too late; then every study and
// every clock is looked at.
//
//   yilian-claim-storm --region FOLDER --result FILE --name NAME [--seconds N]
//                      --replicas a,b --strike PROGRAM --victims a,b,c
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <string_view>
#include <thread>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/ctl/demo/catalogue.h"
#include "tests/chaos/claim/reader.h"
#include "tests/chaos/storm/faults.h"
#include "tests/chaos/storm/people.h"
#include "tests/chaos/storm/program.h"
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
    ASSIGN_OR_RETURN(patient_,
                     RegisterResident(doctor, DemoId("organization", "taoxi").ToString()));
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
  absl::StatusOr<Proof> Prove(Tables& tables) {
    Proof proof;
    for (const std::string& late : signatures_.let_in_late()) proof.Doubled(late);
    for (const auto& [study, signers] : signatures_.signers()) {
      if (signers.size() > 1) proof.Doubled(study + " was signed by two");
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
        proof.Lost(text + " was asked and is not there");
      } else if (found->second != std::pair<std::string, std::string>("SIGNED", "1")) {
        proof.Lost(fmt::format("{} is {} with {} opinions", text, found->second.first,
                               found->second.second));
      }
    }
    RETURN_IF_ERROR(ProveEvents(tables, proof));
    return proof;
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

  absl::Status ProveEvents(Tables& tables, Proof& proof) {
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
      const int times = counts[id]["OpinionSigned"];
      if (times == 0) proof.Lost(id + " has no event of its signature");
      if (times > 1) proof.Doubled(fmt::format("{} was signed {} times by its events", id, times));
    }
    for (std::string id : unread_) {
      std::erase(id, '-');
      const int overdue = counts[id]["ReceiptOverdue"];
      const int tiers = counts[id]["ConsultationEscalated"];
      if (overdue == 1 && tiers == 3) continue;
      std::string what = fmt::format("the clock of {} came {} and {} times", id, overdue, tiers);
      overdue > 1 || tiers > 3 ? proof.Doubled(std::move(what)) : proof.Lost(std::move(what));
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

absl::Status Run(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const absl::Duration length, LengthOf(arguments));
  const ctl::Region region(arguments.at("--region"));
  Storm storm;
  RETURN_IF_ERROR(storm.Prepare(region, arguments));
  ASSIGN_OR_RETURN(const std::unique_ptr<Tables> tables, Tables::Open(region));
  Faults faults(arguments.at("--strike"), List(arguments, "--victims"), storm.weather(),
                {"consultation"});
  fmt::print("  {} of storm\n", absl::FormatDuration(length));
  std::fflush(stdout);
  const absl::Status quiet = storm.Blow(faults, *tables, absl::Now() + length);
  ASSIGN_OR_RETURN(Proof proof, storm.Prove(*tables));
  if (!quiet.ok()) proof.Lost(std::string(quiet.message()));
  const Signatures& signatures = storm.signatures();
  fmt::print("  {} studies, {} left by readers who died, {} late writers refused, {} strikes\n",
             storm.asked().size(), signatures.abandoned(), signatures.fenced(), faults.strikes());
  RETURN_IF_ERROR(Conclude(
      arguments, static_cast<int64_t>(storm.asked().size()), proof, faults, storm.weather(),
      fmt::format(",\"abandoned\":{},\"fenced\":{}", signatures.abandoned(), signatures.fenced())));
  // Otherwise a run that did nothing would pass.
  if (signatures.abandoned() == 0 || signatures.fenced() == 0) {
    return absl::FailedPreconditionError("no reader died over a study, or none came back too late");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace yilian::chaos

int main(int argc, char** argv) {
  return yilian::chaos::RunProgram(argc, argv, "claim", yilian::chaos::Run);
}
