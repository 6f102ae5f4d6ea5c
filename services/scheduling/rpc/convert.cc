#include "services/scheduling/rpc/convert.h"

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"

namespace yilian::scheduling::convert {
namespace {

using wire::OptionalId;
using wire::SetTime;
using wire::TextOrEmpty;

// A repeated enum is stored as numbers; the frame refused unknown ones.
std::vector<SessionKind> ToKinds(const google::protobuf::RepeatedField<int>& numbers) {
  std::vector<SessionKind> kinds;
  for (const int number : numbers) kinds.push_back(static_cast<SessionKind>(number));
  return kinds;
}

}  // namespace

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixMicros(absl::ToUnixMicros(wire::ToTime(timestamp)));
}

Span ToSpan(const type::v1::Period& period) {
  return {ToTime(period.start()), ToTime(period.end())};
}

absl::StatusOr<std::vector<Quota>> ToQuotas(
    const google::protobuf::RepeatedPtrField<v1::PoolQuota>& asked) {
  std::vector<Quota> quotas;
  for (const v1::PoolQuota& one : asked) {
    Quota quota{.kind = static_cast<PoolKind>(one.kind()), .seats = one.seats()};
    ASSIGN_OR_RETURN(quota.organization, OptionalId<OrganizationId>(one.organization_id()));
    quotas.push_back(quota);
  }
  return quotas;
}

v1::Booking ToProto(const Booking& booking) {
  v1::Booking proto;
  proto.set_booking_id(booking.id.ToString());
  proto.set_session_id(booking.session.ToString());
  proto.set_practitioner_id(TextOrEmpty(booking.practitioner));
  proto.set_seat_number(booking.seat_number);
  SetTime(proto.mutable_starts_at(), booking.time.start);
  proto.set_patient_id(booking.patient.ToString());
  proto.set_organization_id(booking.organization.ToString());
  proto.set_referral_id(TextOrEmpty(booking.referral));
  proto.set_state(static_cast<v1::BookingState>(booking.state));
  SetTime(proto.mutable_hold_expires_at(), booking.hold_expires_at);
  proto.set_etag(booking.etag());
  proto.set_session_organization_id(booking.session_organization.ToString());
  proto.set_fit_unknown(booking.fit_unknown);
  return proto;
}

v1::ClinicRule ToProto(const ClinicRule& rule) {
  v1::ClinicRule proto;
  const auto set = [](v1::AgeBound* out, const AgeBound& bound) {
    out->set_value(bound.value);
    out->set_unit(static_cast<v1::AgeUnit>(bound.unit));
  };
  if (rule.least) set(proto.mutable_least_age(), *rule.least);
  if (rule.greatest) set(proto.mutable_greatest_age(), *rule.greatest);
  proto.set_sex(static_cast<v1::PatientSex>(rule.sex));
  return proto;
}

ClinicRule ToDomain(const v1::ClinicRule& rule) {
  const auto bound = [](const v1::AgeBound& asked) {
    return AgeBound{.value = asked.value(), .unit = static_cast<AgeUnit>(asked.unit())};
  };
  ClinicRule out{.sex = static_cast<PatientSex>(rule.sex())};
  if (rule.has_least_age()) out.least = bound(rule.least_age());
  if (rule.has_greatest_age()) out.greatest = bound(rule.greatest_age());
  return out;
}

v1::Session ToProto(const SessionView& view) {
  const Session& session = view.session;
  v1::Session proto;
  proto.set_session_id(session.id.ToString());
  proto.set_organization_id(session.organization.ToString());
  proto.set_department_id(session.department.ToString());
  proto.set_specialty(session.specialty);
  proto.set_practitioner_id(TextOrEmpty(session.practitioner));
  proto.set_site_id(session.site.ToString());
  proto.set_kind(static_cast<v1::SessionKind>(session.kind));
  SetTime(proto.mutable_time()->mutable_start(), session.time.start);
  SetTime(proto.mutable_time()->mutable_end(), session.time.end);
  proto.set_seats(session.seats);
  proto.set_free_seats(static_cast<int32_t>(view.free_seats));
  for (const Quota& quota : view.quotas) {
    v1::PoolQuota& shown = *proto.add_quotas();
    shown.set_kind(static_cast<v1::PoolKind>(quota.kind));
    shown.set_organization_id(TextOrEmpty(quota.organization));
    shown.set_seats(quota.seats);
  }
  proto.set_etag(session.etag());
  proto.set_template_id(TextOrEmpty(session.made_from));
  proto.set_resource_kind(static_cast<v1::ResourceKind>(session.resource.kind));
  proto.set_resource_code(session.resource.code);
  if (!session.rule.none()) *proto.mutable_clinic_rule() = ToProto(session.rule);
  proto.set_fit_unknown(view.fit_unknown);
  return proto;
}

