#include "services/ctl/demo/journey.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/base/status_macros.h"
#include "common/crypto/es256.h"
#include "common/status/error.h"
#include "services/ctl/demo/catalogue.h"
#include "services/ctl/demo/messages.h"
#include "services/ctl/demo/mllp.h"
#include "yilian/consultation/v1/consultation.grpc.pb.h"
#include "yilian/directory/v1/directory.grpc.pb.h"
#include "yilian/lab/v1/critical.grpc.pb.h"
#include "yilian/lab/v1/lab.grpc.pb.h"
#include "yilian/referral/v1/referral.grpc.pb.h"

namespace yilian::ctl::demo {
namespace {

using consultation::v1::ConsultationService;
using directory::v1::DirectoryService;
using lab::v1::CriticalValueService;
using lab::v1::LabService;
using referral::v1::ReferralService;

constexpr absl::Duration kAcknowledgement = absl::Seconds(20);

std::string OrganizationId(std::string_view key) { return DemoId("organization", key).ToString(); }

absl::Status Expected(bool holds, std::string_view what) {
  return holds ? absl::OkStatus() : absl::FailedPreconditionError(fmt::format("expected {}", what));
}

// A person who has not been here before: the serial and the day come from the clock and from
// chance.
MessagePatient NewPatient() {
  unsigned char random[4];
  RAND_bytes(random, sizeof(random));
  const int serial = (random[0] << 8 | random[1]) % 499 * 2 + 1;  // odd: a man
  const int year = 1930 + random[2] % 60;
  const int day_of_year = random[3] % 28 + 1;
  const int month = random[2] % 12 + 1;
  const std::string birth = fmt::format("{}-{:02}-{:02}", year, month, day_of_year);
  return {.national_id = NationalId(birth, serial),
          .record_number = "TX-" + NewId().substr(0, 23),
          .name = "張^誠珅",
          .birth_date = fmt::format("{}{:02}{:02}", year, month, day_of_year),
          .sex = 'M'};
}

}  // namespace

absl::Status Journey::Step(std::string_view who, std::string_view what,
                           const std::function<absl::StatusOr<std::string>()>& act) {
  const absl::Time start = absl::Now();
  const absl::StatusOr<std::string> result = act();
  const double took = absl::ToDoubleMilliseconds(absl::Now() - start);
  ++steps_;
  fmt::print("  {} {:>2}  {} {}{}{}  ({:.0f} ms)\n", result.ok() ? "✓" : "✗", steps_, who, what,
             result.ok() && !result->empty() ? ": " : "", result.ok() ? *result : "", took);
  std::fflush(stdout);
  return result.status();
}

absl::Status Journey::Play() {
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(SignEverybodyIn());
  RETURN_IF_ERROR(SendMessages());
  RETURN_IF_ERROR(ReferUp());
  RETURN_IF_ERROR(AcceptAndBook());
  RETURN_IF_ERROR(Consult());
  RETURN_IF_ERROR(ReferDown());
  RETURN_IF_ERROR(CheckStream());
  RETURN_IF_ERROR(CheckRates());
  RETURN_IF_ERROR(CheckStranger());
  RETURN_IF_ERROR(CheckAudit());
  fmt::print("  the whole journey: {} steps in {:.1f} s\n", steps_,
             absl::ToDoubleSeconds(absl::Now() - start));
  fmt::print(
      "  look at it: yilianctl sign-in doctor.taoxi && yilianctl call --as doctor.taoxi "
      "GetReferral "
      "'{{\"referral_id\": \"{}\"}}'\n",
      referral_id_);
  return absl::OkStatus();
}

absl::Status Journey::SignEverybodyIn() {
  return Step("five people", "sign in", [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(doctor_, Person::SignIn(region_, "doctor.taoxi"));
    ASSIGN_OR_RETURN(coordinator_, Person::SignIn(region_, "coordinator.first"));
    ASSIGN_OR_RETURN(expert_, Person::SignIn(region_, "expert.first.cardiology"));
    ASSIGN_OR_RETURN(family_, Person::SignIn(region_, "family.heping"));
    ASSIGN_OR_RETURN(stranger_, Person::SignIn(region_, "doctor.central.cardiology"));
    ASSIGN_OR_RETURN(referral_events_, Following::Start(*doctor_, "referral"));
    ASSIGN_OR_RETURN(consultation_events_, Following::Start(*doctor_, "consultation"));
    ASSIGN_OR_RETURN(lab_events_, Following::Start(*doctor_, "lab"));
    return "township, hospital, community centre, and a hospital that is no party";
  });
}

absl::Status Journey::SendMessages() {
  const MessagePatient patient = NewPatient();
  national_id_ = patient.national_id;
  ASSIGN_OR_RETURN(const std::string address, region_.ConfigValue("gateway", "mllp.0.listen"));
  ASSIGN_OR_RETURN(const std::unique_ptr<MllpSender> sender, MllpSender::Connect(address));
  const auto send = [&](const std::string& message) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const std::string answer, sender->Exchange(message, kAcknowledgement));
    const std::string code = AcknowledgementCode(answer);
    RETURN_IF_ERROR(Expected(code == "AA", "AA, got " + answer));
    return "acknowledged AA after COMMIT";
  };
  RETURN_IF_ERROR(Step("桃溪镇卫生院 HIS", "registers a patient, ADT^A04 in UTF-8 over MLLP", [&] {
    return send(RegisterMessage(patient, "A04-" + NewId().substr(9), "UNICODE UTF-8", absl::Now()));
  }));
  RETURN_IF_ERROR(Step(
      "桃溪镇卫生院 LIS", "sends a report, ORU^R01 in GB18030 over MLLP",
      [&]() -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const std::string message,
                         ToGb18030(ReportMessage(patient, "R01-" + NewId().substr(9),
                                                 "TXL-" + NewId(), "GB 18030-2000", absl::Now())));
        return send(message);
      }));
  if (samples_.empty()) return absl::OkStatus();
  return Step("public HL7 v2 samples", "are sent as well", [&] { return SendSamples(); });
}

