#include "services/lab/rpc/trend_convert.h"

#include "common/wire/timestamp.h"
#include "services/lab/domain/ucum.h"

namespace yilian::lab {

v1::TrendPoint convert::ToProto(const TrendPoint& point, const std::string& unit) {
  v1::TrendPoint out;
  out.set_loinc(point.loinc);
  wire::SetTime(out.mutable_observed_at(), point.observed_at);
  out.set_report_id(point.report.ToString());
  out.set_report_version(point.report_version);
  out.set_performing_organization_id(point.performing_organization.ToString());
  out.set_display(point.display);
  out.set_value_type(static_cast<v1::ValueType>(point.value_type));
  out.set_value(point.value);
  out.set_unit(point.unit);
  out.set_ucum_unit(point.ucum_unit);
  if (!unit.empty() && point.value_type == ValueType::kNumeric) {
    out.set_converted_value(Convert(point.value, point.ucum_unit, unit).value_or(""));
  }
  out.set_method(point.method);
  out.set_reference_range(point.reference_range);
  out.set_status(static_cast<v1::ResultStatus>(point.status));
  out.set_interpretation(static_cast<v1::Interpretation>(point.judged.interpretation));
  out.set_interval(point.judged.interval);
  out.set_disagrees(point.judged.disagrees);
  return out;
}

}  // namespace yilian::lab