v1::WaitListEntry ToProto(const WaitListView& view) {
  const WaitListEntry& entry = view.entry;
  v1::WaitListEntry proto;
  proto.set_entry_id(entry.id.ToString());
  proto.set_patient_id(entry.patient.ToString());
  proto.set_organization_id(entry.organization.ToString());
  proto.set_session_organization_id(entry.session_organization.ToString());
  proto.set_department_id(entry.department.ToString());
  proto.set_session_id(TextOrEmpty(entry.session));
  proto.set_practitioner_id(TextOrEmpty(entry.practitioner));
  SetTime(proto.mutable_time()->mutable_start(), entry.time.start);
  SetTime(proto.mutable_time()->mutable_end(), entry.time.end);
  proto.set_state(static_cast<v1::WaitListState>(entry.state));
  SetTime(proto.mutable_joined_at(), entry.joined_at);
  proto.set_ahead(static_cast<int32_t>(view.ahead));
  proto.set_passed_offers(entry.passed);
  if (!entry.offered_booking.is_nil()) {
    proto.set_offered_booking_id(entry.offered_booking.ToString());
    proto.set_offered_session_id(entry.offered_session.ToString());
    SetTime(proto.mutable_offered_starts_at(), entry.offered_starts_at);
    SetTime(proto.mutable_offer_expires_at(), entry.offer_expires_at);
  }
  proto.set_cancelled_booking_id(TextOrEmpty(entry.cancelled_booking));
  proto.set_reason(entry.reason);
  proto.set_etag(entry.etag());
  return proto;
}

Encoding StoreEncoding() {
  return {.booking = [](const Booking& booking) { return ToProto(booking); },
          .session = [](const SessionView& view) { return ToProto(view); },
          .wait_list_entry = [](const WaitListView& view) { return ToProto(view); }};
}

absl::StatusOr<NewSession> ToDomain(const v1::CreateSessionRequest& request) {
  NewSession offer;
  ASSIGN_OR_RETURN(offer.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(offer.department, DepartmentId::Parse(request.department_id()));
  ASSIGN_OR_RETURN(offer.practitioner, OptionalId<PractitionerId>(request.practitioner_id()));
  ASSIGN_OR_RETURN(offer.site, OptionalId<OrganizationId>(request.site_id()));
  offer.specialty = request.specialty();
  offer.kind = static_cast<SessionKind>(request.kind());
  offer.time = ToSpan(request.time());
  offer.seats = request.seats();
  ASSIGN_OR_RETURN(offer.quotas, ToQuotas(request.quotas()));
  offer.resource = {static_cast<ResourceKind>(request.resource_kind()), request.resource_code()};
  offer.rule = ToDomain(request.clinic_rule());
  offer.on_holiday = request.on_public_holiday();
  return offer;
}

absl::StatusOr<HoldCommand> ToDomain(const v1::HoldSeatRequest& request) {
  HoldCommand command;
  ASSIGN_OR_RETURN(command.session, OptionalId<SessionId>(request.session_id()));
  ASSIGN_OR_RETURN(command.department, OptionalId<DepartmentId>(request.department_id()));
  ASSIGN_OR_RETURN(command.practitioner, OptionalId<PractitionerId>(request.practitioner_id()));
  ASSIGN_OR_RETURN(command.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(command.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(command.referral, OptionalId<ReferralId>(request.referral_id()));
  command.green = request.green_channel();
  command.kinds = ToKinds(request.kinds());
  command.hold = absl::Seconds(request.hold_seconds());
  return command;
}

absl::StatusOr<RescheduleCommand> ToDomain(const v1::RescheduleBookingRequest& request) {
  RescheduleCommand command;
  ASSIGN_OR_RETURN(command.booking, BookingId::Parse(request.booking_id()));
  ASSIGN_OR_RETURN(command.session, OptionalId<SessionId>(request.session_id()));
  ASSIGN_OR_RETURN(command.department, OptionalId<DepartmentId>(request.department_id()));
  ASSIGN_OR_RETURN(command.practitioner, OptionalId<PractitionerId>(request.practitioner_id()));
  command.green = request.green_channel();
  command.kinds = ToKinds(request.kinds());
  return command;
}

absl::StatusOr<SessionFilter> ToDomain(const v1::SearchSessionsRequest& request) {
  SessionFilter filter;
  filter.specialty = request.specialty();
  ASSIGN_OR_RETURN(filter.organization, OptionalId<OrganizationId>(request.organization_id()));
  ASSIGN_OR_RETURN(filter.department, OptionalId<DepartmentId>(request.department_id()));
  ASSIGN_OR_RETURN(filter.practitioner, OptionalId<PractitionerId>(request.practitioner_id()));
  filter.time = ToSpan(request.time());
  return filter;
}

}  // namespace yilian::scheduling::convert
