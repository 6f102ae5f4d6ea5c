#include "tests/e2e/canary/story.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/ctl/demo/catalogue.h"

namespace yilian::e2e {
namespace {

using test_support::TextOf;

constexpr absl::Duration kPatience = absl::Seconds(30);

std::string Text(std::string_view what) { return fmt::format("{}，{}", kClinical, what); }
std::string Private(std::string_view what) { return fmt::format("{}，{}", kPrivate, what); }

std::string DayAhead(int days) {
  return absl::FormatTime("%F", absl::Now() + absl::Hours(24 * days),
                          absl::FixedTimeZone(8 * 3600));
}

std::string TimeAgo(absl::Duration ago) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now() - ago, absl::UTCTimeZone());
}

std::string Id(std::string_view field, const std::string& id) {
  return fmt::format(R"({{"{}": "{}"}})", field, id);
}

// The same number with another check character: refused, and to be refused in silence.
std::string WithWrongCheck(const std::string& national_id) {
  std::string wrong = national_id;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  return wrong;
}

}  // namespace

absl::Status Story::Play() {
  RETURN_IF_ERROR(SignIn());
  RETURN_IF_ERROR(Register());
  RETURN_IF_ERROR(SendMessages());
  RETURN_IF_ERROR(ReferUpAndDown());
  RETURN_IF_ERROR(WrongReferrals());
  RETURN_IF_ERROR(Ask());
  RETURN_IF_ERROR(Consult());
  RETURN_IF_ERROR(Attach());
  RETURN_IF_ERROR(Permit());
  return Merge();
}

absl::Status Story::SignIn() {
  ASSIGN_OR_RETURN(doctor_, people_.Demo("doctor.taoxi"));
  ASSIGN_OR_RETURN(coordinator_, people_.Demo("coordinator.first"));
  ASSIGN_OR_RETURN(expert_, people_.Demo("expert.first.cardiology"));
  ASSIGN_OR_RETURN(family_, people_.Demo("family.heping"));
  // What people type into the wrong box.
  RETURN_IF_ERROR(witness_.Refused(
      people_.Nobody(), "SignIn",
      fmt::format(R"({{"user_name": "{}", "password": "{}"}})", Chinese().national_id, kPrivate),
      "SIGN_IN_FAILED"));
  return witness_.Refused(people_.Nobody().WithToken(Chinese().national_id), "GetCaller", "{}",
                          "TOKEN_INVALID");
}

std::string Story::RegisterJson(const Canary& person, std::string_view sex,
                                std::string_view more) const {
  return fmt::format(R"({{"organization_id": "{}", "name": "{}", "sex": "{}", "birth_date": "{}",
                          "phone": "{}", "address": "{}"{}}})",
                     OrganizationId("taoxi"), person.name(), sex, person.birth_date, person.phone,
                     person.address, more);
}

