// What happens to reports and critical values without a caller: a clock that runs out, patients
// that merge, a mapping or a sensitive code that changes, a correction whose readers are to know.
#pragma once

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/mysql/session.h"
#include "common/saga/timer.h"
#include "services/lab/store/mysql_critical_store.h"
#include "services/lab/store/mysql_notice_store.h"
#include "services/lab/store/mysql_report_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::lab {

void DefineTimers(saga::TimerRunner& timers, MysqlCriticalStore& store, const CriticalRules& rules,
                  const base::Clock& clock);
void DefineNoticeTimers(saga::TimerRunner& timers, MysqlNoticeStore& notices,
                        const base::Clock& clock);

// The effect of an event of `directory` on this schema: PatientsMerged, PatientsUnmerged.
absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlReportStore& store);

}  // namespace yilian::lab
