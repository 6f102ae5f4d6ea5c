// The columns of a clinic's rule, alike in session and session_template: least_age, least_age_unit,
// greatest_age, greatest_age_unit, patient_sex.
#pragma once

#include "common/mysql/session.h"
#include "services/scheduling/domain/clinic_rule.h"

namespace yilian::scheduling {

#define YILIAN_CLINIC_RULE_COLUMNS \
  "least_age, least_age_unit, greatest_age, greatest_age_unit, patient_sex"
inline constexpr int kClinicRuleColumns = 5;

// `first`: the place of least_age in the row.
ClinicRule ClinicRuleFrom(const mysql::Row& row, int first);
// Their values, in that order.
mysql::Values ClinicRuleValues(const ClinicRule& rule);

}  // namespace yilian::scheduling