absl::Status Story::Register() {
  const Canary& he = Chinese();
  const Canary& she = Latin();
  const std::string identified = fmt::format(
      R"(, "national_id": "{}", "identifiers": [{{"issuer": "{}", "value": "{}"}},
          {{"issuer": "CN-INSURANCE", "value": "{}"}}])",
      he.national_id, OrganizationId("taoxi"), he.record_number, he.card);
  ASSIGN_OR_RETURN(const auto made, witness_.Done(*doctor_, "RegisterPatient",
                                                  RegisterJson(he, "SEX_MALE", identified)));
  patient_ = TextOf(*made, "patient.patient_id");
  ASSIGN_OR_RETURN(const auto read,
                   witness_.Done(*doctor_, "GetPatient", Id("patient_id", patient_)));
  if (TextOf(*read, "name") != he.name())
    return absl::DataLossError("the patient's name came back otherwise");
  RETURN_IF_ERROR(
      witness_.Done(*doctor_, "FindPatient", Id("national_id", he.national_id)).status());
  // Perhaps the same person, born on another day: a pair for review.
  ASSIGN_OR_RETURN(const auto twin,
                   witness_.Done(*doctor_, "RegisterPatient",
                                 fmt::format(R"({{"organization_id": "{}", "name": "{}",
                                                  "sex": "SEX_MALE", "birth_date": "1952-03-11",
                                                  "phone": "{}"}})",
                                             OrganizationId("taoxi"), he.name(), he.phone)));
  twin_ = TextOf(*twin, "patient.patient_id");
  RETURN_IF_ERROR(witness_
                      .Done(*doctor_, "RegisterPatient",
                            RegisterJson(she, "SEX_FEMALE",
                                         fmt::format(R"(, "national_id": "{}")", she.national_id)))
                      .status());

  const auto refused = [&](std::string_view json_more, std::string_view reason) {
    return witness_.Refused(*doctor_, "RegisterPatient", RegisterJson(he, "SEX_MALE", json_more),
                            reason);
  };
  RETURN_IF_ERROR(refused(fmt::format(R"(, "national_id": "{}")", WithWrongCheck(he.national_id)),
                          "FIELD_INVALID"));
  // Another's number: born on another day, and a woman.
  RETURN_IF_ERROR(
      refused(fmt::format(R"(, "national_id": "{}")", she.national_id), "IDENTITY_CONTRADICTS"));
  RETURN_IF_ERROR(refused(fmt::format(R"(, "identifiers": [{{"issuer": "{}", "value": "{}"}}])",
                                      he.name(), he.record_number),
                          "FIELD_INVALID"));
  RETURN_IF_ERROR(
      witness_.Refused(*doctor_, "RegisterPatient",
                       fmt::format(R"({{"organization_id": "{}", "name": "{}", "sex": "SEX_MALE",
                       "birth_date": "2199-01-01", "phone": "{}", "address": "{}"}})",
                                   OrganizationId("taoxi"), he.name(), he.phone, he.address),
                       "FIELD_INVALID"));
  RETURN_IF_ERROR(witness_.Refused(
      *doctor_, "AddPatientIdentifier",
      fmt::format(R"({{"patient_id": "{}", "identifier": {{"issuer": "CN-INSURANCE",
                       "value": "{}"}}}})",
                  twin_, he.card),
      "IDENTIFIER_TAKEN"));
  return witness_.Refused(*coordinator_, "FindPatient",
                          fmt::format(R"({{"identifier": {{"issuer": "CN-INSURANCE",
                                           "value": "{}"}}}})",
                                      he.card),
                          "NOT_FOUND");
}

absl::StatusOr<std::string> Story::Refer(std::string_view complaint, std::string_view more) {
  ASSIGN_OR_RETURN(
      const auto made,
      witness_.Done(*doctor_, "CreateReferral",
                    fmt::format(R"({{"patient_id": "{}", "direction": "DIRECTION_UP",
                      "channel": "CHANNEL_GREEN", "setting": "SETTING_OUTPATIENT",
                      "urgency": "URGENCY_URGENT", "receiving_organization_id": "{}",
                      "receiving_department_id": "{}", "patient_consented": true,
                      "summary": {{"complaint": "{}", "history": "{}", "treatment": "{}",
                        "question": "{}", "diagnosis": {{"system": "I10", "code": "R50",
                                                         "display": "{}"}}}}{}}})",
                                patient_, OrganizationId("first"), DepartmentId("first.cardiology"),
                                Text(complaint), Text("病史"), Text("治疗"), Text("问题"),
                                Text("诊断"), more)));
  return TextOf(*made, "referral_id");
}

Story::Made Story::Move(const test_support::RegionCaller& by, std::string_view method,
                        const std::string& id, std::string_view more) {
  ASSIGN_OR_RETURN(const auto now, witness_.Done(by, "GetReferral", Id("referral_id", id)));
  return witness_.Done(
      by, method,
      fmt::format(R"({{"referral_id": "{}", "etag": "{}"{}}})", id, TextOf(*now, "etag"), more));
}

absl::Status Story::AwaitBooked(const std::string& id) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (absl::Now() < deadline) {
    ASSIGN_OR_RETURN(const auto now, witness_.Done(*doctor_, "GetReferral", Id("referral_id", id)));
    if (TextOf(*now, "state") == "STATE_SCHEDULED") return absl::OkStatus();
  }
  return absl::DeadlineExceededError("the referral was not booked");
}

