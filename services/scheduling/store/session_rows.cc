#include "services/scheduling/store/session_rows.h"

#include <algorithm>
#include <array>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"
#include "services/scheduling/store/civil_day.h"
#include "services/scheduling/store/clinic_rule_rows.h"
#include "services/scheduling/store/session_list.h"

namespace yilian::scheduling {
namespace {

using mysql::OrNull;

using mysql::Query;

constexpr Query kInsertSession{
    "scheduling.InsertSession",
    "INSERT INTO session (session_id, organization_id, department_id, specialty, practitioner_id, "
    "site_id, kind, starts_at, ends_at, seats, cancelled, released, organization_release_at, "
    "open_release_at, version, created_at, template_id, template_date, template_shape, "
    "resource_kind, resource_code, rule_date, " YILIAN_CLINIC_RULE_COLUMNS
    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

#define YILIAN_SESSION_COLUMNS                                                                    \
  "s.session_id, s.organization_id, s.department_id, s.specialty, s.practitioner_id, s.site_id, " \
  "s.kind, s.starts_at, s.ends_at, s.seats, s.cancelled, s.released, s.organization_release_at, " \
  "s.open_release_at, s.version, s.template_id, s.resource_kind, s.resource_code, "               \
  "s.rule_date, " YILIAN_CLINIC_RULE_COLUMNS

// Primary keys of both tables.
constexpr Query kLoadSession{
    "scheduling.LoadSession",
    "SELECT " YILIAN_SESSION_COLUMNS
    ", o.consortium_id FROM session s LEFT JOIN organization o ON o.organization_id = "
    "s.organization_id WHERE s.session_id = ?"};
constexpr Query kLockSession{"scheduling.LockSession",
                             "SELECT " YILIAN_SESSION_COLUMNS
                             ", NULL FROM session s WHERE s.session_id = ? FOR UPDATE"};
// Index: ix_session__department_id_starts_at.
constexpr Query kFitQuestions{
    "scheduling.FitQuestions",
    "SELECT DISTINCT rule_date, " YILIAN_CLINIC_RULE_COLUMNS
    " FROM session WHERE department_id = ? AND starts_at >= ? AND starts_at < ? AND cancelled = 0 "
    "AND (? IS NULL OR practitioner_id = ?) LIMIT ?"};

SessionRow MakeSessionRow(const mysql::Row& row) {
  SessionRow made;
  Session& session = made.session;
  session.id = row.Id<SessionId>(0);
  session.organization = row.Id<OrganizationId>(1);
  session.department = row.Id<DepartmentId>(2);
  session.specialty = row.Text(3);
  session.practitioner = row.Id<PractitionerId>(4);
  session.site = row.Id<OrganizationId>(5);
  session.kind = SessionKindFromName(row.Text(6)).value_or(SessionKind::kOutpatient);
  session.time = {row.Time(7), row.Time(8)};
  session.seats = static_cast<int>(row.Int(9));
  session.cancelled = row.Bool(10);
  session.released = static_cast<ReleaseStage>(row.Int(11));
  session.organization_release_at = row.Time(12);
  session.open_release_at = row.Time(13);
  session.version = row.Int(14);
  session.made_from = row.Id<TemplateId>(15);
  session.resource = {ResourceKindFromName(row.Text(16)).value_or(ResourceKind::kNone),
                      row.Text(17)};
  session.rule = ClinicRuleFrom(row, 19);
  if (!session.rule.none()) session.rule_date = FromSqlDate(row.Text(18));
  made.consortium = row.Id<OrganizationId>(19 + kClinicRuleColumns);
  return made;
}

// One statement for each set of filters that is given, so that each has its index: the filter's own
// one with starts_at behind it, ix_session__starts_at without any. The seats are asked by
// ix_seat__session_id_state_pool, session by session until the page is full: EXISTS would be made a
// join that looks at all sessions first.
class SearchQueries {
 public:
  enum Filter {
    kSpecialty = 1,
    kOrganization = 2,
    kDepartment = 4,
    kPractitioner = 8,
    kKinds = 16
  };

  SearchQueries() {
    for (int mask = 0; mask < kCount; ++mask) {
      names_[mask] = "scheduling.FindSessions." + std::to_string(mask);
      texts_[mask] = Text(mask);
    }
  }
  Query For(int mask) const { return {names_[mask], texts_[mask]}; }

 private:
  static constexpr int kCount = 32;

  static std::string Text(int mask) {
    std::string text = "SELECT " YILIAN_SESSION_COLUMNS
                       ", o.consortium_id FROM session s LEFT JOIN organization o ON "
                       "o.organization_id = s.organization_id WHERE ";
    if (mask & kSpecialty) text += "s.specialty = ? AND ";
    if (mask & kOrganization) text += "s.organization_id = ? AND ";
    if (mask & kDepartment) text += "s.department_id = ? AND ";
    if (mask & kPractitioner) text += "s.practitioner_id = ? AND ";
    if (mask & kKinds) text += "s.kind IN (?, ?, ?, ?, ?) AND ";
    return text +
           "s.starts_at >= ? AND s.starts_at < ? AND (s.starts_at > ? OR s.session_id > ?) AND "
           "s.cancelled = 0 AND (SELECT 1 FROM seat t WHERE t.session_id = s.session_id AND "
           "t.state = 'FREE' AND (t.pool = 'OPEN' OR (t.pool = 'GREEN' AND ? = 1) OR (t.pool = "
           "'CONSORTIUM' AND o.consortium_id = ?) OR (t.pool = 'ORGANIZATION' AND "
           "t.pool_organization_id = ?)) LIMIT 1) = 1 ORDER BY s.starts_at, s.session_id LIMIT ?";
  }

  std::array<std::string, kCount> names_;
  std::array<std::string, kCount> texts_;
};

}  // namespace

absl::Status InsertSession(mysql::Session& sql, const Session& session,
                           const std::optional<TemplatePlace>& place, absl::Time now) {
  const mysql::Value null(nullptr);
  mysql::Values values{session.id,
                       session.organization,
                       session.department,
                       session.specialty,
                       OrNull(session.practitioner),
                       session.site,
                       Name(session.kind),
                       session.time.start,
                       session.time.end,
                       session.seats,
                       session.cancelled,
                       static_cast<int>(session.released),
                       session.organization_release_at,
                       session.open_release_at,
                       session.version,
                       now,
                       OrNull(session.made_from),
                       place ? mysql::Value(ToSqlDate(place->date)) : null,
                       place ? mysql::Value(place->shape) : null,
                       session.resource.none() ? null : mysql::Value(Name(session.resource.kind)),
                       session.resource.none() ? null : mysql::Value(session.resource.code),
                       session.rule.none() ? null : mysql::Value(ToSqlDate(session.rule_date))};
  for (mysql::Value& value : ClinicRuleValues(session.rule)) values.push_back(std::move(value));
  return sql.ExecuteValues(kInsertSession, values).status();
}

absl::StatusOr<std::optional<SessionRow>> LoadSession(mysql::Session& sql, SessionId id) {
  return sql.SelectOne<SessionRow>(kLoadSession, MakeSessionRow, id);
}

absl::StatusOr<std::optional<SessionRow>> LockSession(mysql::Session& sql, SessionId id) {
  return sql.SelectOne<SessionRow>(kLockSession, MakeSessionRow, id);
}

absl::StatusOr<std::vector<SessionRow>> LockSessions(mysql::Session& sql,
                                                     const std::vector<SessionId>& ids) {
  // Primary key.
  static const SessionListQuery& query = *new SessionListQuery(
      "scheduling.LockSessions",
      "SELECT " YILIAN_SESSION_COLUMNS ", NULL FROM session s WHERE s.session_id IN ",
      " ORDER BY s.session_id FOR UPDATE");
  mysql::Values values;
  SessionListQuery::Append(ids, values);
  std::vector<SessionRow> locked;
  RETURN_IF_ERROR(sql.SelectValues(query.For(ids), values, [&](const mysql::Row& row) {
    locked.push_back(MakeSessionRow(row));
    return absl::OkStatus();
  }));
  return locked;
}

absl::Status SaveRelease(mysql::Session& sql, const std::vector<SessionId>& ids,
                         ReleaseStage stage) {
  // Primary key.
  static const SessionListQuery& query = *new SessionListQuery(
      "scheduling.SaveRelease",
      "UPDATE session SET released = ?, version = version + 1 WHERE session_id IN ", "");
  mysql::Values values{static_cast<int>(stage)};
  SessionListQuery::Append(ids, values);
  return sql.ExecuteValues(query.For(ids), values).status();
}

absl::StatusOr<std::vector<FitQuestion>> FitQuestionsOf(mysql::Session& sql,
                                                        DepartmentId department,
                                                        PractitionerId practitioner,
                                                        const Span& time) {
  return sql.SelectAll<FitQuestion>(
      kFitQuestions,
      [](const mysql::Row& row) {
        FitQuestion question{.rule = ClinicRuleFrom(row, 1)};
        if (!question.rule.none()) question.date = FromSqlDate(row.Text(0));
        return question;
      },
      department, time.start, time.end, OrNull(practitioner), OrNull(practitioner),
      static_cast<int64_t>(PatientDirectory::kMostQuestions));
}

absl::StatusOr<std::vector<SessionRow>> FindSessions(mysql::Session& sql,
                                                     const SessionFilter& filter,
                                                     const Booker& booker,
                                                     const SessionPosition& after, int limit,
                                                     absl::Time now) {
  static const SearchQueries& queries = *new SearchQueries();
  int mask = 0;
  mysql::Values values;
  const auto narrow = [&](SearchQueries::Filter bit, bool given, mysql::Value value) {
    if (!given) return;
    mask |= bit;
    values.push_back(std::move(value));
  };
  narrow(SearchQueries::kSpecialty, !filter.specialty.empty(), filter.specialty);
  narrow(SearchQueries::kOrganization, !filter.organization.is_nil(), filter.organization);
  narrow(SearchQueries::kDepartment, !filter.department.is_nil(), filter.department);
  narrow(SearchQueries::kPractitioner, !filter.practitioner.is_nil(), filter.practitioner);
  if (!filter.kinds.empty()) {
    mask |= SearchQueries::kKinds;
    for (size_t i = 0; i < 5; ++i) {
      // Filled up by repeating the last one.
      values.emplace_back(Name(filter.kinds[std::min(i, filter.kinds.size() - 1)]));
    }
  }
  // A session that starts at this very moment is closed.
  const absl::Time from =
      std::max({filter.time.start, after.starts_at, now + absl::Microseconds(1)});
  for (mysql::Value value :
       {mysql::Value(from), mysql::Value(filter.time.end), mysql::Value(after.starts_at),
        mysql::Value(after.session), mysql::Value(booker.green), OrNull(booker.consortium()),
        OrNull(booker.organization.id), mysql::Value(limit)}) {
    values.push_back(std::move(value));
  }
  std::vector<SessionRow> found;
  RETURN_IF_ERROR(sql.SelectValues(queries.For(mask), values, [&](const mysql::Row& row) {
    found.push_back(MakeSessionRow(row));
    return absl::OkStatus();
  }));
  return found;
}

}  // namespace yilian::scheduling