absl::StatusOr<std::string> Journey::SendSamples() {
  ASSIGN_OR_RETURN(const std::string address, region_.ConfigValue("gateway", "mllp.0.listen"));
  std::map<std::string, int> answers;
  int sent = 0;
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(samples_, error)) {
    if (entry.path().extension() == ".hl7") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    // A connection each: a sender that was refused may be cut off.
    ASSIGN_OR_RETURN(const std::unique_ptr<MllpSender> sender, MllpSender::Connect(address));
    ++sent;
    const std::string message = WithControlId(text.str(), NewId().substr(16));
    if (!AsksForAnswer(message)) {
      RETURN_IF_ERROR(sender->Send(message));
      ++answers["not to be answered"];
      continue;
    }
    ASSIGN_OR_RETURN(const std::string answer, sender->Exchange(message, kAcknowledgement));
    const std::string code = AcknowledgementCode(answer);
    RETURN_IF_ERROR(Expected(!code.empty(), "an acknowledgement of " + path.filename().string()));
    ++answers[code];
  }
  std::string summary = fmt::format("{} messages", sent);
  for (const auto& [code, count] : answers) summary += fmt::format(", {} {}", count, code);
  return summary;
}

absl::StatusOr<referral::v1::Referral> Journey::ReadReferral(const Person& reader,
                                                             const std::string& id) const {
  referral::v1::GetReferralRequest request;
  request.set_referral_id(id);
  return reader.Call<ReferralService>("referral", &ReferralService::Stub::GetReferral, request);
}