absl::Status Story::ReferUpAndDown() {
  ASSIGN_OR_RETURN(referral_, Refer("主诉", R"(, "submit": true)"));
  const auto more = [](std::string_view field, const std::string& text) {
    return fmt::format(R"(, "{}": "{}")", field, text);
  };
  RETURN_IF_ERROR(
      Move(*coordinator_, "ReturnReferral", referral_,
           more("reason", "REASON_CODE_INFORMATION_MISSING") + more("comment", Text("请补充")))
          .status());
  RETURN_IF_ERROR(
      Move(*doctor_, "SubmitReferral", referral_, R"(, "patient_consented": true)").status());
  RETURN_IF_ERROR(
      Move(*coordinator_, "AcceptReferral", referral_,
           more("raised_urgency", "URGENCY_EMERGENCY") + more("urgency_reason", Text("加急")))
          .status());
  RETURN_IF_ERROR(AwaitBooked(referral_));
  RETURN_IF_ERROR(Move(*coordinator_, "ArriveReferral", referral_).status());
  RETURN_IF_ERROR(Move(*expert_, "BeginCare", referral_).status());
  RETURN_IF_ERROR(
      Move(*doctor_, "RequestCancellation", referral_,
           more("reason", "REASON_CODE_PATIENT_DECLINED") + more("comment", Text("想回家")))
          .status());
  RETURN_IF_ERROR(
      Move(*coordinator_, "RefuseCancellation", referral_, more("comment", Text("不宜"))).status());
  ASSIGN_OR_RETURN(
      const auto completed,
      Move(*expert_, "CompleteReferral", referral_,
           fmt::format(R"(, "outcome_letter": "{}", "down_referral": {{
                            "receiving_organization_id": "{}", "care_plan": {{
                              "discharge_summary": "{}", "medication": "{}", "tasks": [
                                {{"instruction": "{}", "due_date": "{}"}},
                                {{"instruction": "{}", "due_date": "{}"}}]}}}})",
                       Text("回复"), OrganizationId("heping"), Text("小结"), Text("用药"),
                       Text("复查"), DayAhead(2), Text("随访"), DayAhead(5))));
  const std::string down = TextOf(*completed, "down_referral.referral_id");
  RETURN_IF_ERROR(Move(*family_, "AcceptReferral", down).status());
  RETURN_IF_ERROR(
      Move(*family_, "RescheduleFollowUp", down,
           more("task_id", TextOf(*completed, "down_referral.care_plan.tasks.1.task_id")) +
               more("due_date", DayAhead(6)) + more("reason", Text("外出")))
          .status());
  return Move(*family_, "RecordFollowUp", down,
              more("task_id", TextOf(*completed, "down_referral.care_plan.tasks.0.task_id")) +
                  more("result", Text("好转")))
      .status();
}

absl::Status Story::WrongReferrals() {
  ASSIGN_OR_RETURN(const std::string second, Refer("再次发热", R"(, "submit": true)"));
  RETURN_IF_ERROR(
      Move(*coordinator_, "RedirectReferral", second,
           fmt::format(R"(, "receiving_organization_id": "{}",
                                        "receiving_department_id": "{}",
                                        "reason": "REASON_CODE_NO_CAPACITY", "comment": "{}")",
                       OrganizationId("east"), DepartmentId("east.cardiology"), Text("请东区接诊")))
          .status());
  const auto refused = [&](std::string_view method, const std::string& json,
                           std::string_view reason) {
    return witness_.Refused(*doctor_, method, json, reason);
  };
  RETURN_IF_ERROR(refused("WithdrawReferral",
                          fmt::format(R"({{"referral_id": "{}", "etag": "v999999",
                                           "reason": "REASON_CODE_OTHER", "comment": "{}"}})",
                                      second, Text("撤回")),
                          "ETAG_STALE"));
  RETURN_IF_ERROR(refused("WithdrawReferral",
                          fmt::format(R"({{"referral_id": "{}", "etag": "{}",
                                           "reason": "REASON_CODE_OTHER", "comment": "{}"}})",
                                      second, Chinese().name(), Text("撤回")),
                          "ETAG_STALE"));
  const auto create = [&](const std::string& organization, const std::string& department) {
    return fmt::format(R"({{"patient_id": "{}", "direction": "DIRECTION_UP",
      "channel": "CHANNEL_STANDARD", "setting": "SETTING_OUTPATIENT",
      "urgency": "URGENCY_ROUTINE", "receiving_organization_id": "{}",
      "receiving_department_id": "{}", "submit": true, "patient_consented": true,
      "summary": {{"complaint": "{}", "history": "{} {}"}}}})",
                       patient_, organization, department, Text("主诉"), Chinese().name(),
                       Text("病史"));
  };
  const std::string nil = "00000000-0000-4000-8000-000000000000";
  RETURN_IF_ERROR(
      refused("CreateReferral", create(OrganizationId("first"), nil), "RECEIVER_UNKNOWN"));
  RETURN_IF_ERROR(refused("CreateReferral", create(nil, nil), "RECEIVER_UNKNOWN"));
  // The department wants papers for a routine referral.
  RETURN_IF_ERROR(refused("CreateReferral",
                          create(OrganizationId("first"), DepartmentId("first.cardiology")),
                          "INCOMPLETE"));
  RETURN_IF_ERROR(refused("SubmitReferral",
                          fmt::format(R"({{"referral_id": "{}", "etag": "v1",
                                           "summary": {{"complaint": "{}"}}}})",
                                      referral_, Text("太迟")),
                          "ETAG_STALE"));
  return Move(*doctor_, "WithdrawReferral", second,
              fmt::format(R"(, "reason": "REASON_CODE_OTHER", "comment": "{}")", Text("撤回")))
      .status();
}

