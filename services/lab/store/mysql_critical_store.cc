#include "services/lab/store/mysql_critical_store.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/transaction.h"
#include "common/saga/timer.h"
#include "common/wire/timestamp.h"
#include "services/lab/domain/errors.h"
#include "services/lab/store/critical_queries.h"
#include "services/lab/store/critical_rows.h"
#include "services/lab/store/sensitivity.h"
#include "yilian/lab/v1/critical.pb.h"

namespace yilian::lab {
namespace {

using ManyValues = std::vector<CriticalValue>;

absl::StatusOr<outbox::NewEvent> EventOf(mysql::Session& session, const CriticalChange& change,
                                         absl::Time at) {
  const CriticalValue& value = change.after;
  v1::CriticalValueChanged payload;
  payload.set_critical_value_id(value.id.ToString());
  payload.set_report_id(value.report.ToString());
  payload.set_patient_id(value.patient.ToString());
  payload.set_performing_organization_id(value.performing_organization.ToString());
  payload.set_ordering_organization_id(value.ordering_organization.ToString());
  payload.set_state(static_cast<v1::CriticalState>(value.state));
  payload.set_tier(value.tier);
  payload.set_action_overdue(value.action_overdue);
  if (value.due_at) wire::SetTime(payload.mutable_due_at(), *value.due_at);
  std::vector<base::Uuid> audience = {value.performing_organization.uuid(),
                                      value.ordering_organization.uuid()};
  if (value.tier >= kTierAcrossOrganizations) {
    ASSIGN_OR_RETURN(const std::vector<base::Uuid> caring,
                     CaringReaders(session, value.patient, value.sensitive, at));
    audience.insert(audience.end(), caring.begin(), caring.end());
  }
  std::sort(audience.begin(), audience.end());
  audience.erase(std::unique(audience.begin(), audience.end()), audience.end());
  outbox::NewEvent event = outbox::NewEvent::Of("critical_value", value.id.uuid(), value.version,
                                                payload, at, std::move(audience));
  event.type = change.event;
  return event;
}

absl::Status WriteRows(mysql::Session& session, const CriticalValue* before,
                       const CriticalChange& change) {
  const CriticalValue& after = change.after;
  if (before == nullptr) {
    RETURN_IF_ERROR(
        session.ExecuteValues(queries::kInsertCritical, rows::InsertCriticalValues(after))
            .status());
  } else {
    ASSIGN_OR_RETURN(const int64_t matched,
                     session.ExecuteValues(queries::kUpdateCritical,
                                           rows::UpdateCriticalValues(after, before->version)));
    // The row was locked when it was read, so this is a defect and not a race.
    if (matched != 1) return absl::InternalError("a locked critical value changed under its lock");
  }
  if (change.attempt) {
    const NotificationAttempt& attempt = *change.attempt;
    RETURN_IF_ERROR(
        session
            .ExecuteValues(queries::kInsertAttempt,
                           {after.id, after.version, attempt.by.at, attempt.by.organization,
                            mysql::OrNull(attempt.by.practitioner),
                            static_cast<int>(attempt.channel), static_cast<int>(attempt.outcome)})
            .status());
  }
  const std::optional<absl::Time> due_before = before == nullptr ? std::nullopt : before->due_at;
  if (after.due_at == due_before) return absl::OkStatus();
  if (!after.due_at) return saga::CancelTimer(session, kCriticalTimer, after.id.uuid(), "");
  return saga::SetTimer(session, {.kind = std::string(kCriticalTimer),
                                  .aggregate_id = after.id.uuid(),
                                  .due_at = *after.due_at});
}

absl::StatusOr<std::vector<NotificationAttempt>> AttemptsOf(mysql::Session& session,
                                                            CriticalValueId id) {
  return session.SelectAll<NotificationAttempt>(queries::kGetAttempts, rows::AttemptFromRow, id);
}

}  // namespace

absl::StatusOr<std::vector<outbox::NewEvent>> FollowReportIn(mysql::Session& session,
                                                             const Report& report, bool known,
                                                             const CriticalRules& rules,
                                                             absl::Time at) {
  ManyValues before;
  if (known) {
    ASSIGN_OR_RETURN(before, session.SelectAll<CriticalValue>(queries::kCriticalOfReport,
                                                              rows::CriticalFromRow, report.id));
  }
  std::vector<outbox::NewEvent> events;
  for (CriticalChange& change : FollowReport(before, report, rules, at)) {
    change.after.sensitive = report.sensitive;
    const auto old = std::find_if(before.begin(), before.end(), [&](const CriticalValue& one) {
      return one.id == change.after.id;
    });
    RETURN_IF_ERROR(WriteRows(session, old == before.end() ? nullptr : &*old, change));
    ASSIGN_OR_RETURN(outbox::NewEvent event, EventOf(session, change, at));
    events.push_back(std::move(event));
  }
  return events;
}

absl::StatusOr<std::string> MysqlCriticalStore::UpdateBytes(const unit::WriteContext& context,
                                                            CriticalValueId id,
                                                            const Decide& decide,
                                                            const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const std::optional<CriticalValue> now,
                     scope.sql().SelectOne<CriticalValue>(queries::kGetCriticalForUpdate,
                                                          rows::CriticalFromRow, id));
    if (!now) return errors::NotFound();
    ASSIGN_OR_RETURN(CriticalChange change, decide(*now, scope.now()));
    RETURN_IF_ERROR(WriteRows(scope.sql(), &*now, change));
    ASSIGN_OR_RETURN(outbox::NewEvent event, EventOf(scope.sql(), change, scope.now()));
    scope.Append(std::move(event));
    scope.Subject("critical_value", change.after.id.uuid(), change.after.patient.uuid());
    ASSIGN_OR_RETURN(std::vector<NotificationAttempt> attempts, AttemptsOf(scope.sql(), id));
    return respond({.value = std::move(change.after), .attempts = std::move(attempts)});
  });
}