absl::StatusOr<std::string> Journey::ReadBackPotassium() {
  lab::v1::CriticalValueChanged detected;
  RETURN_IF_ERROR(lab_events_
                      ->Await("the critical value's event",
                              [&](const event::v1::Event& event) {
                                return event.type() == "CriticalValueDetected" &&
                                       event.payload().UnpackTo(&detected) &&
                                       detected.report_id() == report_id_;
                              })
                      .status());
  const std::string& id = detected.critical_value_id();
  lab::v1::GetCriticalValueRequest get;
  get.set_critical_value_id(id);
  ASSIGN_OR_RETURN(const lab::v1::CriticalValue found,
                   doctor_->Call<CriticalValueService>(
                       "lab", &CriticalValueService::Stub::GetCriticalValue, get));
  RETURN_IF_ERROR(Expected(found.code().code() == "2823-3", "potassium, the first of the report"));
  lab::v1::ReadBackCriticalValueRequest read_back;
  read_back.set_request_id(NewId());
  read_back.set_critical_value_id(id);
  read_back.set_value("6.8");
  RETURN_IF_ERROR(doctor_
                      ->Call<CriticalValueService>(
                          "lab", &CriticalValueService::Stub::ReadBackCriticalValue, read_back)
                      .status());
  lab::v1::RecordCriticalActionRequest action;
  action.set_request_id(NewId());
  action.set_critical_value_id(id);
  action.set_action("静脉推注葡萄糖酸钙，联系上级医院");
  ASSIGN_OR_RETURN(const lab::v1::CriticalValue acted,
                   doctor_->Call<CriticalValueService>(
                       "lab", &CriticalValueService::Stub::RecordCriticalAction, action));
  RETURN_IF_ERROR(Expected(acted.state() == lab::v1::CRITICAL_STATE_ACTED, "ACTED"));
  return fmt::format("危急值 {} {}: {} s after the report came in", acted.limit(), acted.value(),
                     acted.acted().at().seconds() - acted.detected_at().seconds());
}

absl::Status Journey::ReferUp() {
  RETURN_IF_ERROR(Step(
      "township doctor", "finds the patient and reads the report",
      [&]() -> absl::StatusOr<std::string> {
        directory::v1::FindPatientRequest find;
        find.set_national_id(national_id_);
        ASSIGN_OR_RETURN(const directory::v1::Patient patient,
                         doctor_->Call<DirectoryService>(
                             "directory", &DirectoryService::Stub::FindPatient, find));
        RETURN_IF_ERROR(Expected(patient.name() == "張誠珅", "the name as the HIS sent it"));
        patient_id_ = patient.patient_id();
        lab::v1::ListReportsRequest list;
        list.set_patient_id(patient_id_);
        ASSIGN_OR_RETURN(const lab::v1::ListReportsResponse reports,
                         doctor_->Call<LabService>("lab", &LabService::Stub::ListReports, list));
        RETURN_IF_ERROR(Expected(reports.reports_size() == 1, "one report"));
        const lab::v1::Report& report = reports.reports(0);
        report_id_ = report.report_id();
        RETURN_IF_ERROR(Expected(report.observations_size() == 3, "three observations"));
        RETURN_IF_ERROR(
            Expected(report.observations(0).value() == "6.80", "potassium as sent: 6.80"));
        RETURN_IF_ERROR(
            Expected(report.observations(1).value() == ">0.50", "troponin as sent: >0.50"));
        return "血钾 6.80 mmol/L HH, 肌钙蛋白T >0.50 ng/mL HH";
      }));
  RETURN_IF_ERROR(Step("township doctor", "reads the critical potassium back and acts",
                       [&] { return ReadBackPotassium(); }));
  return Step(
      "township doctor", "refers up on the green channel, citing the report",
      [&]() -> absl::StatusOr<std::string> {
        referral::v1::CreateReferralRequest request;
        request.set_request_id(NewId());
        request.set_patient_id(patient_id_);
        request.set_direction(referral::v1::DIRECTION_UP);
        request.set_channel(referral::v1::CHANNEL_GREEN);
        request.set_setting(referral::v1::SETTING_OUTPATIENT);
        request.set_urgency(referral::v1::URGENCY_URGENT);
        request.set_receiving_organization_id(OrganizationId("first"));
        request.set_receiving_department_id(DemoId("department", "first.cardiology").ToString());
        request.mutable_summary()->set_complaint("胸闷、胸痛两小时");
        request.mutable_summary()->mutable_diagnosis()->set_system("I10");
        request.mutable_summary()->mutable_diagnosis()->set_code("I20.0");
        request.mutable_summary()->mutable_diagnosis()->set_display("不稳定型心绞痛");
        auto* citation = request.add_citations();
        citation->set_kind(referral::v1::Citation::KIND_LAB_REPORT);
        citation->set_id(report_id_);
        request.set_submit(true);
        request.set_patient_consented(true);
        ASSIGN_OR_RETURN(const referral::v1::Referral referral,
                         doctor_->Call<ReferralService>(
                             "referral", &ReferralService::Stub::CreateReferral, request));
        RETURN_IF_ERROR(Expected(referral.state() == referral::v1::STATE_SUBMITTED, "SUBMITTED"));
        RETURN_IF_ERROR(Expected(!referral.citations_unchecked(), "with a report that is there"));
        referral_id_ = referral.referral_id();
        return fmt::format("市第一人民医院 心血管内科, answer due in {} min",
                           (referral.due_at().seconds() - referral.submitted_at().seconds()) / 60);
      });
}

