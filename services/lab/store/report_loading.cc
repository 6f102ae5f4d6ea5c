#include "services/lab/store/report_loading.h"

#include "common/base/status_macros.h"
#include "services/lab/store/queries.h"
#include "services/lab/store/rows.h"

namespace yilian::lab {

absl::Status ReadObservations(mysql::Session& session, Report& report) {
  ASSIGN_OR_RETURN(report.observations, session.SelectAll<Observation>(queries::kGetObservations,
                                                                       rows::ObservationFromRow,
                                                                       report.id, report.version));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Report>> LoadReport(mysql::Session& session, ReportId id,
                                                 int version) {
  std::optional<Report> report;
  if (version == 0) {
    ASSIGN_OR_RETURN(report, session.SelectOne<Report>(queries::kGetCurrent, rows::FromRow, id));
  } else {
    ASSIGN_OR_RETURN(report,
                     session.SelectOne<Report>(queries::kGetVersion, rows::FromRow, version, id));
  }
  if (report) RETURN_IF_ERROR(ReadObservations(session, *report));
  return report;
}

}  // namespace yilian::lab
