// Trend points on their way to a reader.
#pragma once

#include <set>
#include <string>

#include "common/rpc/call.h"
#include "services/lab/domain/trend.h"
#include "yilian/lab/v1/trend.pb.h"

namespace yilian::lab {
namespace convert {

// `unit`: into which the value is converted where UCUM says how; empty: none.
v1::TrendPoint ToProto(const TrendPoint& point, const std::string& unit = "");

}  // namespace convert

// Audits each report of which a point is shown, once: who saw a value is told when it changes.
class ShownReports {
 public:
  explicit ShownReports(const rpc::Call& call) : call_(call) {}
  void Add(const TrendPoint& point) {
    if (seen_.insert(point.report).second) {
      call_.Subject("report", point.report.uuid(), point.patient.uuid());
    }
  }

 private:
  const rpc::Call& call_;
  std::set<ReportId> seen_;
};

}  // namespace yilian::lab
