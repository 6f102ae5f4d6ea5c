#include "services/directory/rpc/auth_handlers.h"

#include <vector>

#include "common/base/status_macros.h"
#include "services/directory/rpc/convert.h"
#include "services/directory/rpc/own_account_handlers.h"

namespace yilian::directory {

using convert::ToProto;

namespace {

absl::StatusOr<OrganizationId> OptionalId(const std::string& text) {
  if (text.empty()) return OrganizationId();
  return OrganizationId::Parse(text);
}

}  // namespace

rpc::Dispatch Bind(AuthHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.AuthService");
  dispatch.Unary("SignIn", &handlers, &AuthHandlers::SignInPerson)
      .Unary("GetCaller", &handlers, &AuthHandlers::GetCaller)
      .Unary("RevokeUser", &handlers, &AuthHandlers::RevokeUser);
  return dispatch;
}

absl::StatusOr<v1::SignInResponse> AuthHandlers::SignInPerson(const rpc::Call& call,
                                                              const v1::SignInRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId wanted, OptionalId(request.organization_id()));
  ASSIGN_OR_RETURN(const SignedIn entered,
                   deps_.sign_in.Enter({.user_name = request.user_name(),
                                        .password = request.password(),
                                        .code = request.second_factor_code(),
                                        .source = call.caller().peer},
                                       wanted, call.deadline()));
  // Not a token that outlives the affiliation, nor one that the last revocation would meet.
  ASSIGN_OR_RETURN(
      const crypto::JwtSigner::Signed token,
      deps_.signer.Sign({.user_id = entered.account.id.uuid(),
                         .practitioner_id = entered.as.practitioner.uuid(),
                         .organization_id = entered.as.organization.uuid(),
                         .roles = entered.as.roles},
                        {.not_before = entered.account.not_before,
                         .not_after = entered.as.ends_at.value_or(absl::InfiniteFuture())}));
  v1::SignInResponse response;
  response.set_access_token(token.token);
  *response.mutable_expires_at() = ToProto(token.claims.expires_at);
  *response.mutable_caller() = ToProto(entered.account, entered.as);
  for (const Affiliation& one : entered.live) *response.add_affiliations() = ToProto(one);
  return response;
}

absl::StatusOr<v1::CallerIdentity> AuthHandlers::GetCaller(const rpc::Call& call,
                                                           const v1::GetCallerRequest&) {
  const UserId user(call.caller().user_id);
  ASSIGN_OR_RETURN(const auto named, deps_.accounts.Get(user, call.deadline()));
  ASSIGN_OR_RETURN(const std::vector<Affiliation> affiliations,
                   deps_.affiliations.ListOf(user, call.deadline()));
  // As what the token was given, also for the minutes after an affiliation ended.
  Affiliation as;
  for (const Affiliation& one : affiliations) {
    if (one.organization.uuid() == call.caller().organization_id) as = one;
  }
  return ToProto(named.first, as);
}

absl::StatusOr<v1::RevokeUserResponse> AuthHandlers::RevokeUser(
    const rpc::Call& call, const v1::RevokeUserRequest& request) {
  ASSIGN_OR_RETURN(const UserId id, UserId::Parse(request.user_id()));
  return deps_.unit.Run<v1::RevokeUserResponse>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::RevokeUserResponse> {
        ASSIGN_OR_RETURN(const absl::Time not_before,
                         EndTokens(scope, deps_.accounts, id, request.disable()));
        v1::RevokeUserResponse response;
        *response.mutable_not_before() = ToProto(not_before);
        return response;
      });
}

}  // namespace yilian::directory
