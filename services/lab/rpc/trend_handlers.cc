#include "services/lab/rpc/trend_handlers.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/lab/domain/errors.h"
#include "services/lab/domain/ucum.h"
#include "services/lab/rpc/trend_convert.h"

namespace yilian::lab {
namespace {

// Microseconds, report and ordinal of a page's last point.
std::string PageKeyOf(const TrendPoint& last) {
  return fmt::format("{} {} {}", absl::ToUnixMicros(last.observed_at), last.report.ToString(),
                     last.ordinal);
}

absl::StatusOr<TrendKey> ParsePageKey(const std::string& text) {
  const size_t first = text.find(' ');
  const size_t second = text.find(' ', first + 1);
  int64_t micros = 0;
  TrendKey key;
  if (second == std::string::npos || !absl::SimpleAtoi(text.substr(0, first), &micros) ||
      !absl::SimpleAtoi(text.substr(second + 1), &key.ordinal)) {
    return absl::InternalError("a sealed page key does not parse");
  }
  ASSIGN_OR_RETURN(key.report, ReportId::Parse(text.substr(first + 1, second - first - 1)));
  key.observed_at = absl::FromUnixMicros(micros);
  return key;
}

}  // namespace

rpc::Dispatch Bind(TrendHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.TrendService");
  dispatch.Unary("GetTrend", &handlers, &TrendHandlers::Get)
      .Unary("ListTrends", &handlers, &TrendHandlers::List)
      .Unary("GetCumulativeReport", &handlers, &TrendHandlers::GetCumulative);
  return dispatch;
}

absl::StatusOr<TrendReader> TrendHandlers::ReaderOf(const rpc::Call& call,
                                                    const std::string& patient_id) {
  TrendReader reader;
  ASSIGN_OR_RETURN(reader.patient, PatientId::Parse(patient_id));
  ASSIGN_OR_RETURN(reader.sight, deps_.sights.OfCaller(call, reader.patient));
  return reader;
}

absl::StatusOr<v1::GetTrendResponse> TrendHandlers::Get(const rpc::Call& call,
                                                        const v1::GetTrendRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  TrendQuery query{.loinc = request.loinc(), .limit = pages.rows()};
  if (request.has_from()) query.from = wire::ToTime(request.from());
  if (!request.unit().empty() && !IsUcum(request.unit())) {
    return errors::FieldInvalid({{"unit", "is a unit in UCUM that laboratories use, e.g. mmol/L"}});
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> before, pages.AfterText());
  if (before) {
    ASSIGN_OR_RETURN(query.before, ParsePageKey(*before));
  }
  ASSIGN_OR_RETURN(const TrendReader reader, ReaderOf(call, request.patient_id()));
  ASSIGN_OR_RETURN(std::vector<TrendPoint> points,
                   deps_.store.Points(reader, query, call.deadline()));
  v1::GetTrendResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(points, PageKeyOf));
  ShownReports shown(call);
  for (const TrendPoint& point : points) {
    shown.Add(point);
    *response.add_points() = convert::ToProto(point, request.unit());
  }
  return response;
}

absl::StatusOr<v1::ListTrendsResponse> TrendHandlers::List(const rpc::Call& call,
                                                           const v1::ListTrendsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<std::string> after, pages.AfterText());
  ASSIGN_OR_RETURN(const TrendReader reader, ReaderOf(call, request.patient_id()));
  ASSIGN_OR_RETURN(std::vector<std::string> loincs,
                   deps_.store.Analytes(reader, after.value_or(""), pages.rows(), call.deadline()));
  v1::ListTrendsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(loincs, [](const std::string& last) { return last; }));
  ASSIGN_OR_RETURN(std::vector<TrendPoint> newest,
                   deps_.store.Newest(reader, loincs, 1, call.deadline()));
  std::sort(newest.begin(), newest.end(),
            [](const TrendPoint& a, const TrendPoint& b) { return a.loinc < b.loinc; });
  ShownReports shown(call);
  for (const TrendPoint& point : newest) {
    shown.Add(point);
    *response.add_newest() = convert::ToProto(point);
  }
  return response;
}

absl::StatusOr<v1::CumulativeReport> TrendHandlers::GetCumulative(
    const rpc::Call& call, const v1::GetCumulativeReportRequest& request) {
  constexpr int kAnalytes = 50;
  constexpr int kColumns = 12;
  const int columns = request.columns() == 0 ? kColumns : request.columns();
  ASSIGN_OR_RETURN(const TrendReader reader, ReaderOf(call, request.patient_id()));
  std::vector<std::string> loincs(request.loincs().begin(), request.loincs().end());
  if (loincs.empty()) {
    ASSIGN_OR_RETURN(loincs, deps_.store.Analytes(reader, "", kAnalytes, call.deadline()));
  }
  std::sort(loincs.begin(), loincs.end());
  loincs.erase(std::unique(loincs.begin(), loincs.end()), loincs.end());
  // A point of the newest times is among its analyte's newest points. Twice as many: where several
  // of one analyte share a time.
  ASSIGN_OR_RETURN(std::vector<TrendPoint> points,
                   deps_.store.Newest(reader, loincs, 2 * columns, call.deadline()));
  v1::CumulativeReport response;
  for (const std::string& loinc : loincs) response.add_loincs(loinc);
  ShownReports shown(call);
  for (const CumulativeColumn& column :
       ColumnsOf(std::move(points), static_cast<size_t>(columns))) {
    v1::CumulativeColumn& out = *response.add_columns();
    wire::SetTime(out.mutable_observed_at(), column.observed_at);
    for (const TrendPoint& point : column.points) {
      shown.Add(point);
      *out.add_points() = convert::ToProto(point);
    }
  }
  return response;
}

}  // namespace yilian::lab
