#include "services/scheduling/store/template_rows.h"

#include <algorithm>
#include <map>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"
#include "common/mysql/shaped.h"
#include "services/scheduling/store/civil_day.h"
#include "services/scheduling/store/clinic_rule_rows.h"
#include "services/scheduling/store/session_rows.h"

namespace yilian::scheduling {
namespace {

using mysql::OrNull;

using mysql::Query;

constexpr Query kInsertTemplate{
    "scheduling.InsertTemplate",
    "INSERT INTO session_template (template_id, organization_id, department_id, specialty, "
    "practitioner_id, site_id, kind, resource_kind, resource_code, weekdays, start_minute, "
    "end_minute, seats, effective_from, effective_until, on_holidays, ended_at, version, "
    "created_at, updated_at, " YILIAN_CLINIC_RULE_COLUMNS
    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr Query kSaveTemplate{
    "scheduling.SaveTemplate",
    "UPDATE session_template SET department_id = ?, specialty = ?, practitioner_id = ?, site_id = "
    "?, kind = ?, resource_kind = ?, resource_code = ?, weekdays = ?, start_minute = ?, end_minute "
    "= ?, seats = ?, effective_from = ?, effective_until = ?, on_holidays = ?, ended_at = ?, "
    "least_age = ?, least_age_unit = ?, greatest_age = ?, greatest_age_unit = ?, patient_sex = ?, "
    "version = ?, updated_at = ? WHERE template_id = ? AND version = ?"};

#define YILIAN_TEMPLATE                                                                       \
  "SELECT template_id, organization_id, department_id, specialty, practitioner_id, site_id, " \
  "kind, resource_kind, resource_code, weekdays, start_minute, end_minute, seats, "           \
  "effective_from, effective_until, on_holidays, ended_at, "                                  \
  "version, " YILIAN_CLINIC_RULE_COLUMNS " FROM session_template WHERE "
#define YILIAN_IN_FORCE \
  " AND (effective_until IS NULL OR effective_until >= ?) ORDER BY template_id"

// Primary key.
constexpr Query kLoadTemplate{"scheduling.LoadTemplate", YILIAN_TEMPLATE "template_id = ?"};
constexpr Query kLockTemplate{"scheduling.LockTemplate",
                              YILIAN_TEMPLATE "template_id = ? FOR UPDATE"};
// Index: ix_session_template__organization_id.
constexpr Query kListTemplates{
    "scheduling.ListTemplates", YILIAN_TEMPLATE
    "organization_id = ? AND template_id > ? AND (? = 1 OR ended_at IS NULL) ORDER "
    "BY template_id LIMIT ?"};
// Index: ix_session_template__practitioner_id, both.
constexpr Query kListTemplatesOfExpert{
    "scheduling.ListTemplatesOfExpert", YILIAN_TEMPLATE
    "practitioner_id = ? AND organization_id = ? AND template_id > ? AND (? = 1 OR "
    "ended_at IS NULL) ORDER BY template_id LIMIT ?"};
constexpr Query kTemplatesOfExpert{"scheduling.TemplatesOfExpert",
                                   YILIAN_TEMPLATE "practitioner_id = ?" YILIAN_IN_FORCE};
// Index: ix_session_template__site_id.
constexpr Query kTemplatesAtSite{"scheduling.TemplatesAtSite",
                                 YILIAN_TEMPLATE "site_id = ?" YILIAN_IN_FORCE};

// Primary key prefix of either table, all four.
constexpr Query kRemoveQuotas{"scheduling.RemoveQuotas",
                              "DELETE FROM template_quota WHERE template_id = ?"};
constexpr Query kRemoveExceptions{"scheduling.RemoveExceptions",
                                  "DELETE FROM template_exception WHERE template_id = ?"};
constexpr Query kInsertQuota{"scheduling.InsertQuota",
                             "INSERT INTO template_quota (template_id, pool, pool_organization_id, "
                             "seats) VALUES (?, ?, ?, ?)"};

// Index: uq_session__template_id_template_date.
constexpr Query kStandingSessions{
    "scheduling.StandingSessions",
    "SELECT session_id, template_date, template_shape FROM session WHERE template_id = ? AND "
    "template_date IS NOT NULL AND starts_at > ? ORDER BY template_date"};
constexpr Query kWithdrawSession{
    "scheduling.WithdrawSession",
    "UPDATE session SET cancelled = 1, template_date = NULL, version = ? WHERE session_id = ? AND "
    "version = ?"};
#define YILIAN_BUSY                                                                             \
  " AND starts_at > ? AND starts_at < ? AND ends_at > ? AND cancelled = 0 AND (template_id IS " \
  "NULL OR template_id <> ?) ORDER BY starts_at"
// Index: ix_session__practitioner_id_starts_at. No session is longer than kLongestStanding, so that
// the range is bounded below.
constexpr Query kBusySpansOfExpert{
    "scheduling.BusySpansOfExpert",
    "SELECT session_id, starts_at, ends_at, site_id, kind FROM session WHERE practitioner_id = "
    "?" YILIAN_BUSY};
// Index: ix_session__site_id_resource_code_starts_at.
constexpr Query kBusySpansOfResource{"scheduling.BusySpansOfResource",
                                     "SELECT session_id, starts_at, ends_at FROM session WHERE "
                                     "site_id = ? AND resource_kind = ? AND "
                                     "resource_code = ?" YILIAN_BUSY};

SessionTemplate MakeTemplate(const mysql::Row& row) {
  SessionTemplate made;
  TemplatePlan& plan = made.plan;
  made.id = row.Id<TemplateId>(0);
  made.organization = row.Id<OrganizationId>(1);
  plan.department = row.Id<DepartmentId>(2);
  plan.specialty = row.Text(3);
  plan.practitioner = row.Id<PractitionerId>(4);
  plan.site = row.Id<OrganizationId>(5);
  plan.kind = SessionKindFromName(row.Text(6)).value_or(SessionKind::kOutpatient);
  plan.resource = {ResourceKindFromName(row.Text(7)).value_or(ResourceKind::kNone), row.Text(8)};
  plan.weekdays = Weekdays(row.Int(9));
  plan.hours = {{static_cast<int>(row.Int(10))}, {static_cast<int>(row.Int(11))}};
  plan.seats = static_cast<int>(row.Int(12));
  plan.effective_from = FromSqlDate(row.Text(13));
  if (const auto until = row.OptionalText(14)) plan.effective_until = FromSqlDate(*until);
  plan.on_holidays = row.Bool(15);
  made.ended_at = row.OptionalTime(16);
  made.version = row.Int(17);
  plan.rule = ClinicRuleFrom(row, 18);
  return made;
}

// Quotas or exceptions of many templates, each primary key prefix; the list is filled up by
// repeating the last id.
mysql::Shaped PartsOf(std::string_view name, const std::string& columns, const std::string& table,
                      const std::string& order) {
  return mysql::Shaped(name, {1, 25, 200}, [&](size_t length) {
    return "SELECT template_id, " + columns + " FROM " + table + " WHERE template_id IN (" +
           mysql::Places(length) + ") ORDER BY template_id, " + order;
  });
}

absl::Status SelectParts(mysql::Session& sql, const mysql::Shaped& shaped,
                         std::vector<SessionTemplate>& all,
                         absl::FunctionRef<void(TemplatePlan&, const mysql::Row&)> add) {
  std::map<TemplateId, TemplatePlan*> plans;
  for (SessionTemplate& made : all) plans.emplace(made.id, &made.plan);
  for (size_t first = 0; first < all.size();) {
    const mysql::Shaped::Shape& shape = shaped.AtLeast(all.size() - first);
    mysql::Values values;
    for (size_t i = first; i < first + shape.length; ++i) {
      values.emplace_back(all[std::min(i, all.size() - 1)].id);
    }
    first += shape.length;
    RETURN_IF_ERROR(sql.SelectValues(shape.query(), values, [&](const mysql::Row& row) {
      add(*plans.at(row.Id<TemplateId>(0)), row);
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SessionTemplate>> WithParts(
    mysql::Session& sql, absl::StatusOr<std::vector<SessionTemplate>> found) {
  RETURN_IF_ERROR(found.status());
  static const mysql::Shaped& quotas =
      *new mysql::Shaped(PartsOf("scheduling.QuotasOf", "pool, pool_organization_id, seats",
                                 "template_quota", "pool, pool_organization_id"));
  static const mysql::Shaped& exceptions = *new mysql::Shaped(
      PartsOf("scheduling.ExceptionsOf", "session_date, start_minute, end_minute",
              "template_exception", "session_date"));
  RETURN_IF_ERROR(SelectParts(sql, quotas, *found, [](TemplatePlan& plan, const mysql::Row& row) {
    plan.quotas.push_back({PoolKindFromName(row.Text(1)).value_or(PoolKind::kOpen),
                           row.Id<OrganizationId>(2), static_cast<int>(row.Int(3))});
  }));
  RETURN_IF_ERROR(
      SelectParts(sql, exceptions, *found, [](TemplatePlan& plan, const mysql::Row& row) {
        TemplateException exception{.date = FromSqlDate(row.Text(1))};
        if (!row.IsNull(2)) {
          exception.hours =
              WallHours{{static_cast<int>(row.Int(2))}, {static_cast<int>(row.Int(3))}};
        }
        plan.exceptions.push_back(exception);
      }));
  return found;
}

absl::StatusOr<std::optional<SessionTemplate>> One(
    mysql::Session& sql, absl::StatusOr<std::vector<SessionTemplate>> found) {
  ASSIGN_OR_RETURN(std::vector<SessionTemplate> all, WithParts(sql, std::move(found)));
  if (all.empty()) return std::optional<SessionTemplate>();
  return std::optional(std::move(all.front()));
}

absl::Status InsertParts(mysql::Session& sql, const SessionTemplate& made) {
  for (const Quota& quota : made.plan.quotas) {
    RETURN_IF_ERROR(
        sql.Execute(kInsertQuota, made.id, Name(quota.kind), quota.organization, quota.seats)
            .status());
  }
  if (made.plan.exceptions.empty()) return absl::OkStatus();
  mysql::Values values;
  for (const TemplateException& exception : made.plan.exceptions) {
    const auto minute = [&](TimeOfDay WallHours::*end) {
      return exception.hours ? mysql::Value(((*exception.hours).*end).minutes)
                             : mysql::Value(nullptr);
    };
    values.emplace_back(made.id);
    values.emplace_back(ToSqlDate(exception.date));
    values.push_back(minute(&WallHours::start));
    values.push_back(minute(&WallHours::end));
  }
  return sql
      .ExecuteComposed("scheduling.InsertExceptions",
                       "INSERT INTO template_exception (template_id, session_date, start_minute, "
                       "end_minute) VALUES " +
                           mysql::PlaceRows(made.plan.exceptions.size(), 4),
                       values)
      .status();
}

void Append(mysql::Values more, mysql::Values& values) {
  std::move(more.begin(), more.end(), std::back_inserter(values));
}

// From department_id to ended_at, as both statements have them.
mysql::Values PlanValues(const SessionTemplate& made) {
  const TemplatePlan& plan = made.plan;
  return {plan.department,
          plan.specialty,
          OrNull(plan.practitioner),
          plan.site,
          Name(plan.kind),
          Name(plan.resource.kind),
          plan.resource.code,
          plan.weekdays.bits(),
          plan.hours.start.minutes,
          plan.hours.end.minutes,
          plan.seats,
          ToSqlDate(plan.effective_from),
          ToSqlDate(plan.effective_until),
          plan.on_holidays,
          made.ended_at};
}

BusySpan MakeBusySpan(const mysql::Row& row) {
  return {row.Id<SessionId>(0), {row.Time(1), row.Time(2)}, OrganizationId()};
}

BusySpan MakeExpertSpan(const mysql::Row& row) {
  const SessionKind kind = SessionKindFromName(row.Text(4)).value_or(SessionKind::kOutpatient);
  return {
      row.Id<SessionId>(0), {row.Time(1), row.Time(2)}, PlaceOf(kind, row.Id<OrganizationId>(3))};
}

}  // namespace

absl::Status InsertTemplate(mysql::Session& sql, const SessionTemplate& made, absl::Time now) {
  mysql::Values values{made.id, made.organization};
  Append(PlanValues(made), values);
  Append({made.version, now, now}, values);
  Append(ClinicRuleValues(made.plan.rule), values);
  RETURN_IF_ERROR(sql.ExecuteValues(kInsertTemplate, values).status());
  return InsertParts(sql, made);
}

absl::Status SaveTemplate(mysql::Session& sql, const SessionTemplate& made, absl::Time now) {
  mysql::Values values = PlanValues(made);
  Append(ClinicRuleValues(made.plan.rule), values);
  Append({made.version, now, made.id, made.version - 1}, values);
  ASSIGN_OR_RETURN(const int64_t rows, sql.ExecuteValues(kSaveTemplate, values));
  // The row was locked when it was read, so this is a defect and not a race.
  if (rows != 1) return absl::InternalError("a locked template changed under its lock");
  RETURN_IF_ERROR(sql.Execute(kRemoveQuotas, made.id).status());
  RETURN_IF_ERROR(sql.Execute(kRemoveExceptions, made.id).status());
  return InsertParts(sql, made);
}

absl::StatusOr<std::optional<SessionTemplate>> LoadTemplate(mysql::Session& sql, TemplateId id) {
  return One(sql, sql.SelectAll<SessionTemplate>(kLoadTemplate, MakeTemplate, id));
}

absl::StatusOr<std::optional<SessionTemplate>> LockTemplate(mysql::Session& sql, TemplateId id) {
  return One(sql, sql.SelectAll<SessionTemplate>(kLockTemplate, MakeTemplate, id));
}

absl::StatusOr<std::vector<SessionTemplate>> ListTemplates(mysql::Session& sql,
                                                           const TemplateFilter& filter,
                                                           TemplateId after, int limit) {
  if (filter.practitioner.is_nil()) {
    return WithParts(
        sql, sql.SelectAll<SessionTemplate>(kListTemplates, MakeTemplate, filter.organization,
                                            after, filter.with_ended, limit));
  }
  return WithParts(
      sql, sql.SelectAll<SessionTemplate>(kListTemplatesOfExpert, MakeTemplate, filter.practitioner,
                                          filter.organization, after, filter.with_ended, limit));
}

absl::StatusOr<std::vector<SessionTemplate>> TemplatesOf(mysql::Session& sql, PractitionerId expert,
                                                         absl::CivilDay from) {
  return WithParts(sql, sql.SelectAll<SessionTemplate>(kTemplatesOfExpert, MakeTemplate, expert,
                                                       ToSqlDate(from)));
}

absl::StatusOr<std::vector<SessionTemplate>> TemplatesAt(mysql::Session& sql, OrganizationId site,
                                                         absl::CivilDay from) {
  return WithParts(
      sql, sql.SelectAll<SessionTemplate>(kTemplatesAtSite, MakeTemplate, site, ToSqlDate(from)));
}

absl::StatusOr<std::vector<StandingSession>> StandingSessions(mysql::Session& sql, TemplateId id,
                                                              absl::Time now) {
  return sql.SelectAll<StandingSession>(
      kStandingSessions,
      [](const mysql::Row& row) {
        return StandingSession{row.Id<SessionId>(0), FromSqlDate(row.Text(1)), row.Id(2)};
      },
      id, now);
}

absl::Status WithdrawSession(mysql::Session& sql, Session& session) {
  session.cancelled = true;
  ++session.version;
  ASSIGN_OR_RETURN(const int64_t rows,
                   sql.Execute(kWithdrawSession, session.version, session.id, session.version - 1));
  return rows == 1 ? absl::OkStatus()
                   : absl::InternalError("a locked session changed under its lock");
}

absl::StatusOr<std::vector<BusySpan>> BusySpansOf(mysql::Session& sql, PractitionerId expert,
                                                  const Span& time, TemplateId but) {
  return sql.SelectAll<BusySpan>(kBusySpansOfExpert, MakeExpertSpan, expert,
                                 time.start - kLongestStanding - kLongestTravel,
                                 time.end + kLongestTravel, time.start - kLongestTravel, but);
}

absl::StatusOr<std::vector<BusySpan>> BusySpansOf(mysql::Session& sql, OrganizationId site,
                                                  const Resource& resource, const Span& time,
                                                  TemplateId but) {
  return sql.SelectAll<BusySpan>(kBusySpansOfResource, MakeBusySpan, site, Name(resource.kind),
                                 resource.code, time.start - kLongestStanding, time.end, time.start,
                                 but);
}

}  // namespace yilian::scheduling
