#include "services/scheduling/rpc/template_handlers.h"

#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/rpc/actor.h"
#include "services/scheduling/rpc/convert.h"
#include "services/scheduling/rpc/template_convert.h"

namespace yilian::scheduling {
namespace {

using convert::ToDomain;
using convert::ToProto;
using wire::OptionalId;

// The caller's own organization, as every list here asks for.
template <typename Request>
absl::StatusOr<OrganizationId> OwnOrganization(const rpc::Call& call, const Request& request) {
  ASSIGN_OR_RETURN(const OrganizationId id, OrganizationId::Parse(request.organization_id()));
  RETURN_IF_ERROR(CheckActsFor(call.caller(), id));
  return id;
}

// A page's key has a time: that of a date is its midnight in UTC.
absl::Time ToKey(absl::CivilDay date) { return absl::FromCivil(date, absl::UTCTimeZone()); }
absl::CivilDay FromKey(absl::Time key) { return absl::ToCivilDay(key, absl::UTCTimeZone()); }

}  // namespace

rpc::Dispatch Bind(TemplateHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.SessionTemplateService");
  dispatch.Unary("CreateSessionTemplate", &handlers, &TemplateHandlers::CreateSessionTemplate)
      .Unary("ChangeSessionTemplate", &handlers, &TemplateHandlers::ChangeSessionTemplate)
      .Unary("EndSessionTemplate", &handlers, &TemplateHandlers::EndSessionTemplate)
      .Unary("GetSessionTemplate", &handlers, &TemplateHandlers::GetSessionTemplate)
      .Unary("ListSessionTemplates", &handlers, &TemplateHandlers::ListSessionTemplates)
      .Unary("ListTemplateConflicts", &handlers, &TemplateHandlers::ListTemplateConflicts)
      .Unary("RecordAbsence", &handlers, &TemplateHandlers::RecordAbsence)
      .Unary("EndAbsence", &handlers, &TemplateHandlers::EndAbsence)
      .Unary("ListAbsences", &handlers, &TemplateHandlers::ListAbsences)
      .Unary("DefineSite", &handlers, &TemplateHandlers::DefineSite)
      .Unary("GetSite", &handlers, &TemplateHandlers::GetSite);
  return dispatch;
}

absl::StatusOr<v1::SessionTemplate> TemplateHandlers::CreateSessionTemplate(
    const rpc::Call& call, const v1::CreateSessionTemplateRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(const TemplatePlan plan, ToDomain(request.plan()));
  return deps_.templates.Create(call.write_context(), organization, plan);
}

absl::StatusOr<v1::SessionTemplate> TemplateHandlers::ChangeSessionTemplate(
    const rpc::Call& call, const v1::ChangeSessionTemplateRequest& request) {
  ASSIGN_OR_RETURN(const TemplateId id, TemplateId::Parse(request.template_id()));
  ASSIGN_OR_RETURN(const TemplatePlan plan, ToDomain(request.plan()));
  return deps_.templates.Change(call.write_context(), id, ActorOf(call.caller()), request.etag(),
                                plan);
}

absl::StatusOr<v1::SessionTemplate> TemplateHandlers::EndSessionTemplate(
    const rpc::Call& call, const v1::EndSessionTemplateRequest& request) {
  ASSIGN_OR_RETURN(const TemplateId id, TemplateId::Parse(request.template_id()));
  return deps_.templates.End(call.write_context(), id, ActorOf(call.caller()), request.etag(),
                             convert::ToOptionalDay(request.last_date()));
}

absl::StatusOr<v1::SessionTemplate> TemplateHandlers::GetSessionTemplate(
    const rpc::Call& call, const v1::GetSessionTemplateRequest& request) {
  ASSIGN_OR_RETURN(const TemplateId id, TemplateId::Parse(request.template_id()));
  ASSIGN_OR_RETURN(const TemplateView view,
                   deps_.templates.Get(id, ActorOf(call.caller()), call.deadline()));
  return ToProto(view);
}

absl::StatusOr<v1::ListSessionTemplatesResponse> TemplateHandlers::ListSessionTemplates(
    const rpc::Call& call, const v1::ListSessionTemplatesRequest& request) {
  TemplateFilter filter{.with_ended = request.with_ended()};
  ASSIGN_OR_RETURN(filter.organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(filter.practitioner, OptionalId<PractitionerId>(request.practitioner_id()));
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> key, pages.After());
  const TemplateId after = key ? TemplateId(key->id) : TemplateId();
  ASSIGN_OR_RETURN(std::vector<TemplateView> found,
                   deps_.templates.List(filter, after, pages.rows(), call.deadline()));
  v1::ListSessionTemplatesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const TemplateView& last) {
                     return wire::PageKey{.time = absl::UnixEpoch(), .id = last.made.id.uuid()};
                   }));
  for (const TemplateView& view : found) *response.add_templates() = ToProto(view);
  return response;
}

