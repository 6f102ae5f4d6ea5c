// Between trend points and their rows.
#pragma once

#include "common/mysql/session.h"
#include "services/lab/domain/trend.h"

namespace yilian::lab::rows {

// In the order that PointFromRow expects.
#define YILIAN_POINT_COLUMNS                                                                 \
  "patient_id, loinc, observed_at, report_id, ordinal, report_version, "                     \
  "performing_organization_id, ordering_organization_id, display, value_type, value, unit, " \
  "ucum_unit, method, reference_range, status, interpretation, applied_interval, disagrees"

TrendPoint PointFromRow(const mysql::Row& row);

}  // namespace yilian::lab::rows
