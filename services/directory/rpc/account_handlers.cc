#include "services/directory/rpc/account_handlers.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/crypto/password.h"
#include "common/wire/timestamp.h"
#include "services/directory/domain/errors.h"
#include "services/directory/domain/password_policy.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {

using convert::ToProto;

namespace {

// Nobody gives themselves rights, or takes away what protects their own account.
absl::StatusOr<UserId> OthersAccount(const rpc::Call& call, const std::string& user_id) {
  ASSIGN_OR_RETURN(const UserId user, UserId::Parse(user_id));
  if (user.uuid() == call.caller().user_id) return errors::OwnAccount();
  return user;
}

absl::Status OneOf(bool first, bool second, const char* first_field, const char* second_field) {
  if (first != second) return absl::OkStatus();
  const std::string rule = "give exactly one of the two";
  return errors::FieldInvalid({{first_field, rule}, {second_field, rule}});
}

}  // namespace

rpc::Dispatch Bind(OwnAccountHandlers& own, AccountHandlers& accounts) {
  rpc::Dispatch dispatch("yilian.directory.v1.AccountService");
  dispatch.Unary("EnrolSecondFactor", &own, &OwnAccountHandlers::EnrolSecondFactor)
      .Unary("ConfirmSecondFactor", &own, &OwnAccountHandlers::ConfirmSecondFactor)
      .Unary("ChangePassword", &own, &OwnAccountHandlers::ChangePassword)
      .Unary("SignOut", &own, &OwnAccountHandlers::SignOut)
      .Unary("ListTokenKeys", &own, &OwnAccountHandlers::ListTokenKeys)
      .Unary("GetUser", &accounts, &AccountHandlers::GetUser)
      .Unary("AddAffiliation", &accounts, &AccountHandlers::AddAffiliation)
      .Unary("EndAffiliation", &accounts, &AccountHandlers::EndAffiliation)
      .Unary("EnableUser", &accounts, &AccountHandlers::EnableUser)
      .Unary("ResetPassword", &accounts, &AccountHandlers::ResetPassword)
      .Unary("ResetSecondFactor", &accounts, &AccountHandlers::ResetSecondFactor)
      .Unary("UnlockSignIn", &accounts, &AccountHandlers::UnlockSignIn);
  return dispatch;
}

absl::StatusOr<v1::Account> AccountHandlers::Show(const rpc::Call& call, UserId user) {
  ASSIGN_OR_RETURN(const auto named, deps_.accounts.Get(user, call.deadline()));
  const directory::Account& account = named.first;
  ASSIGN_OR_RETURN(const std::vector<Affiliation> affiliations,
                   deps_.affiliations.ListOf(user, call.deadline()));
  ASSIGN_OR_RETURN(const SecondFactor factor, deps_.factors.Get(user, call.deadline()));
  ASSIGN_OR_RETURN(const Throttle throttle,
                   deps_.accounts.ReadThrottle(account.user_name, call.deadline()));
  v1::Account message;
  message.set_user_id(account.id.ToString());
  message.set_user_name(account.user_name);
  message.set_display_name(account.display_name);
  message.set_disabled(account.disabled);
  message.set_has_second_factor(factor.counts());
  message.set_recovery_codes_left(RecoveryCodesLeft(factor));
  message.set_password_must_change(account.password_must_change);
  if (throttle.blocked_until > deps_.unit.clock().Now()) {
    *message.mutable_blocked_until() = ToProto(throttle.blocked_until);
  }
  for (const Affiliation& one : affiliations) *message.add_affiliations() = ToProto(one);
  call.Subject("user", user.uuid(), base::Uuid());
  return message;
}

absl::StatusOr<v1::Account> AccountHandlers::GetUser(const rpc::Call& call,
                                                     const v1::GetUserRequest& request) {
  RETURN_IF_ERROR(
      OneOf(request.user_id().empty(), request.user_name().empty(), "user_id", "user_name"));
  if (!request.user_id().empty()) {
    ASSIGN_OR_RETURN(const UserId user, UserId::Parse(request.user_id()));
    return Show(call, user);
  }
  std::optional<directory::Account> found;
  if (IsUserName(request.user_name())) {
    ASSIGN_OR_RETURN(found, deps_.accounts.FindByName(request.user_name(), call.deadline()));
  }
  if (!found) return errors::NotFound("user");
  return Show(call, found->id);
}