absl::Status Story::Ask() {
  ASSIGN_OR_RETURN(const auto asked,
                   witness_.Done(*doctor_, "AskAdvice",
                                 fmt::format(R"({{"patient_id": "{}", "urgency": "URGENCY_ROUTINE",
                                     "advising_organization_id": "{}",
                                     "advising_department_id": "{}", "question": "{}",
                                     "patient_consented": true}})",
                                             patient_, OrganizationId("first"),
                                             DepartmentId("first.cardiology"), Text("咨询"))));
  return witness_
      .Done(*expert_, "AnswerAdvice",
            fmt::format(R"({{"advice_id": "{}", "etag": "{}", "text": "{}"}})",
                        TextOf(*asked, "advice_id"), TextOf(*asked, "etag"), Text("答复")))
      .status();
}

absl::Status Story::Consult() {
  std::vector<std::string> ids;
  for (int i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(
        const auto asked,
        witness_.Done(*doctor_, "RequestConsultation",
                      fmt::format(R"({{"patient_id": "{}", "kind": "KIND_REMOTE_CONSULTATION",
                                       "urgency": "URGENCY_ROUTINE",
                                       "consulted_organization_id": "{}",
                                       "specialty": "CARDIOLOGY", "question": "{}",
                                       "patient_consented": true}})",
                                  patient_, OrganizationId("first"), Text("会诊"))));
    ids.push_back(TextOf(*asked, "consultation_id"));
  }
  ASSIGN_OR_RETURN(const auto session,
                   witness_.Done(*doctor_, "OpenLiveSession", Id("consultation_id", ids[0])));
  RETURN_IF_ERROR(witness_
                      .Done(*doctor_, "JoinSession",
                            fmt::format(R"({{"live_session_id": "{}", "chat": {{"text": "{}"}}}})",
                                        TextOf(*session, "live_session_id"), Text("实录")))
                      .status());
  ASSIGN_OR_RETURN(const auto declined,
                   witness_.Done(*doctor_, "GetConsultation", Id("consultation_id", ids[1])));
  RETURN_IF_ERROR(witness_
                      .Done(*expert_, "DeclineConsultation",
                            fmt::format(R"({{"consultation_id": "{}", "etag": "{}",
                                 "reason": "REASON_CODE_OTHER", "comment": "{}"}})",
                                        ids[1], TextOf(*declined, "etag"), Text("改日")))
                      .status());
  ASSIGN_OR_RETURN(const auto claimed,
                   witness_.Done(*expert_, "ClaimConsultation", Id("consultation_id", ids[0])));
  const std::string opinion = fmt::format(
      R"({{"consultation_id": "{}", "lease_epoch": "{}", "content": {{
                       "findings": "{}", "impression": "{}", "advice": "{}"}}}})",
      ids[0], TextOf(*claimed, "lease_epoch"), Text("所见"), Text("印象"), Text("建议"));
  RETURN_IF_ERROR(witness_.Done(*expert_, "SaveOpinionDraft", opinion).status());
  RETURN_IF_ERROR(witness_.Done(*expert_, "SignOpinion", opinion).status());
  return witness_.Refused(*expert_, "SaveOpinionDraft", opinion, "COMMAND_NOT_AVAILABLE");
}

