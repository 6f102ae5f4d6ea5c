#include "services/consultation/jobs/jobs.h"

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
  return store.MovePatient(session, event);
}

}  // namespace yilian::consultation
