#include "tests/chaos/storm/people.h"

#include <fmt/format.h>

#include <array>
#include <atomic>

#include "common/base/status_macros.h"
#include "common/status/error.h"
#include "common/wire/timestamp.h"
#include "services/ctl/demo/catalogue.h"
#include "yilian/consultation/v1/consultation.grpc.pb.h"
#include "yilian/directory/v1/directory.grpc.pb.h"
#include "yilian/referral/v1/referral.grpc.pb.h"
#include "yilian/scheduling/v1/scheduling.grpc.pb.h"

namespace yilian::chaos {
namespace {

using consultation::v1::ConsultationService;
using ctl::demo::DemoId;
using ctl::demo::NewId;
using directory::v1::DirectoryService;
using referral::v1::ReferralService;
using scheduling::v1::SchedulingService;

constexpr std::array kSpecialties = {"cardiology", "neurology", "respiratory", "endocrinology",
                                     "surgery"};
constexpr absl::Duration kLookAround = absl::Milliseconds(200);

std::string OrganizationId(const std::string& key) {
  return DemoId("organization", key).ToString();
}

// Refers one patient after the other, asks for consultations, thinks better of some.
directory::v1::RegisterPatientRequest NewPatient(const std::string& organization) {
  const NewResident resident = NextResident();
  directory::v1::RegisterPatientRequest request;
  request.set_request_id(NewId());
  request.set_organization_id(organization);
  request.set_name("风暴");
  request.set_sex(directory::v1::SEX_MALE);
  request.set_birth_date(resident.birth_date);
  request.set_national_id(resident.national_id);
  return request;
}

class Doctor {
 public:
  Doctor(Caller caller, std::string township, std::string hospital, std::string run, Inbox& triage,
         Inbox& questions)
      : caller_(std::move(caller)),
        township_(std::move(township)),
        hospital_(std::move(hospital)),
        run_(std::move(run)),
        triage_(triage),
        questions_(questions) {}

  void Work() {
    while (!caller_.weather().over.HasBeenNotified()) {
      ++turn_;
      const absl::Status done = Turn();
      if (!done.ok()) caller_.Unexpected("doctor " + township_, done);
    }
  }

