#include "services/lab/domain/recognition.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "services/lab/domain/errors.h"
#include "services/lab/domain/loinc.h"

namespace yilian::lab {
namespace {

RecognitionTermId IdOf(const std::string& text) {
  return RecognitionTermId(base::Uuid::V5(base::Uuid(), text));
}

absl::Status Refused(const errors::Violations& violations) {
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

void CheckLoinc(const std::string& field, const std::string& loinc,
                errors::Violations& violations) {
  if (!IsLoinc(loinc)) violations.emplace_back(field, "is a LOINC code with a true check digit");
}

template <typename T>
bool Has(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// The widest mark that the laboratory had for the result.
RecognitionScope MarkOf(const RecognitionTerms& terms, const TrendPoint& result) {
  RecognitionScope widest = RecognitionScope::kNone;
  for (const Stored<QualityAssessment>& one : terms.assessments) {
    if (one.term.Vouches(result)) widest = std::max(widest, one.term.scope);
  }
  return widest;
}

bool IsExcluded(const RecognitionRule& rule, const std::vector<RepeatReason>& circumstances) {
  return std::any_of(circumstances.begin(), circumstances.end(),
                     [&](RepeatReason one) { return Has(rule.excluded, one); });
}

}  // namespace

std::string_view Name(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kNoRule:
      return "NO_RULE";
    case Obstacle::kNotFinal:
      return "NOT_FINAL";
    case Obstacle::kAge:
      return "AGE";
    case Obstacle::kNotAssessed:
      return "NOT_ASSESSED";
    case Obstacle::kScope:
      return "SCOPE";
    case Obstacle::kMethod:
      return "METHOD";
    case Obstacle::kCircumstance:
      return "CIRCUMSTANCE";
  }
  return "UNKNOWN";
}

std::string_view Name(RecognitionOutcome outcome) {
  return outcome == RecognitionOutcome::kRecognized ? "RECOGNIZED" : "REPEATED";
}

RecognitionTermId RecognitionRule::id() const {
  return IdOf(fmt::format("rule\n{}\n{}", loinc, absl::FormatCivilTime(effective_from)));
}

absl::Status RecognitionRule::Check() const {
  errors::Violations violations;
  CheckLoinc("rule.loinc", loinc, violations);
  if (effective_to && *effective_to <= effective_from) {
    violations.emplace_back("rule.effective_to", "is later than `effective_from`");
  }
  // They are kept on one line each.
  for (const std::string& method : methods) {
    if (method.empty() || method.find('\n') != std::string::npos) {
      violations.emplace_back("rule.methods", "are methods without line feeds, none empty");
      break;
    }
  }
  if (Has(excluded, RepeatReason::kNone)) {
    violations.emplace_back("rule.excluded", "are reasons, none of them UNSPECIFIED");
  }
  return Refused(violations);
}

bool RecognitionRule::IsInForce(absl::CivilDay day) const {
  return effective_from <= day && (!effective_to || day < *effective_to);
}

RecognitionTermId QualityAssessment::id() const {
  return IdOf(fmt::format("assessment\n{}\n{}\n{}\n{}", laboratory.ToString(), loinc,
                          absl::FormatCivilTime(valid_from), method));
}

absl::Status QualityAssessment::Check() const {
  errors::Violations violations;
  CheckLoinc("assessment.loinc", loinc, violations);
  if (valid_to <= valid_from) {
    violations.emplace_back("assessment.valid_to", "is later than `valid_from`");
  }
  return Refused(violations);
}

bool QualityAssessment::Vouches(const TrendPoint& result) const {
  const absl::CivilDay day = DayInChina(result.observed_at);
  return laboratory == result.performing_organization && loinc == result.loinc &&
         (method.empty() || method == result.method) && valid_from <= day && day < valid_to;
}

RecognitionTermId ItemPrice::id() const {
  return IdOf(fmt::format("price\n{}\n{}\n{}", organization.ToString(), loinc,
                          absl::FormatCivilTime(effective_from)));
}

absl::Status ItemPrice::Check() const {
  errors::Violations violations;
  CheckLoinc("price.loinc", loinc, violations);
  return Refused(violations);
}

const RecognitionRule* RecognitionTerms::RuleFor(const std::string& loinc,
                                                 absl::CivilDay day) const {
  const RecognitionRule* latest = nullptr;
  for (const Stored<RecognitionRule>& one : rules) {
    if (one.term.loinc != loinc || !one.term.IsInForce(day)) continue;
    if (latest == nullptr || latest->effective_from < one.term.effective_from) latest = &one.term;
  }
  return latest;
}

std::optional<int64_t> RecognitionTerms::PriceFor(OrganizationId organization,
                                                  const std::string& loinc,
                                                  absl::CivilDay day) const {
  const ItemPrice* best = nullptr;
  const auto rank = [](const ItemPrice& price) {
    return std::pair(!price.organization.is_nil(), price.effective_from);
  };
  for (const Stored<ItemPrice>& one : prices) {
    const ItemPrice& price = one.term;
    const bool applies = price.organization.is_nil() || price.organization == organization;
    if (!applies || price.loinc != loinc || price.effective_from > day) continue;
    if (best == nullptr || rank(*best) < rank(price)) best = &price;
  }
  return best == nullptr ? std::nullopt : std::optional(best->fen);
}

RecognitionJudgement JudgeRecognition(const RecognitionTerms& terms, const TrendPoint& result,
                                      const std::vector<RepeatReason>& circumstances,
                                      absl::Time at) {
  RecognitionJudgement judgement{.scope = MarkOf(terms, result)};
  std::vector<Obstacle>& obstacles = judgement.obstacles;
  const RecognitionRule* rule = terms.RuleFor(result.loinc, DayInChina(at));
  if (rule == nullptr) {
    obstacles.push_back(Obstacle::kNoRule);
    return judgement;
  }
  if (!IsVerified(result.status)) obstacles.push_back(Obstacle::kNotFinal);
  const absl::Time expires_at = result.observed_at + rule->max_age;
  if (result.observed_at > at || expires_at <= at) obstacles.push_back(Obstacle::kAge);
  if (judgement.scope == RecognitionScope::kNone) {
    obstacles.push_back(Obstacle::kNotAssessed);
  } else if (judgement.scope < rule->least_scope) {
    obstacles.push_back(Obstacle::kScope);
  }
  if (!rule->methods.empty() && !Has(rule->methods, result.method)) {
    obstacles.push_back(Obstacle::kMethod);
  }
  if (IsExcluded(*rule, circumstances)) obstacles.push_back(Obstacle::kCircumstance);
  if (obstacles.empty()) judgement.expires_at = expires_at;
  return judgement;
}

absl::Status NewDecision::Check() const {
  errors::Violations violations;
  const bool repeats = outcome == RecognitionOutcome::kRepeated;
  if (repeats && reason == RepeatReason::kNone) {
    violations.emplace_back("reason", "says why the item is repeated");
  }
  if (!repeats && reason != RepeatReason::kNone) {
    violations.emplace_back("reason", "goes with REPEATED");
  }
  if (reason == RepeatReason::kOther && comment.empty()) {
    violations.emplace_back("comment", "states the reason where it is OTHER");
  }
  return Refused(violations);
}

int RecognitionStatistic::recognized_permille() const {
  int64_t decided = recognized;
  for (const auto& [reason, count] : repeated) decided += count;
  return decided == 0 ? 0 : static_cast<int>(recognized * 1000 / decided);
}

}  // namespace yilian::lab
