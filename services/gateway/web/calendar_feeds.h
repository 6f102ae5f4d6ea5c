// GET /calendars/SECRET.ics: what a phone's calendar subscribes to. A secret that is wrong, revoked
// or over, and every other address, are answered alike.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/web/listener.h"

namespace yilian::gateway::web {

struct CalendarFeed {
  std::string etag;
  bool unchanged = false;
  std::string icalendar;  // "" when it is unchanged
};

// The feed of a secret, for who has `etags` of it already; NOT_FOUND when there is none.
using FindCalendarFeed = std::function<absl::StatusOr<CalendarFeed>(
    const std::string& secret, const std::vector<std::string>& etags)>;

// Thread-safe when `find` is.
Response AnswerCalendar(const Request& request, const FindCalendarFeed& find);

}  // namespace yilian::gateway::web
