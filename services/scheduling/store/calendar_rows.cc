#include "services/scheduling/store/calendar_rows.h"

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/query.h"

namespace yilian::scheduling {
namespace {

using mysql::OrNull;
using mysql::Query;

// Primary key, all three.
constexpr Query kSaveName{
    "scheduling.SaveDirectoryName",
    "INSERT INTO directory_name (subject_id, name, updated_at) VALUES (?, ?, ?) ON DUPLICATE KEY "
    "UPDATE name = ?, updated_at = ?"};
constexpr Query kLoadName{"scheduling.LoadDirectoryName",
                          "SELECT name FROM directory_name WHERE subject_id = ?"};

// A session that is cancelled without a row of session_cancellation was taken back by its template.
#define YILIAN_CALENDAR_ENTRIES                                                                  \
  "SELECT s.session_id, s.version, s.starts_at, s.ends_at, s.kind, s.resource_kind, "            \
  "s.resource_code, s.cancelled, COALESCE(c.cancelled_at, s.created_at), d.name, p.name, o.name" \
  " FROM session s LEFT JOIN session_cancellation c ON c.session_id = s.session_id LEFT JOIN "   \
  "directory_name d ON d.subject_id = s.department_id LEFT JOIN directory_name p ON "            \
  "p.subject_id = s.practitioner_id LEFT JOIN directory_name o ON o.subject_id = s.site_id "     \
  "WHERE s.starts_at >= ? AND s.starts_at < ? AND (s.cancelled = 0 OR c.session_id IS NOT NULL)"
#define YILIAN_CALENDAR_ORDER " ORDER BY s.starts_at, s.session_id LIMIT ?"
// Index: ix_session__practitioner_id_starts_at, both.
constexpr Query kExpertEntries{"scheduling.ExpertCalendar", YILIAN_CALENDAR_ENTRIES
                               " AND s.practitioner_id = ?" YILIAN_CALENDAR_ORDER};
constexpr Query kExpertEntriesSeenBy{"scheduling.ExpertCalendarSeenBy", YILIAN_CALENDAR_ENTRIES
                                     " AND s.practitioner_id = ? AND (s.organization_id = ? OR "
                                     "s.site_id = ?)" YILIAN_CALENDAR_ORDER};
// Index: ix_session__site_id_starts_at.
constexpr Query kSiteEntries{"scheduling.SiteCalendar",
                             YILIAN_CALENDAR_ENTRIES " AND s.site_id = ?" YILIAN_CALENDAR_ORDER};

constexpr Query kInsertLink{
    "scheduling.InsertCalendarLink",
    "INSERT INTO calendar_link (link_id, organization_id, user_id, practitioner_id, site_id, own, "
    "secret_digest, created_at, expires_at, revoked_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
    "?, NULL, ?)"};
constexpr Query kSaveLink{
    "scheduling.SaveCalendarLink",
    "UPDATE calendar_link SET revoked_at = ?, version = ? WHERE link_id = ? AND version = ?"};
// When a link ends by itself: also with its maker's account, or when they leave the organization;
// who comes back makes another. Primary key prefix of account_end.
#define YILIAN_LINK_END                                                                       \
  "LEAST(l.expires_at, COALESCE((SELECT MIN(e.ends_at) FROM account_end e WHERE e.user_id = " \
  "l.user_id AND (e.organization_id IS NULL OR e.organization_id = l.organization_id) AND "   \
  "e.ends_at >= l.created_at), l.expires_at))"
#define YILIAN_CALENDAR_LINKS                                                             \
  "SELECT l.link_id, l.organization_id, l.user_id, l.practitioner_id, l.site_id, l.own, " \
  "l.created_at, " YILIAN_LINK_END ", l.revoked_at, l.version FROM calendar_link l WHERE "
// Primary key.
constexpr Query kLockLink{"scheduling.LockCalendarLink",
                          YILIAN_CALENDAR_LINKS "l.link_id = ? FOR UPDATE"};
// Index: uq_calendar_link__secret_digest.
constexpr Query kFindLink{"scheduling.FindCalendarLink",
                          YILIAN_CALENDAR_LINKS "l.secret_digest = ?"};
// Index: ix_calendar_link__user_id.
constexpr Query kCountLive{"scheduling.CountCalendarLinks",
                           "SELECT COUNT(*) FROM calendar_link l WHERE l.user_id = ? AND "
                           "l.revoked_at IS NULL AND " YILIAN_LINK_END " > ?"};
#define YILIAN_LIVE_OR_ANY                                                      \
  " AND l.link_id > ? AND (1 = ? OR (l.revoked_at IS NULL AND " YILIAN_LINK_END \
  " > ?)) ORDER BY l.link_id LIMIT ?"
// Index: ix_calendar_link__organization_id.
constexpr Query kListOfOrganization{"scheduling.CalendarLinksOfOrganization", YILIAN_CALENDAR_LINKS
                                    "l.organization_id = ?" YILIAN_LIVE_OR_ANY};
// Index: ix_calendar_link__user_id.
constexpr Query kListOfUser{"scheduling.CalendarLinksOfUser", YILIAN_CALENDAR_LINKS
                            "l.organization_id = ? AND l.user_id = ?" YILIAN_LIVE_OR_ANY};

constexpr Query kSaveAccountEnd{
    "scheduling.SaveAccountEnd",
    "INSERT INTO account_end (user_id, affiliation_id, organization_id, ends_at) VALUES (?, ?, ?, "
    "?) ON DUPLICATE KEY UPDATE ends_at = ?"};

CalendarEntry MakeEntry(const mysql::Row& row) {
  return {
      .session = row.Id<SessionId>(0),
      .version = row.Int(1),
      .time = {row.Time(2), row.Time(3)},
      .kind = SessionKindFromName(row.Text(4)).value_or(SessionKind::kOutpatient),
      .resource = {ResourceKindFromName(row.Text(5)).value_or(ResourceKind::kNone), row.Text(6)},
      .cancelled = row.Bool(7),
      .changed_at = row.Time(8),
      .department = row.Text(9),
      .expert = row.Text(10),
      .site = row.Text(11)};
}

CalendarLink MakeLink(const mysql::Row& row) {
  CalendarLink link{
      .id = row.Id<CalendarLinkId>(0),
      .organization = row.Id<OrganizationId>(1),
      .user = row.Id<UserId>(2),
      .view = {.practitioner = row.Id<PractitionerId>(3), .site = row.Id<OrganizationId>(4)},
      .created_at = row.Time(6),
      .expires_at = row.Time(7),
      .revoked_at = row.OptionalTime(8),
      .version = row.Int(9)};
  if (!link.view.practitioner.is_nil() && !row.Bool(5)) link.view.seen_by = link.organization;
  return link;
}

}  // namespace

absl::Status SaveDirectoryName(mysql::Session& sql, const base::Uuid& subject,
                               std::string_view name, absl::Time now) {
  return sql.Execute(kSaveName, subject, name, now, name, now).status();
}

absl::Status SaveAccountEnd(mysql::Session& sql, UserId user, const base::Uuid& affiliation,
                            OrganizationId organization, absl::Time ends_at) {
  return sql.Execute(kSaveAccountEnd, user, affiliation, OrNull(organization), ends_at, ends_at)
      .status();
}

absl::StatusOr<std::string> LoadDirectoryName(mysql::Session& sql, const base::Uuid& subject) {
  ASSIGN_OR_RETURN(const std::optional<std::string> found,
                   sql.SelectOne<std::string>(
                       kLoadName, [](const mysql::Row& row) { return row.Text(0); }, subject));
  return found.value_or("");
}

absl::StatusOr<std::vector<CalendarEntry>> FindCalendarEntries(mysql::Session& sql,
                                                               const CalendarView& view,
                                                               const Span& time, int limit) {
  if (!view.site.is_nil()) {
    return sql.SelectAll<CalendarEntry>(kSiteEntries, MakeEntry, time.start, time.end, view.site,
                                        limit);
  }
  if (view.seen_by.is_nil()) {
    return sql.SelectAll<CalendarEntry>(kExpertEntries, MakeEntry, time.start, time.end,
                                        view.practitioner, limit);
  }
  return sql.SelectAll<CalendarEntry>(kExpertEntriesSeenBy, MakeEntry, time.start, time.end,
                                      view.practitioner, view.seen_by, view.seen_by, limit);
}

absl::Status InsertCalendarLink(mysql::Session& sql, const CalendarLink& link,
                                std::string_view digest) {
  return sql
      .Execute(kInsertLink, link.id, link.organization, link.user, OrNull(link.view.practitioner),
               OrNull(link.view.site), link.own(), mysql::Blob{std::string(digest)},
               link.created_at, link.expires_at, link.version)
      .status();
}

absl::Status SaveCalendarLink(mysql::Session& sql, const CalendarLink& link) {
  ASSIGN_OR_RETURN(const int64_t rows, sql.Execute(kSaveLink, link.revoked_at, link.version,
                                                   link.id, link.version - 1));
  return rows == 1 ? absl::OkStatus()
                   : absl::InternalError("a locked calendar link changed under its lock");
}

absl::StatusOr<std::optional<CalendarLink>> LockCalendarLink(mysql::Session& sql,
                                                             CalendarLinkId id) {
  return sql.SelectOne<CalendarLink>(kLockLink, MakeLink, id);
}

absl::StatusOr<std::optional<CalendarLink>> FindCalendarLink(mysql::Session& sql,
                                                             std::string_view digest) {
  return sql.SelectOne<CalendarLink>(kFindLink, MakeLink, mysql::Blob{std::string(digest)});
}

absl::StatusOr<int64_t> CountLiveCalendarLinks(mysql::Session& sql, UserId user, absl::Time now) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> count,
                   sql.SelectOne<int64_t>(
                       kCountLive, [](const mysql::Row& row) { return row.Int(0); }, user, now));
  return count.value_or(0);
}

absl::StatusOr<std::vector<CalendarLink>> ListCalendarLinks(mysql::Session& sql,
                                                            const CalendarLinkFilter& filter,
                                                            CalendarLinkId after, int limit,
                                                            absl::Time now) {
  const int any = filter.with_ended ? 1 : 0;
  if (filter.by.scheduler) {
    return sql.SelectAll<CalendarLink>(kListOfOrganization, MakeLink, filter.by.organization, after,
                                       any, now, limit);
  }
  return sql.SelectAll<CalendarLink>(kListOfUser, MakeLink, filter.by.organization, filter.by.user,
                                     after, any, now, limit);
}

}  // namespace yilian::scheduling
