#include "services/directory/rpc/practitioner_handlers.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/directory/rpc/convert.h"
#include "services/directory/rpc/practitioner_convert.h"

namespace yilian::directory {
namespace {

using convert::ToDomain;
using convert::ToProto;

// Runs a write of a qualification or a practice, tells of it, and answers the practitioner.
template <typename Change>
absl::StatusOr<v1::Practitioner> RunChange(unit::UnitOfWork& unit, const rpc::Call& call,
                                           const Change& change) {
  return unit.Run<v1::Practitioner>(call.write_context(),
                                    [&](unit::Scope& scope) -> absl::StatusOr<v1::Practitioner> {
                                      ASSIGN_OR_RETURN(const auto changed, change(scope));
                                      scope.Append(convert::ChangedEvent(changed, scope.now()));
                                      return ToProto(changed.practitioner);
                                    });
}

}  // namespace

rpc::Dispatch Bind(PractitionerHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.PractitionerService");
  dispatch.Unary("AwardTitle", &handlers, &PractitionerHandlers::AwardTitle)
      .Unary("RecordQualification", &handlers, &PractitionerHandlers::RecordQualification)
      .Unary("EndQualification", &handlers, &PractitionerHandlers::EndQualification)
      .Unary("BeginPractice", &handlers, &PractitionerHandlers::BeginPractice)
      .Unary("EndPractice", &handlers, &PractitionerHandlers::EndPractice)
      .Unary("GetPractitionerProfile", &handlers, &PractitionerHandlers::GetPractitionerProfile)
      .Unary("ListPractitioners", &handlers, &PractitionerHandlers::ListPractitioners)
      .Unary("FindPractitioner", &handlers, &PractitionerHandlers::FindPractitioner);
  return dispatch;
}

absl::StatusOr<v1::Practitioner> PractitionerHandlers::AwardTitle(
    const rpc::Call& call, const v1::AwardTitleRequest& request) {
  ASSIGN_OR_RETURN(const PractitionerId id, PractitionerId::Parse(request.practitioner_id()));
  TitleAward award{.title = static_cast<ProfessionalTitle>(request.title())};
  ASSIGN_OR_RETURN(award.since, convert::DayIn(request.since(), "since"));
  return deps_.unit.Run<v1::Practitioner>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Practitioner> {
        ASSIGN_OR_RETURN(
            const Practitioner after,
            deps_.practitioners.Award(scope, id, base::VersionOf(request.etag()), award));
        return ToProto(after);
      });
}

absl::StatusOr<v1::Practitioner> PractitionerHandlers::RecordQualification(
    const rpc::Call& call, const v1::RecordQualificationRequest& request) {
  ASSIGN_OR_RETURN(const Qualification qualification, ToDomain(request, deps_.unit.clock().Now()));
  return RunChange(deps_.unit, call, [&](unit::Scope& scope) {
    return deps_.practitioners.Record(scope, base::VersionOf(request.etag()), qualification);
  });
}

absl::StatusOr<v1::Practitioner> PractitionerHandlers::EndQualification(
    const rpc::Call& call, const v1::EndQualificationRequest& request) {
  ASSIGN_OR_RETURN(const PractitionerId id, PractitionerId::Parse(request.practitioner_id()));
  ASSIGN_OR_RETURN(const QualificationId qualification,
                   QualificationId::Parse(request.qualification_id()));
  ASSIGN_OR_RETURN(const absl::CivilDay last, convert::DayIn(request.valid_until(), "valid_until"));
  return RunChange(deps_.unit, call, [&](unit::Scope& scope) {
    return deps_.practitioners.EndQualification(scope, id, base::VersionOf(request.etag()),
                                                qualification, last,
                                                static_cast<QualificationEnd>(request.end()));
  });
}

absl::StatusOr<v1::Practitioner> PractitionerHandlers::BeginPractice(
    const rpc::Call& call, const v1::BeginPracticeRequest& request) {
  ASSIGN_OR_RETURN(const Practice practice, ToDomain(request, deps_.unit.clock().Now()));
  return RunChange(deps_.unit, call, [&](unit::Scope& scope) {
    return deps_.practitioners.Begin(scope, base::VersionOf(request.etag()), practice);
  });
}

absl::StatusOr<v1::Practitioner> PractitionerHandlers::EndPractice(
    const rpc::Call& call, const v1::EndPracticeRequest& request) {
  ASSIGN_OR_RETURN(const PractitionerId id, PractitionerId::Parse(request.practitioner_id()));
  ASSIGN_OR_RETURN(const PracticeId practice, PracticeId::Parse(request.practice_id()));
  const absl::Time ended_at =
      request.has_ended_at() ? wire::ToTime(request.ended_at()) : deps_.unit.clock().Now();
  return RunChange(deps_.unit, call, [&](unit::Scope& scope) {
    return deps_.practitioners.EndPractice(scope, id, base::VersionOf(request.etag()), practice,
                                           ended_at);
  });
}

absl::StatusOr<v1::PractitionerProfile> PractitionerHandlers::GetPractitionerProfile(
    const rpc::Call& call, const v1::GetPractitionerProfileRequest& request) {
  ASSIGN_OR_RETURN(const PractitionerId id, PractitionerId::Parse(request.practitioner_id()));
  ASSIGN_OR_RETURN(const auto on, convert::OptionalDayIn(request.on(), "on"));
  ASSIGN_OR_RETURN(PractitionerProfile profile, deps_.practitioners.Profile(id, call.deadline()));
  if (on) profile = On(std::move(profile), *on);
  call.Subject("practitioner", id.uuid(), base::Uuid());
  return ToProto(profile);
}

absl::StatusOr<v1::ListPractitionersResponse> PractitionerHandlers::ListPractitioners(
    const rpc::Call& call, const v1::ListPractitionersRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  PractitionersQuery query{.limit = pages.rows()};
  ASSIGN_OR_RETURN(query.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(query.department, wire::OptionalId<DepartmentId>(request.department_id()));
  ASSIGN_OR_RETURN(const auto on, convert::OptionalDayIn(request.on(), "on"));
  query.day = PeriodOf(on.value_or(DayOf(deps_.unit.clock().Now())));
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  if (after) query.after = PractitionerId(after->id);
  ASSIGN_OR_RETURN(std::vector<Practitioner> found,
                   deps_.practitioners.List(query, call.deadline()));
  v1::ListPractitionersResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Practitioner& last) {
                     return wire::PageKey{.id = last.id.uuid()};
                   }));
  for (const Practitioner& one : found) *response.add_practitioners() = ToProto(one);
  return response;
}

absl::StatusOr<v1::Practitioner> PractitionerHandlers::FindPractitioner(
    const rpc::Call& call, const v1::FindPractitionerRequest& request) {
  const auto kind = static_cast<QualificationKind>(request.kind());
  ASSIGN_OR_RETURN(const std::string number, NormalNumber(kind, request.number()));
  ASSIGN_OR_RETURN(const Practitioner found,
                   deps_.practitioners.Find(kind, number, call.deadline()));
  call.Subject("practitioner", found.id.uuid(), base::Uuid());
  return ToProto(found);
}

}  // namespace yilian::directory
