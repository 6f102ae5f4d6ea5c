#include "services/directory/rpc/auth_handlers.h"

#include "common/base/status_macros.h"
#include "common/service/revocations.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {

using convert::ToProto;

rpc::Dispatch Bind(AuthHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.AuthService");
  dispatch.Unary("SignIn", &handlers, &AuthHandlers::SignInPerson)
      .Unary("GetCaller", &handlers, &AuthHandlers::GetCaller)
      .Unary("RevokeUser", &handlers, &AuthHandlers::RevokeUser);
  return dispatch;
}

absl::StatusOr<v1::SignInResponse> AuthHandlers::SignInPerson(const rpc::Call& call,
                                                              const v1::SignInRequest& request) {
  ASSIGN_OR_RETURN(const Account checked,
                   deps_.sign_in.Check(request.user_name(), request.password(), call.deadline()));
  ASSIGN_OR_RETURN(const auto named, deps_.accounts.Get(checked.id, call.deadline()));
  const auto& [account, organization_name] = named;
  ASSIGN_OR_RETURN(const crypto::JwtSigner::Signed token,
                   deps_.signer.Sign({.user_id = account.id.uuid(),
                                      .practitioner_id = account.practitioner.uuid(),
                                      .organization_id = account.organization.uuid(),
                                      .roles = account.roles}));
  v1::SignInResponse response;
  response.set_access_token(token.token);
  *response.mutable_expires_at() = ToProto(token.claims.expires_at);
  *response.mutable_caller() = ToProto(account, organization_name);
  return response;
}

absl::StatusOr<v1::CallerIdentity> AuthHandlers::GetCaller(const rpc::Call& call,
                                                           const v1::GetCallerRequest&) {
  ASSIGN_OR_RETURN(const auto named,
                   deps_.accounts.Get(UserId(call.caller().user_id), call.deadline()));
  return ToProto(named.first, named.second);
}

absl::StatusOr<v1::RevokeUserResponse> AuthHandlers::RevokeUser(
    const rpc::Call& call, const v1::RevokeUserRequest& request) {
  ASSIGN_OR_RETURN(const UserId id, UserId::Parse(request.user_id()));
  return deps_.unit.Run<v1::RevokeUserResponse>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::RevokeUserResponse> {
        ASSIGN_OR_RETURN(const absl::Time not_before,
                         deps_.accounts.Revoke(scope, id, request.disable()));
        // The other services follow by event; this one has no feed of its own to follow.
        RETURN_IF_ERROR(service::WriteRevocation(scope.sql(), id.uuid(), not_before));
        v1::RevokeUserResponse response;
        *response.mutable_not_before() = ToProto(not_before);
        return response;
      });
}

}  // namespace yilian::directory
