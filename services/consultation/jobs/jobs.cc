#include "services/consultation/jobs/jobs.h"

#include "common/base/status_macros.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::consultation {

void DefineTimers(saga::TimerRunner& timers, MysqlConsultationStore& store,
                  const base::Clock& clock) {
  timers.Define(std::string(kClockTimer),
                [&store, &clock](mysql::Session& session, const saga::Timer& timer) {
                  return store.ApplyInJob(
                      session, ConsultationId(timer.aggregate_id), clock.Now(),
                      [](const Consultation& now, absl::Time at) { return now.Escalate(at); });
                });
}

absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlConsultationStore& store) {
  directory::v1::PatientsMerged merged;
  if (!event.payload().UnpackTo(&merged)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PatientId from, PatientId::Parse(merged.merged_patient_id()));
  ASSIGN_OR_RETURN(const PatientId to, PatientId::Parse(merged.surviving_patient_id()));
  return store.MovePatient(session, from, to);
}

}  // namespace yilian::consultation
