#include "services/scheduling/store/clinic_rule_rows.h"

#include <optional>

namespace yilian::scheduling {
namespace {

std::optional<AgeBound> AgeFrom(const mysql::Row& row, int first) {
  if (row.IsNull(first)) return std::nullopt;
  return AgeBound{.value = static_cast<int>(row.Int(first)),
                  .unit = AgeUnitFromName(row.Text(first + 1)).value_or(AgeUnit::kYears)};
}

void Append(const std::optional<AgeBound>& age, mysql::Values& values) {
  values.push_back(age ? mysql::Value(age->value) : mysql::Value(nullptr));
  values.push_back(age ? mysql::Value(Name(age->unit)) : mysql::Value(nullptr));
}

}  // namespace

ClinicRule ClinicRuleFrom(const mysql::Row& row, int first) {
  return {.least = AgeFrom(row, first),
          .greatest = AgeFrom(row, first + 2),
          .sex = PatientSexFromName(row.Text(first + 4)).value_or(PatientSex::kAny)};
}

mysql::Values ClinicRuleValues(const ClinicRule& rule) {
  mysql::Values values;
  Append(rule.least, values);
  Append(rule.greatest, values);
  values.push_back(rule.sex == PatientSex::kAny ? mysql::Value(nullptr)
                                                : mysql::Value(Name(rule.sex)));
  return values;
}

}  // namespace yilian::scheduling
