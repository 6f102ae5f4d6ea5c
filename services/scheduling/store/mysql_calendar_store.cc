#include "services/scheduling/store/mysql_calendar_store.h"

#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/store/calendar_rows.h"
#include "services/scheduling/store/party_rows.h"

namespace yilian::scheduling {
namespace {

constexpr std::string_view kLinkCreated = "CalendarLinkCreated";
constexpr std::string_view kLinkRevoked = "CalendarLinkRevoked";

}  // namespace

absl::StatusOr<CalendarContent> MysqlCalendarStore::Read(const CalendarView& view, const Span& time,
                                                         absl::Time deadline) {
  CalendarContent content{.of_site = !view.site.is_nil()};
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(content.entries,
                         FindCalendarEntries(sql, view, time, kCalendarEntries + 1));
        // An expert of whom nothing may be seen is like one who is not there.
        if (!view.seen_by.is_nil() && content.entries.empty()) {
          content.name.clear();
          return absl::OkStatus();
        }
        ASSIGN_OR_RETURN(
            content.name,
            LoadDirectoryName(sql, content.of_site ? view.site.uuid() : view.practitioner.uuid()));
        return absl::OkStatus();
      }));
  return content;
}

absl::StatusOr<v1::CalendarLink> MysqlCalendarStore::CreateLink(const unit::WriteContext& context,
                                                                const CalendarReader& by,
                                                                const CalendarLink& link,
                                                                std::string_view secret) {
  const std::string digest = DigestOf(secret);
  return unit_of_work_.Run<v1::CalendarLink>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::CalendarLink> {
        mysql::Session& sql = scope.sql();
        // Two at once must not both be the last one that is allowed.
        RETURN_IF_ERROR(GuardUser(sql, by.user));
        ASSIGN_OR_RETURN(const int64_t live, CountLiveCalendarLinks(sql, by.user, scope.now()));
        if (live >= rules_.links_each) return errors::CalendarLinkLimit(rules_.links_each);
        RETURN_IF_ERROR(InsertCalendarLink(sql, link, digest));
        return Told(scope, link, kLinkCreated);
      });
}

absl::StatusOr<v1::CalendarLink> MysqlCalendarStore::RevokeLink(const unit::WriteContext& context,
                                                                CalendarLinkId id,
                                                                const CalendarReader& by) {
  return unit_of_work_.Run<v1::CalendarLink>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::CalendarLink> {
        ASSIGN_OR_RETURN(const std::optional<CalendarLink> found,
                         LockCalendarLink(scope.sql(), id));
        if (!found || !found->IsKeptBy(by)) return errors::CalendarLinkNotFound();
        const CalendarLink after = RevokeCalendarLink(*found, scope.now());
        if (after.version == found->version) return encoding_(after);
        RETURN_IF_ERROR(SaveCalendarLink(scope.sql(), after));
        return Told(scope, after, kLinkRevoked);
      });
}

absl::StatusOr<std::vector<CalendarLink>> MysqlCalendarStore::ListLinks(
    const CalendarLinkFilter& filter, CalendarLinkId after, int limit, absl::Time deadline) {
  std::vector<CalendarLink> links;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(links,
                         ListCalendarLinks(sql, filter, after, limit, unit_of_work_.clock().Now()));
        return absl::OkStatus();
      }));
  return links;
}

absl::StatusOr<CalendarLink> MysqlCalendarStore::FindLink(std::string_view secret,
                                                          absl::Time deadline) {
  const std::string digest = DigestOf(secret);
  std::optional<CalendarLink> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, FindCalendarLink(sql, digest));
        return absl::OkStatus();
      }));
  if (!found || !found->LiveAt(unit_of_work_.clock().Now())) return errors::CalendarLinkNotFound();
  return *found;
}

std::string MysqlCalendarStore::DigestOf(std::string_view secret) const {
  return digests_.Of("calendar_link.secret", secret);
}

v1::CalendarLink MysqlCalendarStore::Told(unit::Scope& scope, const CalendarLink& link,
                                          std::string_view event) const {
  v1::CalendarLinkChanged payload;
  *payload.mutable_link() = encoding_(link);
  outbox::NewEvent told = outbox::NewEvent::Of("calendar_link", link.id.uuid(), link.version,
                                               payload, scope.now(), {link.organization.uuid()});
  told.type = std::string(event);
  scope.Append(std::move(told));
  scope.Subject("calendar_link", link.id.uuid(), base::Uuid());
  return encoding_(link);
}

}  // namespace yilian::scheduling
