#include "services/consultation/jobs/jobs.h"

#include <algorithm>
#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "services/consultation/store/assignment.h"
#include "services/consultation/store/records.h"

namespace yilian::consultation {

namespace {

// All steps that are due. The store sets the timer only where the time of the next step has
// changed, and the one that fired is gone: so none of the time at which it fired may be left.
absl::Status Escalate(MysqlConsultationStore& store, mysql::Session& session, ConsultationId id,
                      absl::Time at) {
  bool due = true;
  while (due) {
    due = false;
    RETURN_IF_ERROR(
        store.ApplyInJob(session, id, at, [&](const Consultation& now, absl::Time when) {
          std::optional<Change> step = now.Escalate(when);
          due = step.has_value();
          return step;
        }));
  }
  return absl::OkStatus();
}

}  // namespace

void DefineTimers(saga::TimerRunner& timers, MysqlConsultationStore& store,
                  const base::Clock& clock) {
  // A timer that fired is due, also where this replica's clock is a little behind the one that
  // found it.
  timers.Define(std::string(records::kClockTimer),
                [&store, &clock](mysql::Session& session, const saga::Timer& timer) {
                  return Escalate(store, session, ConsultationId(timer.aggregate_id),
                                  std::max(clock.Now(), timer.due_at));
                });
  timers.Define(std::string(records::kAssignTimer),
                [&clock](mysql::Session& session, const saga::Timer& timer) -> absl::Status {
                  ASSIGN_OR_RETURN(const base::Uuid centre, base::Uuid::FromBytes(timer.payload));
                  return AssignWaiting(session, CentreId(centre),
                                       std::max(clock.Now(), timer.due_at));
                });
}

absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlConsultationStore& store) {
  return store.MovePatient(session, event);
}

}  // namespace yilian::consultation
