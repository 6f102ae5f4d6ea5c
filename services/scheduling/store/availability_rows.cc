#include "services/scheduling/store/availability_rows.h"

#include <algorithm>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"
#include "common/mysql/shaped.h"
#include "services/scheduling/store/civil_day.h"

namespace yilian::scheduling {
namespace {

using mysql::OrNull;

using mysql::Query;

// Primary key or its prefix, all of a site.
constexpr Query kLoadSite{"scheduling.LoadSite",
                          "SELECT time_zone, version FROM site WHERE site_id = ?"};
constexpr Query kLoadSiteHours{"scheduling.LoadSiteHours",
                               "SELECT weekday, start_minute, end_minute FROM site_hours WHERE "
                               "site_id = ? ORDER BY weekday, start_minute"};
constexpr Query kSaveSite{
    "scheduling.SaveSite",
    "INSERT INTO site (site_id, time_zone, version, updated_at) VALUES (?, ?, ?, ?) ON DUPLICATE "
    "KEY UPDATE time_zone = ?, version = ?, updated_at = ?"};
constexpr Query kRemoveSiteHours{"scheduling.RemoveSiteHours",
                                 "DELETE FROM site_hours WHERE site_id = ?"};
constexpr Query kInsertSiteHours{
    "scheduling.InsertSiteHours",
    "INSERT INTO site_hours (site_id, weekday, start_minute, end_minute) VALUES (?, ?, ?, ?)"};

constexpr Query kInsertAbsence{
    "scheduling.InsertAbsence",
    "INSERT INTO absence (absence_id, organization_id, practitioner_id, starts_at, ends_at, "
    "ended_at, version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr Query kSaveAbsence{"scheduling.SaveAbsence",
                             "UPDATE absence SET ends_at = ?, ended_at = ?, version = ? WHERE "
                             "absence_id = ? AND version = ?"};
#define YILIAN_ABSENCE                                                                          \
  "SELECT absence_id, organization_id, practitioner_id, starts_at, ends_at, ended_at, version " \
  "FROM absence WHERE "
// Primary key.
constexpr Query kLoadAbsence{"scheduling.LoadAbsence", YILIAN_ABSENCE "absence_id = ?"};
constexpr Query kLockAbsence{"scheduling.LockAbsence", YILIAN_ABSENCE "absence_id = ? FOR UPDATE"};
// Index: ix_absence__organization_id_practitioner_id_ends_at, all three.
constexpr Query kListAbsences{
    "scheduling.ListAbsences", YILIAN_ABSENCE
    "organization_id = ? AND practitioner_id = ? AND (ends_at > ? OR (ends_at = ? "
    "AND absence_id > ?)) ORDER BY ends_at, absence_id LIMIT ?"};
constexpr Query kAbsencesAfter{
    "scheduling.AbsencesAfter",
    "SELECT starts_at, ends_at FROM absence WHERE organization_id = ? AND practitioner_id = ? AND "
    "ends_at > ? AND ends_at > starts_at"};

constexpr Query kAbsenceDuring{
    "scheduling.AbsenceDuring", YILIAN_ABSENCE
    "organization_id = ? AND practitioner_id = ? AND ends_at > ? AND starts_at < ? AND ends_at > "
    "starts_at ORDER BY ends_at, absence_id LIMIT 1"};

constexpr Query kSaveConflict{
    "scheduling.SaveConflict",
    "INSERT INTO template_conflict (template_id, session_date, organization_id, kind, session_id, "
    "blocking_session_id, found_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE kind = ?, "
    "session_id = ?, blocking_session_id = ?, found_at = ?"};
constexpr Query kRemoveConflict{
    "scheduling.RemoveConflict",
    "DELETE FROM template_conflict WHERE template_id = ? AND session_date = ?"};
#define YILIAN_CONFLICT                                                   \
  "SELECT template_id, session_date, organization_id, kind, session_id, " \
  "blocking_session_id, found_at FROM template_conflict WHERE "
// Primary key prefix.
constexpr Query kConflictsOf{"scheduling.ConflictsOf",
                             YILIAN_CONFLICT "template_id = ? ORDER BY session_date"};
constexpr Query kListConflictsOf{
    "scheduling.ListConflictsOf", YILIAN_CONFLICT
    "template_id = ? AND organization_id = ? AND session_date > ? ORDER BY "
    "session_date LIMIT ?"};
// Index: ix_template_conflict__organization_id_session_date.
constexpr Query kListConflicts{"scheduling.ListConflicts", YILIAN_CONFLICT
                               "organization_id = ? AND (session_date > ? OR (session_date = ? AND "
                               "template_id > ?)) ORDER BY session_date, template_id LIMIT ?"};

// A release with a zone that this machine lacks would be told so by DefineSite; what is stored was
// there then.
absl::TimeZone ZoneNamed(const std::string& name, const TemplateRules& rules) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone) ? zone : rules.zone;
}

