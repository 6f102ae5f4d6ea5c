#include "services/referral/store/worklist_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/referral/store/worklist_queries.h"

namespace yilian::referral {
namespace {

// No list reaches beyond it.
constexpr absl::Time kEndOfTime = absl::FromUnixSeconds(253'402'300'799);  // 9999-12-31

// Column after YILIAN_WORKLIST_COLUMNS.
constexpr int kClock = 14;

absl::StatusOr<WorklistEntry> ReferralOf(const mysql::Row& row) {
  WorklistEntry entry;
  int at = 0;
  entry.referral = row.Id<ReferralId>(at++);
  entry.patient = row.Id<PatientId>(at++);
  entry.direction = static_cast<Direction>(row.Int(at++));
  entry.channel = static_cast<Channel>(row.Int(at++));
  entry.setting = static_cast<Setting>(row.Int(at++));
  entry.urgency = static_cast<Urgency>(row.Int(at++));
  const std::optional<State> state = StateFromName(row.Text(at++));
  if (!state) {
    return absl::InternalError("a referral row has a state that this binary does not know");
  }
  entry.state = *state;
  entry.referring_organization = row.Id<OrganizationId>(at++);
  entry.receiving_organization = row.Id<OrganizationId>(at++);
  entry.receiving_department = row.Id<DepartmentId>(at++);
  entry.complaint = row.Text(at++);
  entry.due_at = row.OptionalTime(at++);
  entry.escalation_tier = static_cast<int>(row.Int(at++));
  entry.version = row.Int(at++);
  return entry;
}

absl::StatusOr<WorklistEntry> EntryOf(const mysql::Row& row) {
  ASSIGN_OR_RETURN(WorklistEntry entry, ReferralOf(row));
  entry.clock_at = row.Time(kClock);
  return entry;
}

absl::StatusOr<WorklistEntry> FollowUpOf(const mysql::Row& row) {
  ASSIGN_OR_RETURN(WorklistEntry entry, ReferralOf(row));
  FollowUpTask task;
  if (!absl::ParseCivilTime(row.Text(kClock), &task.due_date)) {
    return absl::InternalError("a follow-up task row has no date");
  }
  task.id = row.Id<TaskId>(kClock + 1);
  task.instruction = row.Text(kClock + 2);
  task.state = static_cast<TaskState>(row.Int(kClock + 3));
  task.escalation_tier = static_cast<int>(row.Int(kClock + 4));
  task.reschedule_count = static_cast<int>(row.Int(kClock + 5));
  task.reschedule_reason = row.OptionalText(kClock + 6).value_or("");
  entry.clock_at = absl::FromCivil(task.due_date, absl::UTCTimeZone());
  entry.task = std::move(task);
  return entry;
}

std::string DayOf(absl::Time time) {
  return absl::FormatCivilTime(absl::ToCivilDay(time, absl::UTCTimeZone()));
}

absl::StatusOr<std::vector<WorklistEntry>> Select(mysql::Session& session,
                                                  const WorklistPage& page) {
  const absl::Time after = page.after_time;
  switch (page.kind) {
    case WorklistKind::kOverdue:
      return session.SelectAll<WorklistEntry>(
          page.of_region ? queries::kListOverdueInRegion : queries::kListOverdue, EntryOf,
          page.organization, after, page.times.now, after, page.after_id, page.limit);
    case WorklistKind::kFollowUpsDue: {
      const std::string day = DayOf(after);
      return session.SelectAll<WorklistEntry>(
          queries::kListFollowUps, FollowUpOf, page.organization, day,
          absl::FormatCivilTime(page.times.last_day), day, page.after_id, page.limit);
    }
    case WorklistKind::kRejected: {
      const absl::Time from = std::max(after, page.times.oldest_rejection);
      return session.SelectAll<WorklistEntry>(queries::kListRejected, EntryOf, page.organization,
                                              from, from, page.after_id, page.limit);
    }
    default: {
      const absl::Time until =
          page.kind == WorklistKind::kArriving ? page.times.end_of_day : kEndOfTime;
      return session.SelectAll<WorklistEntry>(queries::kListWorklist, EntryOf, page.organization,
                                              static_cast<int>(page.kind), after, until, after,
                                              page.after_id, page.limit);
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<WorklistEntry>> MysqlWorklistStore::List(const WorklistPage& page,
                                                                    absl::Time deadline) {
  std::vector<WorklistEntry> entries;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(entries, Select(session, page));
    return absl::OkStatus();
  }));
  return entries;
}

absl::StatusOr<std::vector<WorklistCount>> MysqlWorklistStore::Count(OrganizationId organization,
                                                                     bool of_region,
                                                                     const WorklistTimes& times,
                                                                     absl::Time deadline) {
  const OrganizationId o = organization;
  const mysql::Values values = {
      o, o,
      o,  // 1, 2, 3
      o, times.end_of_day,
      o,  // 4, 5
      o, absl::FormatCivilTime(times.last_day),
      o, o,                       // 7, 8, 9
      o, times.oldest_rejection,  // 10
      o, times.now,               // 6
  };
  std::vector<WorklistCount> counts;
  for (const WorklistKind kind : kAllWorklists) counts.push_back({.kind = kind});
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](mysql::Session& session) {
    return session.SelectValues(
        of_region ? queries::kCountWorklistsOfRegion : queries::kCountWorklists, values,
        [&](const mysql::Row& row) {
          WorklistCount& count = counts[static_cast<size_t>(row.Int(0) - 1)];
          const int found = static_cast<int>(row.Int(1));
          count.more = found > kMaxCounted;
          count.entries = count.more ? kMaxCounted : found;
          return absl::OkStatus();
        });
  }));
  return counts;
}

absl::Status WriteOwedTasks(mysql::Session& session, const Referral* before,
                            const Referral& after) {
  const bool was_in_care = before != nullptr && before->state == State::kAccepted;
  const bool in_care = after.state == State::kAccepted;
  if (!after.care_plan || (!was_in_care && !in_care)) return absl::OkStatus();
  if (was_in_care && in_care && before->care_plan == after.care_plan) return absl::OkStatus();
  const mysql::Value owner =
      in_care ? mysql::Value(after.receiving_organization) : mysql::Value(nullptr);
  return session.ExecuteValues(queries::kOweTasks, {owner, after.id}).status();
}

}  // namespace yilian::referral
