#include "services/gateway/clients/calendar_client.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"

namespace yilian::gateway {

using Calendars = scheduling::v1::CalendarService;

CalendarClient::CalendarClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Calendars::NewStub(std::move(channel))) {}

absl::StatusOr<web::CalendarFeed> CalendarClient::Find(const std::string& secret,
                                                       const std::vector<std::string>& etags) {
  scheduling::v1::GetCalendarFeedRequest request;
  request.set_secret(secret);
  for (const std::string& etag : etags) request.add_etags(etag);
  ASSIGN_OR_RETURN(scheduling::v1::CalendarFeed found,
                   rpc::ClientCall().Invoke(*stub_, &Calendars::Stub::GetCalendarFeed, request));
  return web::CalendarFeed{.etag = found.calendar().etag(),
                           .unchanged = found.unchanged(),
                           .icalendar = std::move(*found.mutable_calendar()->mutable_icalendar())};
}

}  // namespace yilian::gateway