 private:
  absl::Status Turn() {
    ASSIGN_OR_RETURN(const std::string patient, Register());
    ASSIGN_OR_RETURN(const std::string referral, Refer(patient));
    if (turn_ % 4 == 0) RETURN_IF_ERROR(Ask(patient));
    // One of three is withdrawn: at once, or when it has been accepted, held or booked meanwhile.
    if (turn_ % 3 == 0) to_withdraw_.push_back(referral);
    const size_t patience = turn_ % 2 == 0 ? 0 : 3;
    if (to_withdraw_.size() > patience) {
      const std::string id = to_withdraw_.front();
      to_withdraw_.pop_front();
      return Withdraw(id);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Register() {
    const directory::v1::RegisterPatientRequest request = NewPatient(OrganizationId(township_));
    ASSIGN_OR_RETURN(const auto answer,
                     caller_.Call<DirectoryService>(
                         "directory", &DirectoryService::Stub::RegisterPatient, request));
    caller_.weather().journal.Patient(answer.patient().patient_id());
    return answer.patient().patient_id();
  }

  absl::StatusOr<std::string> Refer(const std::string& patient) {
    const char* specialty = kSpecialties[static_cast<size_t>(turn_) % kSpecialties.size()];
    AcknowledgedReferral done{.marker = fmt::format("{} {} {}", run_, township_, turn_),
                              .patient_id = patient,
                              .referring = OrganizationId(township_),
                              .receiving = OrganizationId(hospital_)};
    referral::v1::CreateReferralRequest request;
    request.set_request_id(NewId());
    request.set_patient_id(patient);
    request.set_direction(referral::v1::DIRECTION_UP);
    request.set_channel(referral::v1::CHANNEL_GREEN);
    request.set_setting(referral::v1::SETTING_OUTPATIENT);
    request.set_urgency(referral::v1::URGENCY_URGENT);
    request.set_receiving_organization_id(done.receiving);
    request.set_receiving_department_id(
        DemoId("department", fmt::format("{}.{}", hospital_, specialty)).ToString());
    request.mutable_summary()->set_complaint("胸闷两小时");
    request.mutable_summary()->set_question(done.marker);
    request.mutable_summary()->mutable_diagnosis()->set_system("I10");
    request.mutable_summary()->mutable_diagnosis()->set_code("I20.0");
    request.mutable_summary()->mutable_diagnosis()->set_display("不稳定型心绞痛");
    request.set_submit(true);
    request.set_patient_consented(true);
    ASSIGN_OR_RETURN(
        const auto referral,
        caller_.Call<ReferralService>("referral", &ReferralService::Stub::CreateReferral, request));
    done.referral_id = referral.referral_id();
    caller_.weather().journal.Referral(done);
    triage_.Put(referral.referral_id());
    return referral.referral_id();
  }

  absl::Status Ask(const std::string& patient) {
    const std::string marker = fmt::format("{} {} {}", run_, township_, turn_);
    consultation::v1::RequestConsultationRequest request;
    request.set_request_id(NewId());
    request.set_patient_id(patient);
    request.set_kind(consultation::v1::KIND_REMOTE_CONSULTATION);
    request.set_urgency(consultation::v1::URGENCY_EMERGENCY);
    request.set_consulted_organization_id(OrganizationId(hospital_));
    request.set_specialty("CARDIOLOGY");
    request.set_question(marker);
    request.set_patient_consented(true);
    ASSIGN_OR_RETURN(const auto asked,
                     caller_.Call<ConsultationService>(
                         "consultation", &ConsultationService::Stub::RequestConsultation, request));
    caller_.weather().journal.Consultation(
        {.consultation_id = asked.consultation_id(), .marker = marker});
    questions_.Put(asked.consultation_id());
    return absl::OkStatus();
  }

  absl::Status Withdraw(const std::string& id) {
    while (true) {
      referral::v1::GetReferralRequest get;
      get.set_referral_id(id);
      ASSIGN_OR_RETURN(const auto now, caller_.Call<ReferralService>(
                                           "referral", &ReferralService::Stub::GetReferral, get));
      referral::v1::WithdrawReferralRequest request;
      request.set_request_id(NewId());
      request.set_referral_id(id);
      request.set_etag(now.etag());
      request.set_reason(referral::v1::REASON_CODE_PATIENT_DECLINED);
      const auto answer = caller_.Call<ReferralService>(
          "referral", &ReferralService::Stub::WithdrawReferral, request);
      if (answer.ok()) {
        caller_.weather().journal.Withdrawn(id);
        return absl::OkStatus();
      }
      // It moved on between reading and deciding: read again, a new decision.
      if (status::ReasonOf(answer.status()) != "ETAG_STALE") return answer.status();
    }
  }

  Caller caller_;
  const std::string township_;
  const std::string hospital_;
  const std::string run_;
  Inbox& triage_;
  Inbox& questions_;
  std::deque<std::string> to_withdraw_;
  int turn_ = 0;
};

// Accepts what comes in; looks at the free sessions now and then.
class Coordinator {
 public:
  Coordinator(Caller caller, std::string hospital, Inbox& inbox)
      : caller_(std::move(caller)), hospital_(std::move(hospital)), inbox_(inbox) {}

  void Work() {
    while (!caller_.weather().over.HasBeenNotified()) {
      const std::optional<std::string> id = inbox_.Take(absl::Now() + kLookAround);
      absl::Status done = Search();
      if (done.ok() && id) done = Accept(*id);
      if (!done.ok()) caller_.Unexpected("coordinator " + hospital_, done);
    }
  }

 private:
  absl::Status Search() {
    scheduling::v1::SearchSessionsRequest request;
    request.set_organization_id(OrganizationId(hospital_));
    const absl::Time now = absl::Now();
    wire::SetTime(request.mutable_time()->mutable_start(), now);
    wire::SetTime(request.mutable_time()->mutable_end(), now + absl::Hours(24 * 14));
    request.mutable_page()->set_page_size(5);
    return caller_
        .Call<SchedulingService>("scheduling", &SchedulingService::Stub::SearchSessions, request)
        .status();
  }

  absl::Status Accept(const std::string& id) {
    while (true) {
      referral::v1::GetReferralRequest get;
      get.set_referral_id(id);
      ASSIGN_OR_RETURN(const auto now, caller_.Call<ReferralService>(
                                           "referral", &ReferralService::Stub::GetReferral, get));
      referral::v1::AcceptReferralRequest request;
      request.set_request_id(NewId());
      request.set_referral_id(id);
      request.set_etag(now.etag());
      const auto answer = caller_.Call<ReferralService>(
          "referral", &ReferralService::Stub::AcceptReferral, request);
      if (answer.ok()) {
        caller_.weather().journal.Accepted(id);
        return absl::OkStatus();
      }
      const std::string reason = status::ReasonOf(answer.status());
      // Withdrawn before we came to it.
      if (reason == "COMMAND_NOT_AVAILABLE") return absl::OkStatus();
      if (reason != "ETAG_STALE") return answer.status();
    }
  }

  Caller caller_;
  const std::string hospital_;
  Inbox& inbox_;
};

// Claims questions and signs opinions.
class Expert {
 public:
  Expert(Caller caller, Inbox& inbox) : caller_(std::move(caller)), inbox_(inbox) {}

  void Work() {
    while (!caller_.weather().over.HasBeenNotified()) {
      const std::optional<std::string> id = inbox_.Take(absl::Now() + kLookAround);
      if (!id) continue;
      const absl::Status done = Answer(*id);
      if (!done.ok()) caller_.Unexpected("expert", done);
    }
  }

 private:
  absl::Status Answer(const std::string& id) {
    consultation::v1::ClaimConsultationRequest claim;
    claim.set_request_id(NewId());
    claim.set_consultation_id(id);
    ASSIGN_OR_RETURN(const auto claimed,
                     caller_.Call<ConsultationService>(
                         "consultation", &ConsultationService::Stub::ClaimConsultation, claim));
    consultation::v1::SignOpinionRequest sign;
    sign.set_request_id(NewId());
    sign.set_consultation_id(id);
    sign.set_lease_epoch(claimed.lease_epoch());
    sign.mutable_content()->set_impression("急性冠脉综合征可能");
    sign.mutable_content()->set_advice("心电监护下转运");
    RETURN_IF_ERROR(caller_
                        .Call<ConsultationService>("consultation",
                                                   &ConsultationService::Stub::SignOpinion, sign)
                        .status());
    caller_.weather().journal.Signed(id);
    return absl::OkStatus();
  }

  Caller caller_;
  Inbox& inbox_;
};

}  // namespace

absl::StatusOr<std::string> RegisterResident(const ctl::demo::Person& by,
                                             const std::string& organization) {
  ASSIGN_OR_RETURN(const auto answer,
                   by.Call<DirectoryService>("directory", &DirectoryService::Stub::RegisterPatient,
                                             NewPatient(organization)));
  return answer.patient().patient_id();
}

NewResident NextResident() {
  static std::atomic<int> next{0};
  const int n = next++;
  // Born in the twenties, when nobody of the demo region was; the serial of a man is odd.
  NewResident resident;
  resident.birth_date = fmt::format("{}-{:02}-{:02}", 1920 + n / (499 * 336),
                                    n / (499 * 28) % 12 + 1, n / 499 % 28 + 1);
  resident.national_id = ctl::demo::NationalId(resident.birth_date, 1 + 2 * (n % 499));
  return resident;
}

void Inbox::Put(std::string id) {
  absl::MutexLock lock(&mutex_);
  ids_.push_back(std::move(id));
}

std::optional<std::string> Inbox::Take(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto filled = [&] { return !ids_.empty(); };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&filled), deadline)) return std::nullopt;
  std::string id = std::move(ids_.front());
  ids_.pop_front();
  return id;
}

