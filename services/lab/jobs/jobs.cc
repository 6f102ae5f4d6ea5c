#include "services/lab/jobs/jobs.h"

namespace yilian::lab {

absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlReportStore& store) {
  return store.MovePatient(session, event);
}

}  // namespace yilian::lab
