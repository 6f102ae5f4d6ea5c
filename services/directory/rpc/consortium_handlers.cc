#include "services/directory/rpc/consortium_handlers.h"

#include <string>
#include <vector>

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {
rpc::Dispatch Bind(ConsortiumHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.ConsortiumService");
  dispatch.Unary("JoinConsortium", &handlers, &ConsortiumHandlers::JoinConsortium)
      .Unary("LeaveConsortium", &handlers, &ConsortiumHandlers::LeaveConsortium)
      .Unary("ListConsortiumMemberships", &handlers,
             &ConsortiumHandlers::ListConsortiumMemberships);
  return dispatch;
}

absl::StatusOr<v1::Organization> ConsortiumHandlers::JoinConsortium(
    const rpc::Call& call, const v1::JoinConsortiumRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId id, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(const OrganizationId lead,
                   OrganizationId::Parse(request.lead_organization_id()));
  return deps_.unit.Run<v1::Organization>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Organization> {
        ASSIGN_OR_RETURN(const Organization after,
                         deps_.consortia.Join(scope, id, base::VersionOf(request.etag()), lead));
        return convert::ToProto(after);
      });
}

absl::StatusOr<v1::Organization> ConsortiumHandlers::LeaveConsortium(
    const rpc::Call& call, const v1::LeaveConsortiumRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId id, OrganizationId::Parse(request.organization_id()));
  return deps_.unit.Run<v1::Organization>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Organization> {
        ASSIGN_OR_RETURN(const Organization after,
                         deps_.consortia.Leave(scope, id, base::VersionOf(request.etag())));
        return convert::ToProto(after);
      });
}

absl::StatusOr<v1::ListConsortiumMembershipsResponse> ConsortiumHandlers::ListConsortiumMemberships(
    const rpc::Call& call, const v1::ListConsortiumMembershipsRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId id, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(const std::vector<ConsortiumMembership> all,
                   deps_.consortia.List(id, call.deadline()));
  v1::ListConsortiumMembershipsResponse response;
  for (const ConsortiumMembership& one : all) {
    v1::ConsortiumMembership& message = *response.add_memberships();
    message.set_organization_id(one.organization.ToString());
    message.set_lead_organization_id(one.lead.ToString());
    wire::SetTime(message.mutable_started_at(), one.started_at);
    if (one.ended_at) wire::SetTime(message.mutable_ended_at(), *one.ended_at);
  }
  return response;
}

}  // namespace yilian::directory
