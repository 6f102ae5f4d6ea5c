// The methods of yilian.scheduling.v1.CalendarService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/domain/calendar_store.h"
#include "yilian/scheduling/v1/calendar.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class CalendarHandlers {
 public:
  struct Deps {
    CalendarStore& calendars;
    const crypto::Sealer& sealer;
    const base::Clock& clock;
    CalendarRules rules;
  };
  explicit CalendarHandlers(Deps deps) : deps_(std::move(deps)) {}

  absl::StatusOr<v1::Calendar> GetCalendar(const rpc::Call& call,
                                           const v1::GetCalendarRequest& request);
  absl::StatusOr<v1::CalendarLink> CreateCalendarLink(const rpc::Call& call,
                                                      const v1::CreateCalendarLinkRequest& request);
  absl::StatusOr<v1::ListCalendarLinksResponse> ListCalendarLinks(
      const rpc::Call& call, const v1::ListCalendarLinksRequest& request);
  absl::StatusOr<v1::CalendarLink> RevokeCalendarLink(const rpc::Call& call,
                                                      const v1::RevokeCalendarLinkRequest& request);
  absl::StatusOr<v1::CalendarFeed> GetCalendarFeed(const rpc::Call& call,
                                                   const v1::GetCalendarFeedRequest& request);

 private:
  absl::StatusOr<CalendarContent> FeedContent(const CalendarView& view, absl::Time deadline) const;

  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(CalendarHandlers& handlers);

namespace convert {
// Without its secret.
v1::CalendarLink ToProto(const CalendarLink& link);
}  // namespace convert

}  // namespace yilian::scheduling
