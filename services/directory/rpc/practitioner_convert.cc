#include "services/directory/rpc/practitioner_convert.h"

#include "absl/time/civil_time.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory::convert {
namespace {

v1::Qualification ToProto(const Qualification& qualification) {
  v1::Qualification message;
  message.set_qualification_id(qualification.id.ToString());
  message.set_practitioner_id(qualification.practitioner.ToString());
  message.set_kind(static_cast<v1::QualificationKind>(qualification.kind));
  message.set_number_masked(MaskNumber(qualification.number));
  message.set_category(static_cast<v1::PracticeCategory>(qualification.category));
  for (const std::string& scope : qualification.scopes) message.add_scopes(scope);
  message.set_valid_from(absl::FormatCivilTime(qualification.valid_from));
  if (qualification.valid_until) {
    message.set_valid_until(absl::FormatCivilTime(*qualification.valid_until));
  }
  message.set_end(static_cast<v1::QualificationEnd>(qualification.end));
  return message;
}

v1::Practice ToProto(const Practice& practice) {
  v1::Practice message;
  message.set_practice_id(practice.id.ToString());
  message.set_practitioner_id(practice.practitioner.ToString());
  message.set_organization_id(practice.organization.ToString());
  message.set_department_id(wire::TextOrEmpty(practice.department));
  message.set_kind(static_cast<v1::PracticeKind>(practice.kind));
  wire::SetTime(message.mutable_started_at(), practice.started_at);
  if (practice.ended_at) wire::SetTime(message.mutable_ended_at(), *practice.ended_at);
  return message;
}

}  // namespace

v1::PractitionerProfile ToProto(const PractitionerProfile& profile) {
  v1::PractitionerProfile message;
  *message.mutable_practitioner() = ToProto(profile.practitioner);
  for (const TitleAward& one : profile.titles) {
    v1::TitleAward& award = *message.add_titles();
    award.set_title(static_cast<v1::ProfessionalTitle>(one.title));
    award.set_since(absl::FormatCivilTime(one.since));
  }
  for (const Qualification& one : profile.qualifications) {
    *message.add_qualifications() = ToProto(one);
  }
  for (const Practice& one : profile.practices) *message.add_practices() = ToProto(one);
  return message;
}

absl::StatusOr<Qualification> ToDomain(const v1::RecordQualificationRequest& request,
                                       absl::Time now) {
  Qualification qualification{.id = QualificationId::New(now),
                              .kind = static_cast<QualificationKind>(request.kind()),
                              .category = static_cast<PracticeCategory>(request.category()),
                              .scopes = {request.scopes().begin(), request.scopes().end()}};
  ASSIGN_OR_RETURN(qualification.practitioner, PractitionerId::Parse(request.practitioner_id()));
  ASSIGN_OR_RETURN(qualification.number, NormalNumber(qualification.kind, request.number()));
  ASSIGN_OR_RETURN(qualification.valid_from, DayIn(request.valid_from(), "valid_from"));
  ASSIGN_OR_RETURN(qualification.valid_until, OptionalDayIn(request.valid_until(), "valid_until"));
  return qualification;
}

absl::StatusOr<Practice> ToDomain(const v1::BeginPracticeRequest& request, absl::Time now) {
  Practice practice{
      .id = PracticeId::New(now),
      .kind = static_cast<PracticeKind>(request.kind()),
      .started_at = request.has_started_at() ? wire::ToTime(request.started_at()) : now};
  ASSIGN_OR_RETURN(practice.practitioner, PractitionerId::Parse(request.practitioner_id()));
  ASSIGN_OR_RETURN(practice.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(practice.department, wire::OptionalId<DepartmentId>(request.department_id()));
  return practice;
}

outbox::NewEvent ChangedEvent(const QualificationChange& change, absl::Time at) {
  v1::QualificationChanged event;
  *event.mutable_qualification() = ToProto(change.qualification);
  event.mutable_qualification()->clear_number_masked();
  return outbox::NewEvent::Of("qualification", change.qualification.id.uuid(),
                              change.practitioner.version, event, at, {});
}

outbox::NewEvent ChangedEvent(const PracticeChange& change, absl::Time at) {
  v1::PracticeChanged event;
  *event.mutable_practice() = ToProto(change.practice);
  return outbox::NewEvent::Of("practice", change.practice.id.uuid(), change.practitioner.version,
                              event, at, {change.practice.organization.uuid()});
}

}  // namespace yilian::directory::convert
