#include "services/lab/store/trend_rows.h"

namespace yilian::lab::rows {

TrendPoint PointFromRow(const mysql::Row& row) {
  TrendPoint point;
  int at = 0;
  point.patient = row.Id<PatientId>(at++);
  point.loinc = row.Text(at++);
  point.observed_at = row.Time(at++);
  point.report = row.Id<ReportId>(at++);
  point.ordinal = static_cast<int>(row.Int(at++));
  point.report_version = static_cast<int>(row.Int(at++));
  point.performing_organization = row.Id<OrganizationId>(at++);
  point.ordering_organization = row.Id<OrganizationId>(at++);
  point.display = row.Text(at++);
  point.value_type = static_cast<ValueType>(row.Int(at++));
  point.value = row.Text(at++);
  point.unit = row.Text(at++);
  point.ucum_unit = row.Text(at++);
  point.method = row.Text(at++);
  point.reference_range = row.Text(at++);
  point.status = static_cast<ResultStatus>(row.Int(at++));
  point.judged.interpretation = static_cast<Interpretation>(row.Int(at++));
  point.judged.interval = row.Text(at++);
  point.judged.disagrees = row.Bool(at);
  return point;
}

}  // namespace yilian::lab::rows
