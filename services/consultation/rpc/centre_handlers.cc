#include "services/consultation/rpc/centre_handlers.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/consultation/domain/centre_errors.h"
#include "services/consultation/rpc/centre_convert.h"

namespace yilian::consultation {
namespace {

using convert::ToDomain;
using convert::ToProto;

// Services act for whom they name, everybody else for the own organization.
template <typename Request>
absl::StatusOr<OrganizationId> OwnOrganization(const rpc::Call& call, const Request& request) {
  ASSIGN_OR_RETURN(const OrganizationId id, OrganizationId::Parse(request.organization_id()));
  const rpc::Caller& caller = call.caller();
  if (!caller.is_service() && caller.organization_id != id.uuid()) {
    return errors::ForeignOrganization();
  }
  return id;
}

v1::ReadingMember MemberAnswer(const ReadingMember& member) { return ToProto(member); }

}  // namespace

rpc::Dispatch Bind(ReadingCentreHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.consultation.v1.ReadingCentreService");
  dispatch.Unary("DefineReadingCentre", &handlers, &ReadingCentreHandlers::Define)
      .Unary("GetReadingCentre", &handlers, &ReadingCentreHandlers::Get)
      .Unary("ListReadingCentres", &handlers, &ReadingCentreHandlers::List)
      .Unary("SetReadingMember", &handlers, &ReadingCentreHandlers::SetMember)
      .Unary("RemoveReadingMember", &handlers, &ReadingCentreHandlers::RemoveMember)
      .Unary("ListReadingMembers", &handlers, &ReadingCentreHandlers::ListMembers)
      .Unary("SetReaderDuty", &handlers, &ReadingCentreHandlers::SetDuty)
      .Unary("CountReadingWorklist", &handlers, &ReadingCentreHandlers::Count);
  return dispatch;
}

absl::StatusOr<CentreId> ReadingCentreHandlers::OwnCentre(const rpc::Call& call,
                                                          OrganizationId organization,
                                                          const std::string& centre_id) const {
  ASSIGN_OR_RETURN(const CentreId id, CentreId::Parse(centre_id));
  ASSIGN_OR_RETURN(const ReadingCentre centre, deps_.centres.Get(id, call.deadline()));
  if (centre.organization != organization) return errors::CentreNotFound();
  return id;
}

absl::StatusOr<v1::ReadingCentre> ReadingCentreHandlers::Define(
    const rpc::Call& call, const v1::DefineReadingCentreRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(const CentreId centre, wire::OptionalId<CentreId>(request.centre_id()));
  return deps_.centres.Define<v1::ReadingCentre>(
      call.write_context(), organization, centre, request.etag(), ToDomain(request.plan()),
      [](const ReadingCentre& after) { return ToProto(after); });
}

absl::StatusOr<v1::ReadingCentre> ReadingCentreHandlers::Get(
    const rpc::Call& call, const v1::GetReadingCentreRequest& request) {
  ASSIGN_OR_RETURN(const CentreId id, CentreId::Parse(request.centre_id()));
  ASSIGN_OR_RETURN(const ReadingCentre centre, deps_.centres.Get(id, call.deadline()));
  return ToProto(centre);
}

absl::StatusOr<v1::ListReadingCentresResponse> ReadingCentreHandlers::List(
    const rpc::Call& call, const v1::ListReadingCentresRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId owner,
                   wire::OptionalId<OrganizationId>(request.owner_id()));
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> key, pages.After());
  const CentreId after = key ? CentreId(key->id) : CentreId();
  ASSIGN_OR_RETURN(std::vector<ReadingCentre> found,
                   deps_.centres.List(owner, after, pages.rows(), call.deadline()));
  v1::ListReadingCentresResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const ReadingCentre& last) {
                     return wire::PageKey{.time = absl::UnixEpoch(), .id = last.id.uuid()};
                   }));
  for (const ReadingCentre& centre : found) *response.add_centres() = ToProto(centre);
  return response;
}

absl::StatusOr<v1::ReadingMember> ReadingCentreHandlers::SetMember(
    const rpc::Call& call, const v1::SetReadingMemberRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(const CentreId centre, CentreId::Parse(request.centre_id()));
  ASSIGN_OR_RETURN(const PractitionerId practitioner,
                   PractitionerId::Parse(request.practitioner_id()));
  return deps_.centres.ChangeMember<v1::ReadingMember>(
      call.write_context(), organization, centre, practitioner, request.etag(),
      [&](const ReadingCentre& of, const ReadingMember& now, absl::Time) {
        return now.Set(of, ToDomain(request.rights()));
      },
      &MemberAnswer);
}

absl::StatusOr<v1::ReadingMember> ReadingCentreHandlers::RemoveMember(
    const rpc::Call& call, const v1::RemoveReadingMemberRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(const CentreId centre, CentreId::Parse(request.centre_id()));
  ASSIGN_OR_RETURN(const PractitionerId practitioner,
                   PractitionerId::Parse(request.practitioner_id()));
  return deps_.centres.ChangeMember<v1::ReadingMember>(
      call.write_context(), organization, centre, practitioner, request.etag(),
      [](const ReadingCentre&, const ReadingMember& now, absl::Time) { return now.Remove(); },
      &MemberAnswer);
}

absl::StatusOr<v1::ListReadingMembersResponse> ReadingCentreHandlers::ListMembers(
    const rpc::Call& call, const v1::ListReadingMembersRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(const CentreId centre, OwnCentre(call, organization, request.centre_id()));
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> key, pages.After());
  const PractitionerId after = key ? PractitionerId(key->id) : PractitionerId();
  ASSIGN_OR_RETURN(std::vector<ReadingMember> found,
                   deps_.centres.ListMembers(centre, after, pages.rows(), call.deadline()));
  v1::ListReadingMembersResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, [](const ReadingMember& last) {
                     return wire::PageKey{.time = absl::UnixEpoch(),
                                          .id = last.practitioner.uuid()};
                   }));
  for (const ReadingMember& member : found) *response.add_members() = ToProto(member);
  return response;
}

absl::StatusOr<v1::ReadingMember> ReadingCentreHandlers::SetDuty(
    const rpc::Call& call, const v1::SetReaderDutyRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(const CentreId centre, CentreId::Parse(request.centre_id()));
  const auto action = static_cast<DutyAction>(request.action());
  return deps_.centres.ChangeMember<v1::ReadingMember>(
      call.write_context(), organization, centre, PractitionerId(call.caller().practitioner_id),
      std::nullopt,
      [&](const ReadingCentre& of, const ReadingMember& now, absl::Time at) {
        return now.SetDuty(of, action, at);
      },
      &MemberAnswer);
}

absl::StatusOr<v1::CountReadingWorklistResponse> ReadingCentreHandlers::Count(
    const rpc::Call& call, const v1::CountReadingWorklistRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId organization, OwnOrganization(call, request));
  ASSIGN_OR_RETURN(const CentreId centre, OwnCentre(call, organization, request.centre_id()));
  ASSIGN_OR_RETURN(const ReadingCounts counts, deps_.centres.Count(centre, call.deadline()));
  return ToProto(counts);
}

}  // namespace yilian::consultation
