#include "services/lab/jobs/jobs.h"

#include <algorithm>
#include <string>

#include "services/lab/store/mapping_run.h"
#include "services/lab/store/sensitivity.h"

namespace yilian::lab {

void DefineTimers(saga::TimerRunner& timers, MysqlCriticalStore& store, const CriticalRules& rules,
                  const base::Clock& clock) {
  // A timer that fired is due, also where this replica's clock is a little behind the one that
  // found it.
  timers.Define(std::string(kCriticalTimer),
                [&store, &clock](mysql::Session& session, const saga::Timer& timer) {
                  return store.Escalate(session, CriticalValueId(timer.aggregate_id),
                                        std::max(clock.Now(), timer.due_at));
                });
  timers.Define(std::string(kMappingTimer),
                [&rules, &clock](mysql::Session& session, const saga::Timer& timer) {
                  return RunMapping(session, MappingId(timer.aggregate_id), rules,
                                    std::max(clock.Now(), timer.due_at));
                });
  timers.Define(std::string(kSensitivityTimer),
                [&clock](mysql::Session& session, const saga::Timer& timer) {
                  return RunSensitivity(session, SensitiveCodeId(timer.aggregate_id),
                                        std::max(clock.Now(), timer.due_at));
                });
}

void DefineNoticeTimers(saga::TimerRunner& timers, MysqlNoticeStore& notices,
                        const base::Clock& clock) {
  timers.Define(std::string(kReadersTimer),
                [&notices, &clock](mysql::Session& session, const saga::Timer& timer) {
                  return notices.Issue(session, ReportId(timer.aggregate_id), timer.name,
                                       std::max(clock.Now(), timer.due_at));
                });
  timers.Define(std::string(kNoticeTimer),
                [&notices, &clock](mysql::Session& session, const saga::Timer& timer) {
                  return notices.Escalate(session, NoticeId(timer.aggregate_id),
                                          std::max(clock.Now(), timer.due_at));
                });
}

absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlReportStore& store) {
  return store.MovePatient(session, event);
}

}  // namespace yilian::lab