absl::StatusOr<v1::ListTemplateConflictsResponse> TemplateHandlers::ListTemplateConflicts(
    const rpc::Call& call, const v1::ListTemplateConflictsRequest& request) {
  ConflictFilter filter;
  ASSIGN_OR_RETURN(filter.organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(filter.made_from, OptionalId<TemplateId>(request.template_id()));
  if (!filter.made_from.is_nil()) {
    RETURN_IF_ERROR(
        deps_.templates.Get(filter.made_from, ActorOf(call.caller()), call.deadline()).status());
  }
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> key, pages.After());
  ConflictPosition after;
  if (key) after = {FromKey(key->time), TemplateId(key->id)};
  ASSIGN_OR_RETURN(std::vector<TemplateConflict> found,
                   deps_.templates.ListConflicts(filter, after, pages.rows(), call.deadline()));
  v1::ListTemplateConflictsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const TemplateConflict& last) {
                     return wire::PageKey{.time = ToKey(last.date), .id = last.made_from.uuid()};
                   }));
  for (const TemplateConflict& conflict : found) *response.add_conflicts() = ToProto(conflict);
  return response;
}

absl::StatusOr<v1::Absence> TemplateHandlers::RecordAbsence(
    const rpc::Call& call, const v1::RecordAbsenceRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(const PractitionerId expert, PractitionerId::Parse(request.practitioner_id()));
  return deps_.availability.RecordAbsence(call.write_context(), organization, expert,
                                          convert::ToSpan(request.time()));
}

absl::StatusOr<v1::Absence> TemplateHandlers::EndAbsence(const rpc::Call& call,
                                                         const v1::EndAbsenceRequest& request) {
  ASSIGN_OR_RETURN(const AbsenceId id, AbsenceId::Parse(request.absence_id()));
  std::optional<absl::Time> back_at;
  if (request.has_back_at()) back_at = convert::ToTime(request.back_at());
  return deps_.availability.EndAbsence(call.write_context(), id, ActorOf(call.caller()),
                                       request.etag(), back_at);
}

absl::StatusOr<v1::ListAbsencesResponse> TemplateHandlers::ListAbsences(
    const rpc::Call& call, const v1::ListAbsencesRequest& request) {
  AbsenceFilter filter;
  ASSIGN_OR_RETURN(filter.organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(filter.practitioner, PractitionerId::Parse(request.practitioner_id()));
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> key, pages.After());
  AbsencePosition after;
  if (key) after = {key->time, AbsenceId(key->id)};
  ASSIGN_OR_RETURN(std::vector<Absence> found,
                   deps_.availability.ListAbsences(filter, after, pages.rows(), call.deadline()));
  v1::ListAbsencesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const Absence& last) {
                     return wire::PageKey{.time = last.time.end, .id = last.id.uuid()};
                   }));
  for (const Absence& absence : found) *response.add_absences() = ToProto(absence);
  return response;
}

absl::StatusOr<v1::Site> TemplateHandlers::DefineSite(const rpc::Call& call,
                                                      const v1::DefineSiteRequest& request) {
  RETURN_IF_ERROR(OwnOrganization(call, request).status());
  ASSIGN_OR_RETURN(const NewSite wanted, ToDomain(request));
  return deps_.availability.DefineSite(call.write_context(), wanted, request.etag());
}

absl::StatusOr<v1::Site> TemplateHandlers::GetSite(const rpc::Call& call,
                                                   const v1::GetSiteRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId id, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(const Site site, deps_.availability.GetSite(id, call.deadline()));
  return ToProto(site);
}

}  // namespace yilian::scheduling