People::~People() { Join(); }

absl::Status People::Start(const std::string& run) {
  // Each township refers within its own consortium, where seats are reserved for it.
  constexpr std::array kTownships = {
      std::pair("taoxi", "first"),  std::pair("shiqiao", "first"), std::pair("qingshan", "first"),
      std::pair("baiyun", "first"), std::pair("liuhe", "central"), std::pair("longquan", "central"),
  };
  for (const char* hospital : {"first", "central"}) {
    triage_[hospital] = std::make_unique<Inbox>();
    questions_[hospital] = std::make_unique<Inbox>();
  }
  for (const auto& [township, hospital] : kTownships) {
    RETURN_IF_ERROR(StartDoctor(township, hospital, run));
  }
  for (const char* hospital : {"first", "central"}) {
    RETURN_IF_ERROR(StartCoordinator(hospital));
    RETURN_IF_ERROR(StartCoordinator(hospital));
    RETURN_IF_ERROR(StartExpert(hospital));
  }
  return absl::OkStatus();
}

absl::Status People::StartDoctor(const std::string& township, const std::string& hospital,
                                 const std::string& run) {
  ASSIGN_OR_RETURN(ctl::demo::Person person,
                   ctl::demo::Person::SignIn(region_, "doctor." + township));
  auto doctor = std::make_shared<Doctor>(Caller(std::move(person), weather_), township, hospital,
                                         run, *triage_[hospital], *questions_[hospital]);
  threads_.emplace_back([doctor] { doctor->Work(); });
  return absl::OkStatus();
}

absl::Status People::StartCoordinator(const std::string& hospital) {
  ASSIGN_OR_RETURN(ctl::demo::Person person,
                   ctl::demo::Person::SignIn(region_, "coordinator." + hospital));
  auto coordinator = std::make_shared<Coordinator>(Caller(std::move(person), weather_), hospital,
                                                   *triage_[hospital]);
  threads_.emplace_back([coordinator] { coordinator->Work(); });
  return absl::OkStatus();
}

absl::Status People::StartExpert(const std::string& hospital) {
  ASSIGN_OR_RETURN(
      ctl::demo::Person person,
      ctl::demo::Person::SignIn(region_, fmt::format("expert.{}.cardiology", hospital)));
  auto expert =
      std::make_shared<Expert>(Caller(std::move(person), weather_), *questions_[hospital]);
  threads_.emplace_back([expert] { expert->Work(); });
  return absl::OkStatus();
}

void People::Join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace yilian::chaos
