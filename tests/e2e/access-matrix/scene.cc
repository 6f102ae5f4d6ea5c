#include "tests/e2e/access-matrix/scene.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "services/ctl/demo/catalogue.h"
#include "tests/e2e/access-matrix/scheduling_rows.h"

namespace yilian::e2e {
namespace {

using google::protobuf::Message;
using test_support::RegionCaller;
using test_support::TextOf;

constexpr absl::Duration kPatience = absl::Seconds(30);

std::string Base64(std::string_view bytes) {
  return absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()));
}

// One thread.
class Play {
 public:
  explicit Play(People& people) : people_(people) {}

  absl::StatusOr<Scene> Run() {
    ASSIGN_OR_RETURN(doctor_, people_.Demo("doctor.taoxi"));
    ASSIGN_OR_RETURN(coordinator_, people_.Demo("coordinator.first"));
    ASSIGN_OR_RETURN(family_, people_.Demo("family.heping"));
    RETURN_IF_ERROR(Patients());
    RETURN_IF_ERROR(Referrals());
    RETURN_IF_ERROR(DownReferral());
    RETURN_IF_ERROR(Advice());
    RETURN_IF_ERROR(Attachments());
    RETURN_IF_ERROR(Consultations());
    RETURN_IF_ERROR(ConsentsAndStays());
    RETURN_IF_ERROR(Reports());
    RETURN_IF_ERROR(Contract());
    RETURN_IF_ERROR(AddSchedulingRows(people_, patient_, scene_));
    Open("organization",
         {{"organization_id", OrganizationId("taoxi")},
          {"performing_organization_id", OrganizationId("taoxi")},
          {"acting_organization_id", OrganizationId("taoxi")}},
         "taoxi");
    Open("department", {{"department_id", DepartmentId("first.cardiology")}}, "first");
    return std::move(scene_);
  }

 private:
  using Made = absl::StatusOr<std::unique_ptr<Message>>;

  void Add(std::string name, FieldValues ids, std::string own, std::string party) {
    scene_.Add(std::move(name), std::move(ids), std::move(own), std::move(party));
  }

  void Open(std::string name, FieldValues ids, std::string own) {
    Add(std::move(name), std::move(ids), std::move(own), "");
    scene_.rows.back().open = true;
  }

