#include "services/scheduling/rpc/handlers.h"

#include <fmt/format.h>

#include <utility>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/rpc/actor.h"
#include "services/scheduling/rpc/convert.h"

namespace yilian::scheduling {
namespace {

using convert::ToDomain;
using convert::ToProto;

// A hold's token is sealed to its booking and stored nowhere: not even the ledger's answer has it.
constexpr std::string_view kHoldTokens = "scheduling.hold";
constexpr std::string_view kHeld = "held";

// Which seat is asked for: what a hold and another seat have in common.
template <typename Request>
errors::Violations BrokenRules(const rpc::Caller& caller, const Request& request) {
  errors::Violations violations;
  if (request.session_id().empty() && request.department_id().empty()) {
    violations.emplace_back("session_id", "give a session or a department");
  }
  if (!request.session_id().empty() && !request.practitioner_id().empty()) {
    violations.emplace_back("practitioner_id", "goes with department_id: a session has its expert");
  }
  if (!request.session_id().empty() && request.kinds_size() > 0) {
    violations.emplace_back("kinds", "goes with department_id: a session has its kind");
  }
  if (request.green_channel() && !caller.is_service()) {
    violations.emplace_back("green_channel", "is for services: submit a green-channel referral");
  }
  return violations;
}

}  // namespace

rpc::Dispatch Bind(SchedulingHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.SchedulingService");
  dispatch.Unary("CreateSession", &handlers, &SchedulingHandlers::CreateSession)
      .Unary("GetSession", &handlers, &SchedulingHandlers::GetSession)
      .Unary("SearchSessions", &handlers, &SchedulingHandlers::SearchSessions)
      .Unary("HoldSeat", &handlers, &SchedulingHandlers::HoldSeat)
      .Unary("BookSeat", &handlers, &SchedulingHandlers::BookSeat)
      .Unary("CancelBooking", &handlers, &SchedulingHandlers::CancelBooking)
      .Unary("RescheduleBooking", &handlers, &SchedulingHandlers::RescheduleBooking)
      .Unary("MoveBooking", &handlers, &SchedulingHandlers::MoveBooking)
      .Unary("GetBooking", &handlers, &SchedulingHandlers::GetBooking);
  return dispatch;
}

absl::StatusOr<v1::Session> SchedulingHandlers::CreateSession(
    const rpc::Call& call, const v1::CreateSessionRequest& request) {
  ASSIGN_OR_RETURN(const NewSession offer, ToDomain(request));
  RETURN_IF_ERROR(CheckActsFor(call.caller(), offer.organization));
  return deps_.sessions.Create(call.write_context(), offer,
                               OrganizationId(call.caller().organization_id));
}

absl::StatusOr<v1::Session> SchedulingHandlers::GetSession(const rpc::Call& call,
                                                           const v1::GetSessionRequest& request) {
  ASSIGN_OR_RETURN(const SessionId id, SessionId::Parse(request.session_id()));
  ASSIGN_OR_RETURN(
      const SessionView view,
      deps_.sessions.Get(id, OrganizationId(call.caller().organization_id), call.deadline()));
  return ToProto(view);
}

absl::StatusOr<v1::SearchSessionsResponse> SchedulingHandlers::SearchSessions(
    const rpc::Call& call, const v1::SearchSessionsRequest& request) {
  SessionSearch search;
  ASSIGN_OR_RETURN(search.filter, ToDomain(request));
  const Span& time = search.filter.time;
  if (time.end <= time.start || time.end - time.start > deps_.rules.search_window) {
    return errors::FieldInvalid(
        {{"time", fmt::format("must end after its start and be at most {} days long",
                              deps_.rules.search_window / absl::Hours(24))}});
  }
  search.booking_organization = OrganizationId(call.caller().organization_id);
  if (!request.acting_organization_id().empty()) {
    ASSIGN_OR_RETURN(search.booking_organization,
                     OrganizationId::Parse(request.acting_organization_id()));
    RETURN_IF_ERROR(CheckActsFor(call.caller(), search.booking_organization));
  }
  search.green = request.green_channel() && call.caller().is_service();
  if (!request.patient_id().empty()) {
    ASSIGN_OR_RETURN(search.patient, PatientId::Parse(request.patient_id()));
    RETURN_IF_ERROR(CheckPatient(call, search.patient, search.booking_organization));
  }
  const wire::Pages pages(deps_.sealer, call, request);
  search.limit = pages.limit();
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) search.after = {after->time, SessionId(after->id)};
  ASSIGN_OR_RETURN(const SessionPage page, deps_.sessions.Search(search, call.deadline()));
  v1::SearchSessionsResponse response;
  for (const SessionView& view : page.sessions) *response.add_sessions() = ToProto(view);
  if (page.more) {
    ASSIGN_OR_RETURN(
        *response.mutable_page()->mutable_next_page_token(),
        pages.TokenAfter({.time = page.last.starts_at, .id = page.last.session.uuid()}));
  }
  return response;
}

