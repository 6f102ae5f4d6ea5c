// A calendar as iCalendar text (RFC 5545, and RFC 7986 for what a subscription adds). libical
// escapes and folds; nothing else of the tree sees it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "services/scheduling/domain/calendar.h"

namespace yilian::scheduling {

// One VEVENT for each entry. The same content gives the same bytes: there is no time of the reading
// in them. Thread-safe.
std::string ICalendarOf(const CalendarContent& content, std::string_view region);

}  // namespace yilian::scheduling
