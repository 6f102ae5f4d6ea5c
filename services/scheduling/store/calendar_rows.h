// Sessions as calendars show them, what the directory calls things, and the rows of calendar_link.
// Functions run in the session that they are given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/calendar.h"
#include "services/scheduling/domain/calendar_store.h"

namespace yilian::scheduling {

absl::Status SaveDirectoryName(mysql::Session& sql, const base::Uuid& subject,
                               std::string_view name, absl::Time now);
// "" where the directory has not told.
absl::StatusOr<std::string> LoadDirectoryName(mysql::Session& sql, const base::Uuid& subject);

// What the person of an account left behind ends then: at the organization, or, for a nil
// affiliation, everywhere.
absl::Status SaveAccountEnd(mysql::Session& sql, UserId user, const base::Uuid& affiliation,
                            OrganizationId organization, absl::Time ends_at);

// The earliest `limit` that start within `time`, by start. Sessions that their template took back
// are none.
absl::StatusOr<std::vector<CalendarEntry>> FindCalendarEntries(mysql::Session& sql,
                                                               const CalendarView& view,
                                                               const Span& time, int limit);

absl::Status InsertCalendarLink(mysql::Session& sql, const CalendarLink& link,
                                std::string_view digest);
absl::Status SaveCalendarLink(mysql::Session& sql, const CalendarLink& link);
absl::StatusOr<std::optional<CalendarLink>> LockCalendarLink(mysql::Session& sql,
                                                             CalendarLinkId id);
absl::StatusOr<std::optional<CalendarLink>> FindCalendarLink(mysql::Session& sql,
                                                             std::string_view digest);
absl::StatusOr<int64_t> CountLiveCalendarLinks(mysql::Session& sql, UserId user, absl::Time now);
absl::StatusOr<std::vector<CalendarLink>> ListCalendarLinks(mysql::Session& sql,
                                                            const CalendarLinkFilter& filter,
                                                            CalendarLinkId after, int limit,
                                                            absl::Time now);

}  // namespace yilian::scheduling