absl::Status Story::Attach() {
  ASSIGN_OR_RETURN(draft_, Refer("附件", ""));
  const std::string content = Text("附件");
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest);
  const auto base64 = [](std::string_view bytes) {
    return absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()));
  };
  const auto begin = [&](std::string_view type) {
    return fmt::format(R"({{"referral_id": "{}", "name": "{}{}.txt", "media_type": "{}",
                            "size": "{}", "sha256": "{}"}})",
                       draft_, Chinese().name(), kPrivate, type, content.size(),
                       base64({reinterpret_cast<const char*>(digest), sizeof(digest)}));
  };
  for (const std::string type : {"MEDIA_TYPE_TEXT", "MEDIA_TYPE_PDF"}) {
    ASSIGN_OR_RETURN(const auto upload, witness_.Done(*doctor_, "BeginUpload", begin(type)));
    const std::string id = TextOf(*upload, "upload_id");
    RETURN_IF_ERROR(
        witness_
            .Done(*doctor_, "WriteUpload",
                  fmt::format(R"({{"upload_id": "{}", "content": "{}"}})", id, base64(content)))
            .status());
    if (type == "MEDIA_TYPE_TEXT") {
      RETURN_IF_ERROR(witness_.Done(*doctor_, "CompleteUpload", Id("upload_id", id)).status());
    } else {
      RETURN_IF_ERROR(
          witness_.Refused(*doctor_, "CompleteUpload", Id("upload_id", id), "CONTENT_REFUSED"));
    }
  }
  return absl::OkStatus();
}

absl::Status Story::Permit() {
  RETURN_IF_ERROR(
      witness_
          .Done(*doctor_, "RecordConsent",
                fmt::format(R"({{"patient_id": "{}", "purpose": "CONSENT_PURPOSE_RESEARCH",
                                 "evidence": "{}"}})",
                            patient_, Private("知情同意书")))
          .status());
  ASSIGN_OR_RETURN(const auto stranger, people_.Demo("doctor.central.cardiology"));
  ASSIGN_OR_RETURN(
      const auto glass,
      witness_.Done(stranger, "BreakGlass",
                    fmt::format(R"({{"patient_id": "{}", "reason": "GLASS_REASON_EMERGENCY",
                                     "explanation": "{}"}})",
                                patient_, Private("昏迷送医"))));
  ASSIGN_OR_RETURN(const auto auditor, people_.Demo("auditor"));
  RETURN_IF_ERROR(witness_
                      .Done(auditor, "ReviewGlass",
                            fmt::format(R"({{"broken_glass_id": "{}", "etag": "{}",
                                 "verdict": "GLASS_VERDICT_JUSTIFIED", "comment": "{}"}})",
                                        TextOf(*glass, "broken_glass_id"), TextOf(*glass, "etag"),
                                        Private("合理")))
                      .status());
  RETURN_IF_ERROR(
      witness_.Done(auditor, "ListRecordAccesses", Id("patient_id", patient_)).status());
  ASSIGN_OR_RETURN(const auto his, people_.System("taoxi"));
  const auto stay = [&](std::string_view field, const std::string& at) {
    return fmt::format(R"({{"patient_id": "{}", "organization_id": "{}", "visit_number": "{}",
                            "{}": "{}"}})",
                       patient_, OrganizationId("taoxi"), kVisit, field, at);
  };
  RETURN_IF_ERROR(
      witness_.Done(his, "RecordAdmission", stay("admitted_at", TimeAgo(absl::Hours(9)))).status());
  return witness_.Refused(his, "RecordAdmission", stay("admitted_at", "2199-01-01T00:00:00Z"),
                          "FIELD_INVALID");
}

absl::Status Story::Merge() {
  RETURN_IF_ERROR(
      witness_.Done(*coordinator_, "GetReferral", Id("referral_id", referral_)).status());
  ASSIGN_OR_RETURN(const auto his, people_.System("taoxi"));
  const auto merge = [&](const std::string& survivor, const std::string& merged) {
    return fmt::format(R"({{"surviving_patient_id": "{}", "merged_patient_id": "{}",
                            "reason": "{} {}"}})",
                       survivor, merged, Chinese().name(), kPrivate);
  };
  RETURN_IF_ERROR(witness_.Done(his, "MergePatients", merge(patient_, twin_)).status());
  RETURN_IF_ERROR(witness_.Refused(his, "MergePatients", merge(twin_, patient_), "PATIENT_MERGED"));
  ASSIGN_OR_RETURN(const auto administrator, people_.Demo("administrator.region"));
  ASSIGN_OR_RETURN(const auto merges,
                   witness_.Done(administrator, "ListPatientMerges", Id("patient_id", twin_)));
  return witness_
      .Done(administrator, "UnmergePatients",
            fmt::format(R"({{"merge_id": "{}", "reason": "{} {}"}})",
                        TextOf(*merges, "merges.0.merge_id"), Chinese().name(), kPrivate))
      .status();
}

}  // namespace yilian::e2e