Absence MakeAbsence(const mysql::Row& row) {
  return {.id = row.Id<AbsenceId>(0),
          .organization = row.Id<OrganizationId>(1),
          .practitioner = row.Id<PractitionerId>(2),
          .time = {row.Time(3), row.Time(4)},
          .ended_at = row.OptionalTime(5),
          .version = row.Int(6)};
}

TemplateConflict MakeConflict(const mysql::Row& row) {
  return {.made_from = row.Id<TemplateId>(0),
          .organization = row.Id<OrganizationId>(2),
          .date = FromSqlDate(row.Text(1)),
          .kind = TemplateConflictKindFromName(row.Text(3))
                      .value_or(TemplateConflictKind::kBookedOtherwise),
          .session = row.Id<SessionId>(4),
          .blocking = row.Id<SessionId>(5),
          .found_at = row.Time(6)};
}

}  // namespace

absl::StatusOr<Site> LoadSite(mysql::Session& sql, OrganizationId id, const TemplateRules& rules) {
  Site site{.id = id, .zone_name = rules.zone_name, .zone = rules.zone};
  RETURN_IF_ERROR(sql.SelectValues(kLoadSite, {id}, [&](const mysql::Row& row) {
    site.zone_name = row.Text(0);
    site.zone = ZoneNamed(site.zone_name, rules);
    site.version = row.Int(1);
    return absl::OkStatus();
  }));
  if (site.version == 0) return site;
  ASSIGN_OR_RETURN(site.opening_hours,
                   sql.SelectAll<OpeningHours>(
                       kLoadSiteHours,
                       [](const mysql::Row& row) {
                         return OpeningHours{
                             static_cast<absl::Weekday>(row.Int(0)),
                             {{static_cast<int>(row.Int(1))}, {static_cast<int>(row.Int(2))}}};
                       },
                       id));
  return site;
}

absl::Status SaveSite(mysql::Session& sql, const Site& site, absl::Time now) {
  RETURN_IF_ERROR(sql.Execute(kSaveSite, site.id, site.zone_name, site.version, now, site.zone_name,
                              site.version, now)
                      .status());
  RETURN_IF_ERROR(sql.Execute(kRemoveSiteHours, site.id).status());
  for (const OpeningHours& open : site.opening_hours) {
    RETURN_IF_ERROR(sql.Execute(kInsertSiteHours, site.id, static_cast<int>(open.weekday),
                                open.hours.start.minutes, open.hours.end.minutes)
                        .status());
  }
  return absl::OkStatus();
}

absl::Status InsertAbsence(mysql::Session& sql, const Absence& absence, absl::Time now) {
  return sql
      .Execute(kInsertAbsence, absence.id, absence.organization, absence.practitioner,
               absence.time.start, absence.time.end, absence.ended_at, absence.version, now)
      .status();
}

absl::Status SaveAbsence(mysql::Session& sql, const Absence& absence) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   sql.Execute(kSaveAbsence, absence.time.end, absence.ended_at, absence.version,
                               absence.id, absence.version - 1));
  return rows == 1 ? absl::OkStatus()
                   : absl::InternalError("a locked absence changed under its lock");
}

absl::StatusOr<std::optional<Absence>> LoadAbsence(mysql::Session& sql, AbsenceId id) {
  return sql.SelectOne<Absence>(kLoadAbsence, MakeAbsence, id);
}

