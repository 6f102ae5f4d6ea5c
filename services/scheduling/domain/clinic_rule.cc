#include "services/scheduling/domain/clinic_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/error.h"

namespace yilian::scheduling {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(2);

// Days that somebody of that age has lived, at least and at most.
int64_t FewestDays(const AgeBound& age) {
  return age.unit == AgeUnit::kDays ? age.value : int64_t{365} * age.value;
}
int64_t MostDays(const AgeBound& age) {
  return age.unit == AgeUnit::kDays ? age.value : int64_t{366} * (age.value + 1);
}

bool Contradict(const AgeBound& least, const AgeBound& greatest) {
  if (least.unit == greatest.unit) return least.value > greatest.value;
  return FewestDays(least) > MostDays(greatest);
}

std::string InChinese(const AgeBound& age) {
  return fmt::format("{} {}", age.value, age.unit == AgeUnit::kDays ? "天" : "周岁");
}

// "aged 28 DAYS or more, aged 14 YEARS or less, FEMALE"
std::string Allowed(const ClinicRule& rule) {
  std::string text;
  const auto add = [&](const std::string& part) {
    if (!text.empty()) text += ", ";
    text += part;
  };
  if (rule.least) add(fmt::format("aged {} or more", rule.least->ToString()));
  if (rule.greatest) add(fmt::format("aged {} or less", rule.greatest->ToString()));
  if (rule.sex != PatientSex::kAny) add(std::string(Name(rule.sex)));
  return text;
}

std::string AllowedInChinese(const ClinicRule& rule) {
  std::string text;
  if (rule.least) text += fmt::format("满 {}以上", InChinese(*rule.least));
  if (rule.greatest)
    text += fmt::format("{}{}以下", text.empty() ? "" : "、", InChinese(*rule.greatest));
  if (rule.sex != PatientSex::kAny) text += rule.sex == PatientSex::kFemale ? "女性" : "男性";
  return text;
}

}  // namespace

std::string AgeBound::ToString() const { return fmt::format("{} {}", value, Name(unit)); }

std::string_view ClinicRule::Kind() const {
  const bool age = least || greatest;
  if (sex == PatientSex::kAny) return "AGE";
  return age ? "AGE_AND_SEX" : "SEX";
}

std::string ClinicRule::ToString() const {
  return fmt::format("{}/{}/{}", least ? least->ToString() : "",
                     greatest ? greatest->ToString() : "", Name(sex));
}

void CheckClinicRule(const ClinicRule& rule, std::string_view field,
                     errors::Violations& violations) {
  if (!rule.least || !rule.greatest || !Contradict(*rule.least, *rule.greatest)) return;
  violations.emplace_back(
      fmt::format("{}.greatest_age", field),
      fmt::format("{} is below least_age, so that nobody may come; allowed: {} or more, or unset",
                  rule.greatest->ToString(), rule.least->ToString()));
}

absl::Status FitAnswers::Ask(PatientDirectory& directory, const FitQuestions& open,
                             absl::Time deadline) {
  for (const auto& [patient, all] : open) {
    for (size_t first = 0; first < all.size(); first += PatientDirectory::kMostQuestions) {
      const size_t last = std::min(all.size(), first + PatientDirectory::kMostQuestions);
      const std::vector<FitQuestion> questions(all.begin() + static_cast<std::ptrdiff_t>(first),
                                               all.begin() + static_cast<std::ptrdiff_t>(last));
      const absl::StatusOr<std::vector<Fit>> fits = directory.FitsOf(patient, questions, deadline);
      if (!fits.ok()) return fits.status();
      for (size_t i = 0; i < questions.size(); ++i) known_[{patient, questions[i]}] = (*fits)[i];
    }
  }
  return absl::OkStatus();
}

std::optional<Fit> FitAnswers::Of(PatientId patient, const FitQuestion& question) const {
  const auto found = known_.find({patient, question});
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Fit> FitLookup::Of(PatientId patient, const FitQuestion& question) {
  const std::optional<Fit> known = answers_.Of(patient, question);
  if (!known) Expect(patient, {question});
  return known;
}

void FitLookup::Expect(PatientId patient, const std::vector<FitQuestion>& questions) {
  for (const FitQuestion& question : questions) {
    if (question.rule.none() || answers_.Of(patient, question)) continue;
    std::vector<FitQuestion>& open = open_[patient];
    if (std::find(open.begin(), open.end(), question) == open.end()) open.push_back(question);
  }
}

namespace errors {

absl::Status FitOpen() {
  return absl::FailedPreconditionError("whether the patient is for the clinic is to be asked");
}

absl::Status PatientNotForClinic(SessionId session, const ClinicRule& rule) {
  status::Error error(absl::StatusCode::kFailedPrecondition, kDomain, "PATIENT_NOT_FOR_CLINIC");
  error
      .Message(fmt::format(
          "the session is for patients {} at its date, and this one is not; take another session",
          Allowed(rule)))
      .Chinese(
          fmt::format("该门诊仅接诊{}的患者（按就诊当日计算），请另选门诊", AllowedInChinese(rule)))
      .Meta("rule", rule.Kind());
  if (!session.is_nil()) error.Meta("session_id", session.ToString());
  if (rule.least) error.Meta("least_age", rule.least->ToString());
  if (rule.greatest) error.Meta("greatest_age", rule.greatest->ToString());
  if (rule.sex != PatientSex::kAny) error.Meta("sex", Name(rule.sex));
  return error;
}

absl::Status FitNotChecked() {
  return status::Error(absl::StatusCode::kUnavailable, kDomain, "FIT_NOT_CHECKED")
      .Message(
          "the session has a rule on age or sex, and the directory cannot be asked whether it is "
          "for the patient; nothing was changed, try again with the same request_id")
      .Chinese("该门诊限定年龄或性别，暂时无法核对患者信息；未作任何更改，请稍后重试")
      .RetryAfter(kRetryAfter);
}

}  // namespace errors

}  // namespace yilian::scheduling
