// Where calendars come from and links are kept, as the use cases ask for them. store/ implements
// it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/calendar.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::scheduling {

namespace v1 {
class CalendarLink;
}  // namespace v1

struct CalendarLinkFilter {
  CalendarReader by;
  bool with_ended = false;
};

// How a link looks on the wire; see domain/encoding.h.
using CalendarLinkEncoding = std::function<v1::CalendarLink(const CalendarLink&)>;

// Answers of writes are the RPCs' own messages: the ledger remembers them for a repeated request.
// Implementations are thread-safe.
class CalendarStore {
 public:
  virtual ~CalendarStore() = default;
  // At most kCalendarEntries + 1 entries, by start.
  virtual absl::StatusOr<CalendarContent> Read(const CalendarView& view, const Span& time,
                                               absl::Time deadline) = 0;
  // `secret` is kept as a keyed digest. CALENDAR_LINK_LIMIT.
  virtual absl::StatusOr<v1::CalendarLink> CreateLink(const unit::WriteContext& context,
                                                      const CalendarReader& by,
                                                      const CalendarLink& link,
                                                      std::string_view secret) = 0;
  // NOT_FOUND unless `by` keeps it.
  virtual absl::StatusOr<v1::CalendarLink> RevokeLink(const unit::WriteContext& context,
                                                      CalendarLinkId id,
                                                      const CalendarReader& by) = 0;
  // By id; `limit` after `after`.
  virtual absl::StatusOr<std::vector<CalendarLink>> ListLinks(const CalendarLinkFilter& filter,
                                                              CalendarLinkId after, int limit,
                                                              absl::Time deadline) = 0;
  // NOT_FOUND for a secret of no live link.
  virtual absl::StatusOr<CalendarLink> FindLink(std::string_view secret, absl::Time deadline) = 0;
};

}  // namespace yilian::scheduling