absl::StatusOr<std::optional<Absence>> LockAbsence(mysql::Session& sql, AbsenceId id) {
  return sql.SelectOne<Absence>(kLockAbsence, MakeAbsence, id);
}

absl::StatusOr<std::vector<Absence>> ListAbsences(mysql::Session& sql, const AbsenceFilter& filter,
                                                  const AbsencePosition& after, int limit) {
  return sql.SelectAll<Absence>(kListAbsences, MakeAbsence, filter.organization,
                                filter.practitioner, after.ends_at, after.ends_at, after.absence,
                                limit);
}

absl::StatusOr<std::vector<Span>> AbsencesAfter(mysql::Session& sql, OrganizationId organization,
                                                PractitionerId expert, absl::Time now) {
  if (expert.is_nil()) return std::vector<Span>();
  return sql.SelectAll<Span>(
      kAbsencesAfter,
      [](const mysql::Row& row) {
        return Span{row.Time(0), row.Time(1)};
      },
      organization, expert, now);
}

absl::StatusOr<std::optional<Absence>> AbsenceDuring(mysql::Session& sql,
                                                     OrganizationId organization,
                                                     PractitionerId expert, const Span& time) {
  return sql.SelectOne<Absence>(kAbsenceDuring, MakeAbsence, organization, expert, time.start,
                                time.end);
}

absl::Status SaveConflict(mysql::Session& sql, const TemplateConflict& conflict) {
  return sql
      .Execute(kSaveConflict, conflict.made_from, ToSqlDate(conflict.date), conflict.organization,
               Name(conflict.kind), OrNull(conflict.session), OrNull(conflict.blocking),
               conflict.found_at, Name(conflict.kind), OrNull(conflict.session),
               OrNull(conflict.blocking), conflict.found_at)
      .status();
}

absl::Status RemoveConflict(mysql::Session& sql, const TemplateConflict& conflict) {
  return sql.Execute(kRemoveConflict, conflict.made_from, ToSqlDate(conflict.date)).status();
}

absl::StatusOr<std::vector<TemplateConflict>> ConflictsOf(mysql::Session& sql, TemplateId id) {
  return sql.SelectAll<TemplateConflict>(kConflictsOf, MakeConflict, id);
}

absl::StatusOr<std::vector<TemplateConflict>> ListConflicts(mysql::Session& sql,
                                                            const ConflictFilter& filter,
                                                            const ConflictPosition& after,
                                                            int limit) {
  const std::string date = ToSqlDate(after.date);
  if (!filter.made_from.is_nil()) {
    return sql.SelectAll<TemplateConflict>(kListConflictsOf, MakeConflict, filter.made_from,
                                           filter.organization, date, limit);
  }
  return sql.SelectAll<TemplateConflict>(kListConflicts, MakeConflict, filter.organization, date,
                                         date, after.made_from, limit);
}

absl::StatusOr<std::map<TemplateId, int64_t>> CountConflicts(mysql::Session& sql,
                                                             const std::vector<TemplateId>& ids) {
  // Primary key prefix; the list is filled up by repeating the last id.
  static const mysql::Shaped& count =
      *new mysql::Shaped("scheduling.CountConflicts", {1, 25, 200}, [](size_t length) {
        return "SELECT template_id, COUNT(*) FROM template_conflict WHERE template_id IN (" +
               mysql::Places(length) + ") GROUP BY template_id";
      });
  std::map<TemplateId, int64_t> counts;
  for (size_t first = 0; first < ids.size();) {
    const mysql::Shaped::Shape& shape = count.AtLeast(ids.size() - first);
    mysql::Values values;
    for (size_t i = first; i < first + shape.length; ++i) {
      values.emplace_back(ids[std::min(i, ids.size() - 1)]);
    }
    first += shape.length;
    RETURN_IF_ERROR(sql.SelectValues(shape.query(), values, [&](const mysql::Row& row) {
      counts[row.Id<TemplateId>(0)] = row.Int(1);
      return absl::OkStatus();
    }));
  }
  return counts;
}

}  // namespace yilian::scheduling