absl::Status Journey::AcceptAndBook() {
  RETURN_IF_ERROR(Step(
      "hospital coordinator", "sees it on the worklist and accepts",
      [&]() -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const referral::v1::Referral read,
                         ReadReferral(*coordinator_, referral_id_));
        referral::v1::ListReferralsRequest list;
        list.set_worklist(referral::v1::WORKLIST_TO_TRIAGE);
        list.mutable_page()->set_page_size(200);
        ASSIGN_OR_RETURN(const referral::v1::ListReferralsResponse worklist,
                         coordinator_->Call<ReferralService>(
                             "referral", &ReferralService::Stub::ListReferrals, list));
        const bool listed =
            std::any_of(worklist.referrals().begin(), worklist.referrals().end(),
                        [&](const auto& one) { return one.referral_id() == referral_id_; });
        RETURN_IF_ERROR(Expected(listed || !worklist.page().next_page_token().empty(),
                                 "the referral on the worklist"));
        referral::v1::AcceptReferralRequest accept;
        accept.set_request_id(NewId());
        accept.set_referral_id(referral_id_);
        accept.set_etag(read.etag());
        ASSIGN_OR_RETURN(const referral::v1::Referral accepted,
                         coordinator_->Call<ReferralService>(
                             "referral", &ReferralService::Stub::AcceptReferral, accept));
        RETURN_IF_ERROR(Expected(accepted.state() == referral::v1::STATE_ACCEPTED, "ACCEPTED"));
        return "";
      }));
  return Step(
      "saga referral + scheduling", "holds and books a reserved seat",
      [&]() -> absl::StatusOr<std::string> {
        RETURN_IF_ERROR(referral_events_
                            ->Await("the event ReferralScheduled",
                                    [&](const event::v1::Event& event) {
                                      return event.aggregate_id() == referral_id_ &&
                                             event.type() == "ReferralScheduled";
                                    })
                            .status());
        ASSIGN_OR_RETURN(const referral::v1::Referral booked, ReadReferral(*doctor_, referral_id_));
        RETURN_IF_ERROR(Expected(booked.state() == referral::v1::STATE_SCHEDULED, "SCHEDULED"));
        return fmt::format(
            "seat {} at {}", booked.booking().seat_number(),
            absl::FormatTime("%F %H:%M",
                             absl::FromUnixSeconds(booked.booking().starts_at().seconds()),
                             absl::FixedTimeZone(8 * 3600)));
      });
}

