#include "services/scheduling/rpc/calendar_handlers.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/ical/icalendar.h"
#include "services/scheduling/rpc/convert.h"

namespace yilian::scheduling {
namespace {

constexpr size_t kSecretBytes = 32;

CalendarReader ReaderOf(const rpc::Caller& caller) {
  return {.organization = OrganizationId(caller.organization_id),
          .user = UserId(caller.user_id),
          .practitioner = PractitionerId(caller.practitioner_id),
          .scheduler = caller.HasRole(policy::v1::ROLE_SCHEDULER)};
}

// What both questions name.
template <typename Request>
absl::StatusOr<CalendarView> ToView(const CalendarReader& by, const Request& request) {
  ASSIGN_OR_RETURN(const auto expert, wire::OptionalId<PractitionerId>(request.practitioner_id()));
  ASSIGN_OR_RETURN(const auto site, wire::OptionalId<OrganizationId>(request.site_id()));
  return ViewFor(by, expert, site);
}

v1::Calendar ToCalendar(const CalendarContent& content, const std::string& region) {
  v1::Calendar calendar;
  calendar.set_icalendar(ICalendarOf(content, region));
  calendar.set_etag(crypto::Base64Url(crypto::Sha256(calendar.icalendar()).substr(0, 16)));
  return calendar;
}

bool IsFull(const CalendarContent& content) {
  return content.entries.size() > static_cast<size_t>(kCalendarEntries);
}

}  // namespace

v1::CalendarLink convert::ToProto(const CalendarLink& link) {
  v1::CalendarLink proto;
  proto.set_link_id(link.id.ToString());
  proto.set_organization_id(link.organization.ToString());
  proto.set_practitioner_id(wire::TextOrEmpty(link.view.practitioner));
  proto.set_site_id(wire::TextOrEmpty(link.view.site));
  proto.set_own(link.own());
  wire::SetTime(proto.mutable_created_at(), link.created_at);
  wire::SetTime(proto.mutable_expires_at(), link.expires_at);
  if (link.revoked_at) wire::SetTime(proto.mutable_revoked_at(), *link.revoked_at);
  return proto;
}

rpc::Dispatch Bind(CalendarHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.CalendarService");
  dispatch.Unary("GetCalendar", &handlers, &CalendarHandlers::GetCalendar)
      .Unary("CreateCalendarLink", &handlers, &CalendarHandlers::CreateCalendarLink)
      .Unary("ListCalendarLinks", &handlers, &CalendarHandlers::ListCalendarLinks)
      .Unary("RevokeCalendarLink", &handlers, &CalendarHandlers::RevokeCalendarLink)
      .Unary("GetCalendarFeed", &handlers, &CalendarHandlers::GetCalendarFeed);
  return dispatch;
}

absl::StatusOr<v1::Calendar> CalendarHandlers::GetCalendar(const rpc::Call& call,
                                                           const v1::GetCalendarRequest& request) {
  ASSIGN_OR_RETURN(const CalendarView view, ToView(ReaderOf(call.caller()), request));
  Span time = DefaultCalendarPeriod(deps_.clock.Now(), deps_.rules.horizon_days);
  if (request.has_time()) time = convert::ToSpan(request.time());
  RETURN_IF_ERROR(CheckCalendarPeriod(time));
  ASSIGN_OR_RETURN(const CalendarContent content,
                   deps_.calendars.Read(view, time, call.deadline()));
  if (IsFull(content)) {
    return errors::FieldInvalid(
        {{"time",
          fmt::format("has more than {} sessions; ask for a shorter period", kCalendarEntries)}});
  }
  return ToCalendar(content, deps_.rules.region);
}

absl::StatusOr<v1::CalendarLink> CalendarHandlers::CreateCalendarLink(
    const rpc::Call& call, const v1::CreateCalendarLinkRequest& request) {
  const CalendarReader by = ReaderOf(call.caller());
  ASSIGN_OR_RETURN(const CalendarView view, ToView(by, request));
  ASSIGN_OR_RETURN(const CalendarLink link,
                   MakeCalendarLink(by, view, deps_.rules, deps_.clock.Now()));
  const std::string secret = crypto::Base64Url(crypto::RandomBytes(kSecretBytes));
  ASSIGN_OR_RETURN(v1::CalendarLink made,
                   deps_.calendars.CreateLink(call.write_context(), by, link, secret));
  // The first answer to this request may be another call's: then its secret was told there.
  if (made.link_id() == link.id.ToString()) made.set_secret(secret);
  return made;
}

absl::StatusOr<v1::ListCalendarLinksResponse> CalendarHandlers::ListCalendarLinks(
    const rpc::Call& call, const v1::ListCalendarLinksRequest& request) {
  const CalendarLinkFilter filter{.by = ReaderOf(call.caller()),
                                  .with_ended = request.with_ended()};
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> key, pages.After());
  const CalendarLinkId after = key ? CalendarLinkId(key->id) : CalendarLinkId();
  ASSIGN_OR_RETURN(std::vector<CalendarLink> found,
                   deps_.calendars.ListLinks(filter, after, pages.rows(), call.deadline()));
  v1::ListCalendarLinksResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const CalendarLink& last) {
                     return wire::PageKey{.time = absl::UnixEpoch(), .id = last.id.uuid()};
                   }));
  for (const CalendarLink& link : found) *response.add_links() = convert::ToProto(link);
  return response;
}

absl::StatusOr<v1::CalendarLink> CalendarHandlers::RevokeCalendarLink(
    const rpc::Call& call, const v1::RevokeCalendarLinkRequest& request) {
  ASSIGN_OR_RETURN(const CalendarLinkId id, CalendarLinkId::Parse(request.link_id()));
  return deps_.calendars.RevokeLink(call.write_context(), id, ReaderOf(call.caller()));
}

absl::StatusOr<CalendarContent> CalendarHandlers::FeedContent(const CalendarView& view,
                                                              absl::Time deadline) const {
  const absl::Time now = deps_.clock.Now();
  Span time = DefaultCalendarPeriod(now, deps_.rules.horizon_days);
  ASSIGN_OR_RETURN(CalendarContent content, deps_.calendars.Read(view, time, deadline));
  if (!IsFull(content)) return content;
  // A phone cannot ask for less: what is over goes first, then what is farthest away.
  time.start = absl::FromCivil(absl::ToCivilDay(now, absl::UTCTimeZone()), absl::UTCTimeZone());
  ASSIGN_OR_RETURN(content, deps_.calendars.Read(view, time, deadline));
  if (IsFull(content)) content.entries.resize(static_cast<size_t>(kCalendarEntries));
  return content;
}

absl::StatusOr<v1::CalendarFeed> CalendarHandlers::GetCalendarFeed(
    const rpc::Call& call, const v1::GetCalendarFeedRequest& request) {
  ASSIGN_OR_RETURN(const CalendarLink link,
                   deps_.calendars.FindLink(request.secret(), call.deadline()));
  ASSIGN_OR_RETURN(const CalendarContent content, FeedContent(link.view, call.deadline()));
  v1::CalendarFeed feed;
  *feed.mutable_calendar() = ToCalendar(content, deps_.rules.region);
  feed.set_unchanged(std::find(request.etags().begin(), request.etags().end(),
                               feed.calendar().etag()) != request.etags().end());
  if (feed.unchanged()) feed.mutable_calendar()->clear_icalendar();
  return feed;
}

}  // namespace yilian::scheduling
