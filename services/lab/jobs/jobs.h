// What happens to reports without a caller: patients that merge.
#pragma once

#include "absl/status/status.h"
#include "common/mysql/session.h"
#include "services/lab/store/mysql_report_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::lab {

// The effect of an event of `directory` on this schema: PatientsMerged, PatientsUnmerged.
absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlReportStore& store);

}  // namespace yilian::lab