absl::Status Journey::Consult() {
  consultation::v1::Consultation consultation;
  RETURN_IF_ERROR(Step(
      "township doctor", "asks for a remote consultation", [&]() -> absl::StatusOr<std::string> {
        consultation::v1::RequestConsultationRequest request;
        request.set_request_id(NewId());
        request.set_patient_id(patient_id_);
        request.set_kind(consultation::v1::KIND_REMOTE_CONSULTATION);
        request.set_urgency(consultation::v1::URGENCY_EMERGENCY);
        request.set_consulted_organization_id(OrganizationId("first"));
        request.set_specialty("CARDIOLOGY");
        request.set_question("转运前是否需要先行抗凝？");
        auto* evidence = request.add_evidence();
        evidence->set_kind(consultation::v1::Evidence::KIND_LAB_REPORT);
        evidence->set_id(report_id_);
        request.set_referral_id(referral_id_);
        request.set_patient_consented(true);
        ASSIGN_OR_RETURN(
            consultation,
            doctor_->Call<ConsultationService>(
                "consultation", &ConsultationService::Stub::RequestConsultation, request));
        consultation_id_ = consultation.consultation_id();
        return "";
      }));
  RETURN_IF_ERROR(Step(
      "hospital expert", "claims it, reads the report and signs an opinion",
      [&]() -> absl::StatusOr<std::string> {
        consultation::v1::ClaimConsultationRequest claim;
        claim.set_request_id(NewId());
        claim.set_consultation_id(consultation_id_);
        ASSIGN_OR_RETURN(consultation,
                         expert_->Call<ConsultationService>(
                             "consultation", &ConsultationService::Stub::ClaimConsultation, claim));
        lab::v1::GetReportRequest read;
        read.set_report_id(report_id_);
        ASSIGN_OR_RETURN(const lab::v1::Report report,
                         expert_->Call<LabService>("lab", &LabService::Stub::GetReport, read));
        RETURN_IF_ERROR(Expected(report.observations(0).value() == "6.80", "the cited report"));
        consultation::v1::SignOpinionRequest sign;
        sign.set_request_id(NewId());
        sign.set_consultation_id(consultation_id_);
        sign.set_lease_epoch(consultation.lease_epoch());
        sign.mutable_content()->set_impression("高钾血症合并急性冠脉综合征可能");
        sign.mutable_content()->set_advice("先行降钾处理，心电监护下转运");
        sign.mutable_content()->set_refer_up(true);
        ASSIGN_OR_RETURN(consultation,
                         expert_->Call<ConsultationService>(
                             "consultation", &ConsultationService::Stub::SignOpinion, sign));
        return "";
      }));
  return Step(
      "township doctor", "verifies the signature and acknowledges",
      [&]() -> absl::StatusOr<std::string> {
        consultation::v1::GetConsultationRequest get;
        get.set_consultation_id(consultation_id_);
        ASSIGN_OR_RETURN(consultation,
                         doctor_->Call<ConsultationService>(
                             "consultation", &ConsultationService::Stub::GetConsultation, get));
        const consultation::v1::Opinion& opinion = consultation.opinion();
        ASSIGN_OR_RETURN(const crypto::Es256PublicKey key,
                         crypto::Es256PublicKey::FromPem(opinion.public_key()));
        RETURN_IF_ERROR(
            Expected(key.Verify(opinion.signed_bytes(), opinion.signature()), "a good signature"));
        RETURN_IF_ERROR(Expected(opinion.statement().patient_id() == patient_id_,
                                 "an opinion on this patient"));
        consultation::v1::AcknowledgeOpinionRequest acknowledge;
        acknowledge.set_request_id(NewId());
        acknowledge.set_consultation_id(consultation_id_);
        acknowledge.set_etag(consultation.etag());
        ASSIGN_OR_RETURN(
            consultation,
            doctor_->Call<ConsultationService>(
                "consultation", &ConsultationService::Stub::AcknowledgeOpinion, acknowledge));
        return "先行降钾处理，心电监护下转运";
      });
}

}  // namespace yilian::ctl::demo
