#include "services/referral/clients/scheduling_client.h"

#include <vector>

#include "common/base/status_macros.h"
#include "common/rpc/client_call.h"
#include "common/wire/timestamp.h"

namespace yilian::referral {
namespace {

using Scheduling = scheduling::v1::SchedulingService;

absl::StatusOr<BookingReference> ToDomain(const scheduling::v1::Booking& booking) {
  BookingReference out;
  ASSIGN_OR_RETURN(out.booking, BookingId::Parse(booking.booking_id()));
  ASSIGN_OR_RETURN(out.session, SessionId::Parse(booking.session_id()));
  if (!booking.practitioner_id().empty()) {
    ASSIGN_OR_RETURN(out.practitioner, PractitionerId::Parse(booking.practitioner_id()));
  }
  out.starts_at = wire::ToTime(booking.starts_at());
  out.seat_number = booking.seat_number();
  return out;
}

// Which sessions a setting means; a session that is named speaks for itself.
std::vector<scheduling::v1::SessionKind> KindsOf(Setting setting) {
  switch (setting) {
    case Setting::kInpatient:
      return {scheduling::v1::SESSION_KIND_BED};
    case Setting::kExamination:
      return {scheduling::v1::SESSION_KIND_DEVICE};
    default:
      return {scheduling::v1::SESSION_KIND_OUTPATIENT, scheduling::v1::SESSION_KIND_OUTREACH};
  }
}

template <typename Request>
void SetSeat(const SeatBooking::Wish& wish, Request& request) {
  if (!wish.session.is_nil()) {
    request.set_session_id(wish.session.ToString());
  } else {
    request.set_department_id(wish.department.ToString());
    request.set_practitioner_id(wire::TextOrEmpty(wish.practitioner));
    for (const auto kind : KindsOf(wish.setting)) request.add_kinds(kind);
  }
  request.set_green_channel(wish.green_channel);
}

}  // namespace

SchedulingClient::SchedulingClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Scheduling::NewStub(std::move(channel))) {}

absl::StatusOr<SeatBooking::Held> SchedulingClient::Hold(const base::Uuid& request_id,
                                                         const Wish& wish) {
  scheduling::v1::HoldSeatRequest request;
  request.set_request_id(request_id.ToString());
  SetSeat(wish, request);
  request.set_patient_id(wish.patient.ToString());
  request.set_organization_id(wish.booking_organization.ToString());
  request.set_referral_id(wish.referral.ToString());
  ASSIGN_OR_RETURN(const scheduling::v1::Booking booking,
                   rpc::ClientCall().Invoke(*stub_, &Scheduling::Stub::HoldSeat, request));
  Held held{.hold_token = booking.hold_token()};
  ASSIGN_OR_RETURN(held.booking, ToDomain(booking));
  return held;
}

absl::Status SchedulingClient::Book(const base::Uuid& request_id, BookingId booking,
                                    const std::string& hold_token) {
  scheduling::v1::BookSeatRequest request;
  request.set_request_id(request_id.ToString());
  request.set_booking_id(booking.ToString());
  request.set_hold_token(hold_token);
  return rpc::ClientCall().Invoke(*stub_, &Scheduling::Stub::BookSeat, request).status();
}

absl::StatusOr<BookingReference> SchedulingClient::Reschedule(const base::Uuid& request_id,
                                                              BookingId booking, const Wish& wish) {
  scheduling::v1::RescheduleBookingRequest request;
  request.set_request_id(request_id.ToString());
  request.set_booking_id(booking.ToString());
  SetSeat(wish, request);
  ASSIGN_OR_RETURN(const scheduling::v1::Booking moved,
                   rpc::ClientCall().Invoke(*stub_, &Scheduling::Stub::RescheduleBooking, request));
  return ToDomain(moved);
}

absl::Status SchedulingClient::Move(const base::Uuid& request_id, BookingId booking,
                                    VisitState state) {
  scheduling::v1::MoveBookingRequest request;
  request.set_request_id(request_id.ToString());
  request.set_booking_id(booking.ToString());
  request.set_state(static_cast<scheduling::v1::BookingState>(state));
  return rpc::ClientCall().Invoke(*stub_, &Scheduling::Stub::MoveBooking, request).status();
}

absl::Status SchedulingClient::Cancel(const base::Uuid& request_id, BookingId booking,
                                      std::string_view reason) {
  scheduling::v1::CancelBookingRequest request;
  request.set_request_id(request_id.ToString());
  request.set_booking_id(booking.ToString());
  request.set_reason(std::string(reason));
  return rpc::ClientCall().Invoke(*stub_, &Scheduling::Stub::CancelBooking, request).status();
}

}  // namespace yilian::referral
