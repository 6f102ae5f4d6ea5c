#include "services/lab/store/recognition_terms.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/mysql/query.h"

namespace yilian::lab {
namespace {

using mysql::Query;

// In the order that RuleFromRow expects.
#define YILIAN_RULE_COLUMNS \
  "loinc, effective_from, effective_to, least_scope, max_age_hours, methods, excluded, version"
// In the order that AssessmentFromRow expects.
#define YILIAN_ASSESSMENT_COLUMNS \
  "organization_id, loinc, method, valid_from, valid_to, scope, version"
// In the order that PriceFromRow expects.
#define YILIAN_PRICE_COLUMNS "organization_id, loinc, effective_from, price_fen, version"

// Index: primary keys.
constexpr Query kLockRule{"lab.LockRecognitionRule",
                          "SELECT " YILIAN_RULE_COLUMNS
                          " FROM recognition_rule WHERE rule_id = ? FOR UPDATE"};
constexpr Query kLockAssessment{"lab.LockAssessment",
                                "SELECT " YILIAN_ASSESSMENT_COLUMNS
                                " FROM quality_assessment WHERE assessment_id = ? FOR UPDATE"};
constexpr Query kLockPrice{"lab.LockPrice", "SELECT " YILIAN_PRICE_COLUMNS
                                            " FROM item_price WHERE price_id = ? FOR UPDATE"};
constexpr Query kInsertRule{"lab.InsertRecognitionRule",
                            "INSERT INTO recognition_rule (rule_id, " YILIAN_RULE_COLUMNS
                            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)"};
constexpr Query kInsertAssessment{"lab.InsertAssessment",
                                  "INSERT INTO quality_assessment "
                                  "(assessment_id, " YILIAN_ASSESSMENT_COLUMNS
                                  ") VALUES (?, ?, ?, ?, ?, ?, ?, 1)"};
constexpr Query kInsertPrice{"lab.InsertPrice",
                             "INSERT INTO item_price (price_id, " YILIAN_PRICE_COLUMNS
                             ") VALUES (?, ?, ?, ?, ?, 1)"};
constexpr Query kUpdateRule{"lab.UpdateRecognitionRule",
                            "UPDATE recognition_rule SET effective_to = ?, least_scope = ?, "
                            "max_age_hours = ?, methods = ?, excluded = ?, version = version + 1 "
                            "WHERE rule_id = ? AND version = ?"};
constexpr Query kUpdateAssessment{"lab.UpdateAssessment",
                                  "UPDATE quality_assessment SET valid_to = ?, scope = ?, version "
                                  "= version + 1 WHERE assessment_id = ? AND version = ?"};
constexpr Query kUpdatePrice{"lab.UpdatePrice",
                             "UPDATE item_price SET price_fen = ?, version = version + 1 WHERE "
                             "price_id = ? AND version = ?"};

std::string DayText(absl::CivilDay day) { return absl::FormatCivilTime(day); }
absl::CivilDay DayOf(const std::string& text) {
  absl::CivilDay day;
  absl::ParseCivilTime(text, &day);
  return day;
}

uint32_t BitsOf(const std::vector<RepeatReason>& reasons) {
  uint32_t bits = 0;
  for (const RepeatReason one : reasons) bits |= 1U << static_cast<int>(one);
  return bits;
}
std::vector<RepeatReason> ReasonsOf(int64_t bits) {
  std::vector<RepeatReason> reasons;
  for (int number = 1; number <= static_cast<int>(RepeatReason::kOther); ++number) {
    if ((bits & int64_t{1} << number) != 0) reasons.push_back(static_cast<RepeatReason>(number));
  }
  return reasons;
}

Stored<RecognitionRule> RuleFromRow(const mysql::Row& row) {
  Stored<RecognitionRule> stored;
  RecognitionRule& rule = stored.term;
  int at = 0;
  rule.loinc = row.Text(at++);
  rule.effective_from = DayOf(row.Text(at++));
  const std::optional<std::string> until = row.OptionalText(at++);
  if (until) rule.effective_to = DayOf(*until);
  rule.least_scope = static_cast<RecognitionScope>(row.Int(at++));
  rule.max_age = absl::Hours(row.Int(at++));
  rule.methods = absl::StrSplit(row.Text(at++), '\n', absl::SkipEmpty());
  rule.excluded = ReasonsOf(row.Int(at++));
  stored.version = row.Int(at);
  return stored;
}

Stored<QualityAssessment> AssessmentFromRow(const mysql::Row& row) {
  Stored<QualityAssessment> stored;
  QualityAssessment& assessment = stored.term;
  int at = 0;
  assessment.laboratory = row.Id<OrganizationId>(at++);
  assessment.loinc = row.Text(at++);
  assessment.method = row.Text(at++);
  assessment.valid_from = DayOf(row.Text(at++));
  assessment.valid_to = DayOf(row.Text(at++));
  assessment.scope = static_cast<RecognitionScope>(row.Int(at++));
  stored.version = row.Int(at);
  return stored;
}

Stored<ItemPrice> PriceFromRow(const mysql::Row& row) {
  Stored<ItemPrice> stored;
  int at = 0;
  stored.term.organization = row.Id<OrganizationId>(at++);
  stored.term.loinc = row.Text(at++);
  stored.term.effective_from = DayOf(row.Text(at++));
  stored.term.fen = row.Int(at++);
  stored.version = row.Int(at);
  return stored;
}

// `sql` up to its list of LOINC codes. Few lengths of the list, so that few statements are
// prepared: it is filled up with a code that nothing has.
template <typename Term>
absl::Status SelectOf(mysql::Session& session, std::string_view name, std::string sql,
                      std::string_view order, const std::vector<std::string>& loincs,
                      Stored<Term> (*make)(const mysql::Row&), std::vector<Stored<Term>>& found) {
  size_t length = 1;
  while (length < loincs.size()) length *= 4;
  mysql::Values values;
  sql += " IN (";
  for (size_t i = 0; i < length; ++i) {
    sql += i == 0 ? "?" : ", ?";
    values.emplace_back(i < loincs.size() ? loincs[i] : "");
  }
  sql += ") ORDER BY ";
  sql += order;
  return session.SelectValues({name, sql}, values, [&](const mysql::Row& row) {
    found.push_back(make(row));
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<RecognitionTerms> LoadTerms(mysql::Session& session,
                                           const std::vector<std::string>& loincs) {
  RecognitionTerms terms;
  // Index: ix_recognition_rule__loinc.
  RETURN_IF_ERROR(SelectOf(session, "lab.RulesFor",
                           "SELECT " YILIAN_RULE_COLUMNS " FROM recognition_rule WHERE loinc",
                           "effective_from DESC", loincs, RuleFromRow, terms.rules));
  // Index: ix_quality_assessment__loinc.
  RETURN_IF_ERROR(
      SelectOf(session, "lab.AssessmentsFor",
               "SELECT " YILIAN_ASSESSMENT_COLUMNS " FROM quality_assessment WHERE loinc",
               "valid_from DESC, organization_id", loincs, AssessmentFromRow, terms.assessments));
  // Index: ix_item_price__loinc.
  RETURN_IF_ERROR(SelectOf(
      session, "lab.PricesFor", "SELECT " YILIAN_PRICE_COLUMNS " FROM item_price WHERE loinc",
      "effective_from DESC, organization_id", loincs, PriceFromRow, terms.prices));
  return terms;
}

absl::StatusOr<std::optional<Stored<RecognitionRule>>> LockTerm(mysql::Session& session,
                                                                const RecognitionRule& rule) {
  return session.SelectOne<Stored<RecognitionRule>>(kLockRule, RuleFromRow, rule.id());
}
absl::StatusOr<std::optional<Stored<QualityAssessment>>> LockTerm(
    mysql::Session& session, const QualityAssessment& assessment) {
  return session.SelectOne<Stored<QualityAssessment>>(kLockAssessment, AssessmentFromRow,
                                                      assessment.id());
}
absl::StatusOr<std::optional<Stored<ItemPrice>>> LockTerm(mysql::Session& session,
                                                          const ItemPrice& price) {
  return session.SelectOne<Stored<ItemPrice>>(kLockPrice, PriceFromRow, price.id());
}

absl::Status WriteTerm(mysql::Session& session, const RecognitionRule& rule, int64_t before) {
  const mysql::Value until =
      rule.effective_to ? mysql::Value(DayText(*rule.effective_to)) : mysql::Value(nullptr);
  const std::string methods = absl::StrJoin(rule.methods, "\n");
  const int64_t hours = absl::ToInt64Hours(rule.max_age);
  if (before == 0) {
    return session
        .Execute(kInsertRule, rule.id(), rule.loinc, DayText(rule.effective_from), until,
                 static_cast<int>(rule.least_scope), hours, methods, BitsOf(rule.excluded))
        .status();
  }
  return session
      .Execute(kUpdateRule, until, static_cast<int>(rule.least_scope), hours, methods,
               BitsOf(rule.excluded), rule.id(), before)
      .status();
}

absl::Status WriteTerm(mysql::Session& session, const QualityAssessment& assessment,
                       int64_t before) {
  if (before == 0) {
    return session
        .Execute(kInsertAssessment, assessment.id(), assessment.laboratory, assessment.loinc,
                 assessment.method, DayText(assessment.valid_from), DayText(assessment.valid_to),
                 static_cast<int>(assessment.scope))
        .status();
  }
  return session
      .Execute(kUpdateAssessment, DayText(assessment.valid_to), static_cast<int>(assessment.scope),
               assessment.id(), before)
      .status();
}

absl::Status WriteTerm(mysql::Session& session, const ItemPrice& price, int64_t before) {
  if (before == 0) {
    return session
        .Execute(kInsertPrice, price.id(), price.organization, price.loinc,
                 DayText(price.effective_from), price.fen)
        .status();
  }
  return session.Execute(kUpdatePrice, price.fen, price.id(), before).status();
}

}  // namespace yilian::lab
