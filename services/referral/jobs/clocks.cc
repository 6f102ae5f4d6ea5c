#include "services/referral/jobs/clocks.h"

#include "common/base/status_macros.h"
#include "services/referral/store/effects.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::referral {

void DefineTimers(saga::TimerRunner& timers, MysqlReferralStore& store, const base::Clock& clock) {
  timers.Define(std::string(kClockTimer), [&store, &clock](mysql::Session& session,
                                                           const saga::Timer& timer) {
    return store
        .ApplyInJob(session, ReferralId(timer.aggregate_id), clock.Now(),
                    [](const Referral& now, absl::Time at) { return now.Escalate(at); })
        .status();
  });
  timers.Define(
      std::string(kFollowUpTimer),
      [&store, &clock](mysql::Session& session, const saga::Timer& timer) -> absl::Status {
        ASSIGN_OR_RETURN(const TaskId task, TaskId::Parse(timer.name));
        return store
            .ApplyInJob(
                session, ReferralId(timer.aggregate_id), clock.Now(),
                [&](const Referral& now, absl::Time at) { return now.LetTaskLapse(task, at); })
            .status();
      });
}

absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlReferralStore& store) {
  directory::v1::PatientsMerged merged;
  if (!event.payload().UnpackTo(&merged)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PatientId from, PatientId::Parse(merged.merged_patient_id()));
  ASSIGN_OR_RETURN(const PatientId to, PatientId::Parse(merged.surviving_patient_id()));
  return store.MovePatient(session, from, to);
}

}  // namespace yilian::referral