absl::StatusOr<v1::Affiliation> AccountHandlers::AddAffiliation(
    const rpc::Call& call, const v1::AddAffiliationRequest& request) {
  const absl::Time now = deps_.unit.clock().Now();
  Affiliation added{.id = AffiliationId::New(now)};
  ASSIGN_OR_RETURN(added.user, OthersAccount(call, request.user_id()));
  ASSIGN_OR_RETURN(added.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(added.practitioner, wire::OptionalId<PractitionerId>(request.practitioner_id()));
  for (const int role : request.roles()) {
    added.roles.push_back(policy::v1::Role_Name(static_cast<policy::v1::Role>(role)));
  }
  if (request.has_ends_at()) added.ends_at = wire::ToTime(request.ends_at());
  return deps_.unit.Run<v1::Affiliation>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Affiliation> {
        added.started_at =
            request.has_starts_at() ? wire::ToTime(request.starts_at()) : scope.now();
        ASSIGN_OR_RETURN(const Affiliation stored, deps_.affiliations.Add(scope, added));
        return ToProto(stored);
      });
}

absl::StatusOr<v1::Affiliation> AccountHandlers::EndAffiliation(
    const rpc::Call& call, const v1::EndAffiliationRequest& request) {
  ASSIGN_OR_RETURN(const UserId user, OthersAccount(call, request.user_id()));
  ASSIGN_OR_RETURN(const AffiliationId id, AffiliationId::Parse(request.affiliation_id()));
  return deps_.unit.Run<v1::Affiliation>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::Affiliation> {
        const absl::Time end =
            request.has_ends_at() ? wire::ToTime(request.ends_at()) : scope.now();
        ASSIGN_OR_RETURN(const Affiliation ended, deps_.affiliations.End(scope, user, id, end));
        // A token says what was true when it was given; one that was given for a later end is
        // outlived by no more than its fifteen minutes.
        RETURN_IF_ERROR(EndTokens(scope, deps_.accounts, user, false).status());
        return ToProto(ended);
      });
}

absl::StatusOr<v1::Account> AccountHandlers::Administer(const rpc::Call& call,
                                                        const std::string& user_id,
                                                        const Act& act) {
  ASSIGN_OR_RETURN(const UserId user, OthersAccount(call, user_id));
  RETURN_IF_ERROR(deps_.unit
                      .Run<v1::Account>(call.write_context(),
                                        [&](unit::Scope& scope) -> absl::StatusOr<v1::Account> {
                                          RETURN_IF_ERROR(act(scope, user));
                                          v1::Account outcome;
                                          outcome.set_user_id(user_id);
                                          return outcome;
                                        })
                      .status());
  return Show(call, user);
}

absl::StatusOr<v1::Account> AccountHandlers::EnableUser(const rpc::Call& call,
                                                        const v1::AdministerUserRequest& request) {
  return Administer(call, request.user_id(), [&](unit::Scope& scope, UserId user) {
    return deps_.accounts.Enable(scope, user);
  });
}

absl::StatusOr<v1::Account> AccountHandlers::ResetPassword(
    const rpc::Call& call, const v1::ResetPasswordRequest& request) {
  ASSIGN_OR_RETURN(const UserId id, OthersAccount(call, request.user_id()));
  ASSIGN_OR_RETURN(const auto named, deps_.accounts.Get(id, call.deadline()));
  if (const Violations weak = CheckPassword(request.password(), named.first.user_name, "password");
      !weak.empty()) {
    return errors::PasswordWeak(weak);
  }
  ASSIGN_OR_RETURN(const std::string hash, crypto::HashPassword(request.password()));
  return Administer(call, request.user_id(), [&](unit::Scope& scope, UserId user) -> absl::Status {
    RETURN_IF_ERROR(deps_.accounts.SetPassword(scope, user, hash, true));
    return EndTokens(scope, deps_.accounts, user, false).status();
  });
}

absl::StatusOr<v1::Account> AccountHandlers::ResetSecondFactor(
    const rpc::Call& call, const v1::AdministerUserRequest& request) {
  return Administer(call, request.user_id(), [&](unit::Scope& scope, UserId user) -> absl::Status {
    RETURN_IF_ERROR(deps_.factors.Remove(scope, user));
    return EndTokens(scope, deps_.accounts, user, false).status();
  });
}

absl::StatusOr<v1::UnlockSignInResponse> AccountHandlers::UnlockSignIn(
    const rpc::Call& call, const v1::UnlockSignInRequest& request) {
  RETURN_IF_ERROR(OneOf(request.user_id().empty(), request.source().empty(), "user_id", "source"));
  std::string key = SourceKey(request.source());
  UserId user;
  if (!request.user_id().empty()) {
    ASSIGN_OR_RETURN(user, OthersAccount(call, request.user_id()));
    ASSIGN_OR_RETURN(const auto named, deps_.accounts.Get(user, call.deadline()));
    key = named.first.user_name;
  }
  return deps_.unit.Run<v1::UnlockSignInResponse>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::UnlockSignInResponse> {
        RETURN_IF_ERROR(deps_.accounts.ForgetFailures(scope, key));
        if (!user.is_nil()) scope.Subject("user", user.uuid(), base::Uuid());
        return v1::UnlockSignInResponse();
      });
}

}  // namespace yilian::directory