absl::Status SchedulingHandlers::CheckHold(const rpc::Caller& caller,
                                           const v1::HoldSeatRequest& request) const {
  errors::Violations violations = BrokenRules(caller, request);
  const int64_t longest = absl::ToInt64Seconds(deps_.rules.longest_hold);
  // Its one live booking: whoever took it would keep the referral's own from being made.
  if (!request.referral_id().empty() && !caller.is_service()) {
    violations.emplace_back("referral_id", "is for services: schedule the referral");
  }
  if (request.hold_seconds() > longest) {
    violations.emplace_back("hold_seconds", fmt::format("must be at most {}", longest));
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

absl::Status SchedulingHandlers::CheckPatient(const rpc::Call& call, PatientId patient,
                                              OrganizationId organization) const {
  // A service asks for a referral or consultation whose parties it knows.
  if (call.caller().is_service()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool known, deps_.relationships.MaySee(patient.uuid(), organization.uuid(),
                                                                call.deadline()));
  return known ? absl::OkStatus() : errors::PatientNotFound();
}

absl::StatusOr<v1::Booking> SchedulingHandlers::HoldSeat(const rpc::Call& call,
                                                         const v1::HoldSeatRequest& request) {
  RETURN_IF_ERROR(CheckHold(call.caller(), request));
  ASSIGN_OR_RETURN(HoldCommand command, ToDomain(request));
  RETURN_IF_ERROR(CheckActsFor(call.caller(), command.organization));
  RETURN_IF_ERROR(CheckPatient(call, command.patient, command.organization));
  if (request.hold_seconds() == 0) command.hold = deps_.rules.hold;
  command.coordinator = IsCoordinator(call.caller());
  ASSIGN_OR_RETURN(v1::Booking held, deps_.bookings.Hold(call.write_context(), command));
  ASSIGN_OR_RETURN(*held.mutable_hold_token(),
                   deps_.sealer.Seal(kHoldTokens, held.booking_id(), kHeld));
  return held;
}

absl::StatusOr<v1::Booking> SchedulingHandlers::BookSeat(const rpc::Call& call,
                                                         const v1::BookSeatRequest& request) {
  ASSIGN_OR_RETURN(const BookingId id, BookingId::Parse(request.booking_id()));
  // Before the booking is looked at: a wrong token tells nothing about it.
  if (!deps_.sealer.Unseal(kHoldTokens, id.ToString(), request.hold_token()).ok()) {
    return errors::FieldInvalid({{"hold_token", "must be the token that HoldSeat gave for it"}});
  }
  return deps_.bookings.Book(call.write_context(), id, ActorOf(call.caller()));
}

absl::StatusOr<v1::Booking> SchedulingHandlers::CancelBooking(
    const rpc::Call& call, const v1::CancelBookingRequest& request) {
  ASSIGN_OR_RETURN(const BookingId id, BookingId::Parse(request.booking_id()));
  return deps_.bookings.Cancel(call.write_context(), id, ActorOf(call.caller()), request.reason());
}

absl::StatusOr<v1::Booking> SchedulingHandlers::RescheduleBooking(
    const rpc::Call& call, const v1::RescheduleBookingRequest& request) {
  const errors::Violations broken = BrokenRules(call.caller(), request);
  if (!broken.empty()) return errors::FieldInvalid(broken);
  ASSIGN_OR_RETURN(const RescheduleCommand command, ToDomain(request));
  return deps_.bookings.Reschedule(call.write_context(), command, ActorOf(call.caller()));
}

absl::StatusOr<v1::Booking> SchedulingHandlers::MoveBooking(const rpc::Call& call,
                                                            const v1::MoveBookingRequest& request) {
  ASSIGN_OR_RETURN(const BookingId id, BookingId::Parse(request.booking_id()));
  return deps_.bookings.Move(call.write_context(), id, ActorOf(call.caller()),
                             static_cast<BookingState>(request.state()));
}

absl::StatusOr<v1::Booking> SchedulingHandlers::GetBooking(const rpc::Call& call,
                                                           const v1::GetBookingRequest& request) {
  ASSIGN_OR_RETURN(const BookingId id, BookingId::Parse(request.booking_id()));
  ASSIGN_OR_RETURN(const Booking booking,
                   deps_.bookings.Get(id, ActorOf(call.caller()), call.deadline()));
  call.Subject("booking", booking.id.uuid(), booking.patient.uuid());
  return ToProto(booking);
}

}  // namespace yilian::scheduling