absl::StatusOr<std::optional<CriticalRecord>> MysqlCriticalStore::Get(CriticalValueId id,
                                                                      absl::Time deadline) {
  std::optional<CriticalRecord> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(
            std::optional<CriticalValue> value,
            session.SelectOne<CriticalValue>(queries::kGetCritical, rows::CriticalFromRow, id));
        if (!value) return absl::OkStatus();
        ASSIGN_OR_RETURN(std::vector<NotificationAttempt> attempts, AttemptsOf(session, id));
        found = CriticalRecord{.value = *std::move(value), .attempts = std::move(attempts)};
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<ManyValues> MysqlCriticalStore::List(const CriticalQuery& query,
                                                    absl::Time deadline) {
  const mysql::Query* statement = &queries::kListToReadBack;
  if (query.worklist == CriticalWorklist::kToNotify) statement = &queries::kListToNotify;
  if (query.worklist == CriticalWorklist::kToAct) statement = &queries::kListToAct;
  ManyValues found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(
            found, session.SelectAll<CriticalValue>(*statement, rows::CriticalFromRow,
                                                    query.organization, query.after_time,
                                                    query.after_time, query.after_id, query.limit));
        return absl::OkStatus();
      }));
  return found;
}

absl::Status MysqlCriticalStore::Escalate(mysql::Session& session, CriticalValueId id,
                                          absl::Time at) {
  ASSIGN_OR_RETURN(
      const std::optional<CriticalValue> now,
      session.SelectOne<CriticalValue>(queries::kGetCriticalForUpdate, rows::CriticalFromRow, id));
  if (!now) return absl::OkStatus();
  const std::optional<CriticalChange> change = now->Escalate(rules_, at);
  if (!change) return absl::OkStatus();
  RETURN_IF_ERROR(WriteRows(session, &*now, *change));
  ASSIGN_OR_RETURN(outbox::NewEvent event, EventOf(session, *change, at));
  return outbox::Append(session, {std::move(event)});
}

}  // namespace yilian::lab