  absl::StatusOr<std::string> Register(const RegionCaller& by, std::string_view organization,
                                       std::string_view name, std::string_view more = "") {
    ASSIGN_OR_RETURN(
        const auto made,
        by.Call("RegisterPatient",
                fmt::format(R"({{"organization_id": "{}", "name": "{}", "sex": "SEX_FEMALE",
                                 "birth_date": "1975-06-07"{}}})",
                            OrganizationId(organization), name, more)));
    return TextOf(*made, "patient.patient_id");
  }

  absl::Status Patients() {
    ASSIGN_OR_RETURN(
        patient_,
        Register(*doctor_, "taoxi", "矩阵病人",
                 R"(, "identifiers": [{"issuer": "CN-INSURANCE", "value": "MATRIX0001"}])"));
    ASSIGN_OR_RETURN(in_care_, Register(*doctor_, "taoxi", "住院病人"));
    ASSIGN_OR_RETURN(const std::string twin, Register(*doctor_, "taoxi", "阵中另一人"));
    Add("patient",
        {{"patient_id", patient_},
         {"surviving_patient_id", patient_},
         {"merged_patient_id", twin},
         {"PatientIdentifier.value", "MATRIX0001"}},
        "taoxi", "first");
    Add("patient in hospital", {{"patient_id", in_care_}}, "taoxi", "first");
    scene_.own_patient["taoxi"] = patient_;
    // A record that was closed: what became of it is for those who may see it.
    ASSIGN_OR_RETURN(const std::string kept, Register(*doctor_, "taoxi", "留下的档案"));
    ASSIGN_OR_RETURN(const std::string closed, Register(*doctor_, "taoxi", "并走的档案"));
    ASSIGN_OR_RETURN(const RegionCaller his, people_.System("taoxi"));
    RETURN_IF_ERROR(his.Call("MergePatients", fmt::format(R"({{"surviving_patient_id": "{}",
                                              "merged_patient_id": "{}", "reason": "重复"}})",
                                                          kept, closed))
                        .status());
    Add("patient whose record was merged", {{"patient_id", closed}}, "taoxi", "");
    for (const std::string organization : {"first", "heping", "shiqiao", "central"}) {
      ASSIGN_OR_RETURN(const RegionCaller own, people_.System(organization));
      ASSIGN_OR_RETURN(scene_.own_patient[organization],
                       Register(own, organization, "自家病人" + organization));
    }
    ASSIGN_OR_RETURN(const RegionCaller stranger, people_.System("shiqiao"));
    ASSIGN_OR_RETURN(scene_.own_referral["shiqiao"],
                     Refer(stranger, scene_.own_patient["shiqiao"], "乏力", ""));
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Refer(const RegionCaller& by, const std::string& patient,
                                    std::string_view complaint, std::string_view more) {
    ASSIGN_OR_RETURN(
        const auto made,
        by.Call("CreateReferral", fmt::format(R"({{"patient_id": "{}", "direction": "DIRECTION_UP",
                                 "channel": "CHANNEL_GREEN", "setting": "SETTING_OUTPATIENT",
                                 "urgency": "URGENCY_URGENT", "receiving_organization_id": "{}",
                                 "receiving_department_id": "{}", "patient_consented": true,
                                 "summary": {{"complaint": "{}",
                                              "diagnosis": {{"code": "R07"}}}}{}}})",
                                              patient, OrganizationId("first"),
                                              DepartmentId("first.cardiology"), complaint, more)));
    return TextOf(*made, "referral_id");
  }

  // Reads it, and moves it on with what was read.
  Made Move(const RegionCaller& by, std::string_view method, const std::string& referral,
            std::string_view more = "") {
    ASSIGN_OR_RETURN(const auto now, by.Call("GetReferral", IdJson("referral_id", referral)));
    return by.Call(method, fmt::format(R"({{"referral_id": "{}", "etag": "{}"{}}})", referral,
                                       TextOf(*now, "etag"), more));
  }

  absl::StatusOr<std::string> AwaitBooking(const std::string& referral) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (absl::Now() < deadline) {
      ASSIGN_OR_RETURN(const auto now,
                       doctor_->Call("GetReferral", IdJson("referral_id", referral)));
      if (TextOf(*now, "state") == "STATE_SCHEDULED") return TextOf(*now, "booking.booking_id");
    }
    return absl::DeadlineExceededError("the referral was not booked");
  }

  absl::Status Referrals() {
    ASSIGN_OR_RETURN(const std::string draft, Refer(*doctor_, patient_, "胸痛", ""));
    // The receiver learns of a draft when it is submitted.
    Add("referral, draft", {{"referral_id", draft}}, "taoxi", "");
    ASSIGN_OR_RETURN(submitted_, Refer(*doctor_, patient_, "胸闷", R"(, "submit": true)"));
    Add("referral, submitted", Referral(submitted_), "taoxi", "first");
    scene_.own_referral["taoxi"] = draft;
    ASSIGN_OR_RETURN(const std::string booked,
                     Refer(*doctor_, patient_, "心悸", R"(, "submit": true)"));
    RETURN_IF_ERROR(Move(*coordinator_, "AcceptReferral", booked).status());
    ASSIGN_OR_RETURN(const std::string booking, AwaitBooking(booked));
    Add("referral, booked", Referral(booked), "taoxi", "first");
    Add("booking", {{"booking_id", booking}}, "taoxi", "first");
    return absl::OkStatus();
  }

  absl::Status DownReferral() {
    ASSIGN_OR_RETURN(const std::string up,
                     Refer(*doctor_, in_care_, "气促", R"(, "submit": true)"));
    RETURN_IF_ERROR(Move(*coordinator_, "AcceptReferral", up).status());
    RETURN_IF_ERROR(AwaitBooking(up).status());
    RETURN_IF_ERROR(Move(*coordinator_, "ArriveReferral", up).status());
    RETURN_IF_ERROR(Move(*coordinator_, "BeginCare", up).status());
    Add("referral, in care", Referral(up), "taoxi", "first");
    ASSIGN_OR_RETURN(const RegionCaller ward, people_.Demo("doctor.first.cardiology"));
    ASSIGN_OR_RETURN(const auto plan,
                     ward.Call("CreateReferral",
                               fmt::format(R"({{"patient_id": "{}", "direction": "DIRECTION_DOWN",
                             "channel": "CHANNEL_STANDARD", "setting": "SETTING_OUTPATIENT",
                             "urgency": "URGENCY_ROUTINE", "receiving_organization_id": "{}",
                             "submit": true, "patient_consented": true,
                             "care_plan": {{"discharge_summary": "好转出院",
                               "tasks": [{{"instruction": "复查", "due_date": "{}"}}]}}}})",
                                           in_care_, OrganizationId("heping"),
                                           absl::FormatTime("%F", absl::Now() + absl::Hours(48),
                                                            absl::FixedTimeZone(8 * 3600)))));
    const std::string down = TextOf(*plan, "referral_id");
    RETURN_IF_ERROR(Move(*family_, "AcceptReferral", down).status());
    FieldValues ids = Referral(down);
    ids["task_id"] = TextOf(*plan, "care_plan.tasks.0.task_id");
    Add("down-referral with a task", ids, "first", "heping");
    return absl::OkStatus();
  }

  absl::Status Advice() {
    ASSIGN_OR_RETURN(
        const auto asked,
        doctor_->Call(
            "AskAdvice",
            fmt::format(R"({{"patient_id": "{}", "urgency": "URGENCY_ROUTINE",
                                       "advising_organization_id": "{}",
                                       "advising_department_id": "{}", "question": "需要转诊吗？",
                                       "patient_consented": true}})",
                        patient_, OrganizationId("first"), DepartmentId("first.cardiology"))));
    Add("advice", {{"advice_id", TextOf(*asked, "advice_id")}}, "taoxi", "first");
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Upload(const std::string& content) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest);
    const std::string_view sum(reinterpret_cast<const char*>(digest), sizeof(digest));
    ASSIGN_OR_RETURN(
        const auto begun,
        doctor_->Call("BeginUpload", fmt::format(R"({{"referral_id": "{}", "name": "a.txt",
                                       "media_type": "MEDIA_TYPE_TEXT", "size": "{}",
                                       "sha256": "{}"}})",
                                                 submitted_, content.size(), Base64(sum))));
    return TextOf(*begun, "upload_id");
  }

  absl::Status Attachments() {
    const std::string content = "a letter";
    ASSIGN_OR_RETURN(const std::string whole, Upload(content));
    RETURN_IF_ERROR(doctor_
                        ->Call("WriteUpload", fmt::format(R"({{"upload_id": "{}",
                                                              "content": "{}"}})",
                                                          whole, Base64(content)))
                        .status());
    ASSIGN_OR_RETURN(const auto attachment,
                     doctor_->Call("CompleteUpload", IdJson("upload_id", whole)));
    Add("attachment", {{"attachment_id", TextOf(*attachment, "attachment_id")}}, "taoxi", "first");
    ASSIGN_OR_RETURN(const std::string begun, Upload("another letter"));
    Add("upload", {{"upload_id", begun}}, "taoxi", "");
    return absl::OkStatus();
  }

  absl::Status Consultations() {
    for (const std::string state : {"requested", "claimed"}) {
      ASSIGN_OR_RETURN(
          const auto asked,
          doctor_->Call("RequestConsultation",
                        fmt::format(R"({{"patient_id": "{}", "kind": "KIND_REMOTE_CONSULTATION",
                                         "urgency": "URGENCY_ROUTINE",
                                         "consulted_organization_id": "{}",
                                         "specialty": "CARDIOLOGY", "question": "请会诊",
                                         "patient_consented": true}})",
                                    patient_, OrganizationId("first"))));
      const std::string id = TextOf(*asked, "consultation_id");
      if (state == "claimed") {
        ASSIGN_OR_RETURN(const RegionCaller expert, people_.Demo("expert.first.cardiology"));
        RETURN_IF_ERROR(expert.Call("ClaimConsultation", IdJson("consultation_id", id)).status());
      }
      Add("consultation, " + state, {{"consultation_id", id}}, "taoxi", "first");
      if (state != "requested") continue;
      ASSIGN_OR_RETURN(const auto session,
                       doctor_->Call("OpenLiveSession", IdJson("consultation_id", id)));
      Add("live session", {{"live_session_id", TextOf(*session, "live_session_id")}}, "taoxi",
          "first");
    }
    return absl::OkStatus();
  }

  absl::Status ConsentsAndStays() {
    ASSIGN_OR_RETURN(
        const auto consent,
        doctor_->Call("RecordConsent",
                      fmt::format(R"({{"patient_id": "{}", "purpose": "CONSENT_PURPOSE_RESEARCH",
                                       "evidence": "病历第三页"}})",
                                  patient_)));
    Add("consent", {{"consent_id", TextOf(*consent, "consent_id")}}, "taoxi", "first");
    ASSIGN_OR_RETURN(const RegionCaller his, people_.System("taoxi"));
    RETURN_IF_ERROR(
        his.Call("RecordAdmission",
                 fmt::format(R"({{"patient_id": "{}", "organization_id": "{}",
                                  "visit_number": "MATRIX-VISIT", "admitted_at": "{}"}})",
                             patient_, OrganizationId("taoxi"),
                             absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now() - absl::Hours(1),
                                              absl::UTCTimeZone())))
            .status());
    Add("admission", {{"visit_number", "MATRIX-VISIT"}}, "taoxi", "");
    return absl::OkStatus();
  }

  absl::Status Reports() {
    ASSIGN_OR_RETURN(const RegionCaller lis, people_.System("taoxi"));
    ASSIGN_OR_RETURN(
        const auto report,
        lis.Call("IngestReport",
                 fmt::format(R"({{"patient_id": "{}", "performing_organization_id": "{}",
                                  "filler_order_number": "MATRIX-1",
                                  "code": {{"system": "LN", "code": "2823-3"}},
                                  "status": "RESULT_STATUS_FINAL",
                                  "observations": [{{"code": {{"system": "LN", "code": "2823-3"}},
                                    "value_type": "VALUE_TYPE_NUMERIC", "value": "6.90",
                                    "unit": "mmol/L", "status": "RESULT_STATUS_FINAL"}}]}})",
                             patient_, OrganizationId("taoxi"))));
    Add("report", {{"report_id", TextOf(*report, "report_id")}}, "taoxi", "first");
    Add("report of the patient",
        {{"report_id", TextOf(*report, "report_id")}, {"patient_id", patient_}}, "taoxi", "first");
    ASSIGN_OR_RETURN(
        const auto waiting,
        lis.Call("ListCriticalValues", R"({"worklist": "CRITICAL_WORKLIST_TO_NOTIFY"})"));
    Add("critical value",
        {{"critical_value_id", TextOf(*waiting, "critical_values.0.critical_value_id")}}, "taoxi",
        "first");
    return Grants(lis);
  }

  // Of a sensitive report: to those who treat the patient as well, it looks like none without one.
  absl::Status Grants(const RegionCaller& lis) {
    RETURN_IF_ERROR(
        lis.Call("IngestReport",
                 fmt::format(R"({{"patient_id": "{}", "performing_organization_id": "{}",
                                  "filler_order_number": "MATRIX-2",
                   "code": {{"system": "LN", "code": "7918-6"}}, "status": "RESULT_STATUS_FINAL"}})",
                             patient_, OrganizationId("taoxi")))
            .status());
    ASSIGN_OR_RETURN(
        const auto grant,
        lis.Call("GrantSensitiveAccess",
                 fmt::format(R"({{"patient_id": "{}", "reader_organization_id": "{}",
                            "sensitive_classes": ["SENSITIVE_CLASS_HIV"], "ends_at": "{}"}})",
                             patient_, OrganizationId("first"),
                             absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now() + absl::Hours(1),
                                              absl::UTCTimeZone()))));
    Add("grant", {{"grant_id", TextOf(*grant, "grant_id")}}, "taoxi", "");
    return absl::OkStatus();
  }

  absl::Status Contract() {
    const std::string doctor = ctl::demo::DemoId("practitioner", "family.heping").ToString();
    const std::string today = absl::FormatTime("%F", absl::Now(), absl::FixedTimeZone(8 * 3600));
    ASSIGN_OR_RETURN(const auto contract,
                     family_->Call("CreateContract",
                                   fmt::format(R"({{"patient_id": "{}", "organization_id": "{}",
                                       "practitioner_id": "{}", "start_date": "{}",
                                       "end_date": "{}"}})",
                                               scene_.own_patient["heping"],
                                               OrganizationId("heping"), doctor, today, today)));
    Add("contract", {{"contract_id", TextOf(*contract, "contract_id")}}, "heping", "");
    ASSIGN_OR_RETURN(const RegionCaller office,
                     people_.Person(policy::v1::ROLE_REFERRAL_COORDINATOR, "heping"));
    ASSIGN_OR_RETURN(
        const auto team,
        office.Call("CreateTeam", fmt::format(R"({{"organization_id": "{}", "name": "矩阵队",
                                                   "leader_practitioner_id": "{}"}})",
                                              OrganizationId("heping"), doctor)));
    Open("team", {{"team_id", TextOf(*team, "team_id")}}, "heping");
    return absl::OkStatus();
  }

  static FieldValues Referral(const std::string& id) {
    return {{"referral_id", id}, {"follows_referral_id", id}, {"replaces_referral_id", id}};
  }
  static std::string IdJson(std::string_view field, const std::string& id) {
    return fmt::format(R"({{"{}": "{}"}})", field, id);
  }

  People& people_;
  Scene scene_;
  std::optional<RegionCaller> doctor_;
  std::optional<RegionCaller> coordinator_;
  std::optional<RegionCaller> family_;
  std::string patient_;
  std::string in_care_;
  std::string submitted_;
};

}  // namespace

absl::StatusOr<Scene> MakeScene(People& people) { return Play(people).Run(); }

}  // namespace yilian::e2e
