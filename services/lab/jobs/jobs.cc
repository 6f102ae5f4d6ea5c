#include "services/lab/jobs/jobs.h"

#include "common/base/status_macros.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::lab {

absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlReportStore& store) {
  directory::v1::PatientsMerged merged;
  if (!event.payload().UnpackTo(&merged)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PatientId from, PatientId::Parse(merged.merged_patient_id()));
  ASSIGN_OR_RETURN(const PatientId to, PatientId::Parse(merged.surviving_patient_id()));
  return store.MovePatient(session, from, to);
}

}  // namespace yilian::lab
