#include "services/directory/rpc/own_account_handlers.h"

#include <fmt/format.h>

#include <utility>

#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/password.h"
#include "common/crypto/totp.h"
#include "common/service/revocations.h"
#include "common/status/error.h"
#include "services/directory/domain/errors.h"
#include "services/directory/domain/password_policy.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {

using convert::ToProto;

absl::StatusOr<absl::Time> EndTokens(unit::Scope& scope, AccountStore& accounts, UserId user,
                                     bool disable) {
  ASSIGN_OR_RETURN(const absl::Time not_before, accounts.Revoke(scope, user, disable));
  // The other services follow by event; this one has no feed of its own to follow.
  RETURN_IF_ERROR(service::WriteRevocation(scope.sql(), user.uuid(), not_before));
  return not_before;
}

namespace {

template <typename Request>
Credentials CredentialsOf(const rpc::Call& call, const Request& request,
                          const std::string& password) {
  return {.user_name = request.user_name(),
          .password = password,
          .code = request.second_factor_code(),
          .source = call.caller().peer};
}

// A wrong code counts as a failed sign-in; a repeated request whose first run took the code was
// answered before and does not come here.
absl::Status Counted(SignIn& sign_in, const Credentials& credentials, const absl::Status& outcome,
                     absl::Time deadline) {
  if (status::ReasonOf(outcome) == "SECOND_FACTOR_WRONG" && !credentials.code.empty()) {
    RETURN_IF_ERROR(sign_in.CountFailure(credentials, deadline));
  }
  return outcome;
}

}  // namespace

absl::StatusOr<v1::EnrolSecondFactorResponse> OwnAccountHandlers::EnrolSecondFactor(
    const rpc::Call& call, const v1::EnrolSecondFactorRequest& request) {
  const Credentials credentials = CredentialsOf(call, request, request.password());
  ASSIGN_OR_RETURN(const Account account, deps_.sign_in.Prove(credentials, call.deadline()));
  const std::string secret = crypto::RandomBytes(crypto::kTotpSecretBytes);
  RETURN_IF_ERROR(
      Counted(deps_.sign_in, credentials,
              deps_.unit
                  .Run<v1::EnrolSecondFactorResponse>(
                      call.write_context(),
                      [&](unit::Scope& scope) -> absl::StatusOr<v1::EnrolSecondFactorResponse> {
                        RETURN_IF_ERROR(deps_.factors.Take(scope, account.id, credentials.code));
                        RETURN_IF_ERROR(deps_.factors.Enrol(scope, account.id, secret));
                        return v1::EnrolSecondFactorResponse();
                      })
                  .status(),
              call.deadline()));
  ASSIGN_OR_RETURN(const SecondFactor factor, deps_.factors.Get(account.id, call.deadline()));
  if (!factor.IsPending(deps_.unit.clock().Now())) return errors::SecondFactorMissing();
  v1::EnrolSecondFactorResponse response;
  response.set_otpauth_uri(
      crypto::TotpUri(fmt::format("Yilian {}", deps_.region), account.user_name, factor.pending));
  response.set_secret(crypto::Base32(factor.pending));
  *response.mutable_confirm_before() = ToProto(factor.pending_since + kConfirmWithin);
  return response;
}

absl::StatusOr<v1::ConfirmSecondFactorResponse> OwnAccountHandlers::ConfirmSecondFactor(
    const rpc::Call& call, const v1::ConfirmSecondFactorRequest& request) {
  const Credentials credentials = CredentialsOf(call, request, request.password());
  ASSIGN_OR_RETURN(const Account account, deps_.sign_in.Prove(credentials, call.deadline()));
  RETURN_IF_ERROR(Counted(
      deps_.sign_in, credentials,
      deps_.unit
          .Run<v1::ConfirmSecondFactorResponse>(
              call.write_context(),
              [&](unit::Scope& scope) -> absl::StatusOr<v1::ConfirmSecondFactorResponse> {
                RETURN_IF_ERROR(deps_.factors.Confirm(scope, account.id, credentials.code));
                RETURN_IF_ERROR(EndTokens(scope, deps_.accounts, account.id, false).status());
                return v1::ConfirmSecondFactorResponse();
              })
          .status(),
      call.deadline()));
  ASSIGN_OR_RETURN(const SecondFactor factor, deps_.factors.Get(account.id, call.deadline()));
  v1::ConfirmSecondFactorResponse response;
  for (std::string& code : RecoveryCodes(factor.secret)) {
    response.add_recovery_codes(std::move(code));
  }
  return response;
}

absl::StatusOr<v1::ChangePasswordResponse> OwnAccountHandlers::ChangePassword(
    const rpc::Call& call, const v1::ChangePasswordRequest& request) {
  Violations weak = CheckPassword(request.new_password(), request.user_name(), "new_password");
  if (request.new_password() == request.current_password()) {
    weak.push_back({"new_password", "is another one than before"});
  }
  if (!weak.empty()) return errors::PasswordWeak(weak);
  const Credentials credentials = CredentialsOf(call, request, request.current_password());
  // Judged inside the unit of work: after a repeated request the password is no longer the current
  // one, and the answer is that of the first run.
  const absl::StatusOr<Account> account = deps_.sign_in.Prove(credentials, call.deadline());
  std::string hash;
  if (account.ok()) {
    ASSIGN_OR_RETURN(hash, crypto::HashPassword(request.new_password()));
  }
  absl::StatusOr<v1::ChangePasswordResponse> changed = deps_.unit.Run<v1::ChangePasswordResponse>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::ChangePasswordResponse> {
        RETURN_IF_ERROR(account.status());
        RETURN_IF_ERROR(deps_.factors.Take(scope, account->id, credentials.code));
        RETURN_IF_ERROR(deps_.accounts.SetPassword(scope, account->id, hash, false));
        ASSIGN_OR_RETURN(const absl::Time not_before,
                         EndTokens(scope, deps_.accounts, account->id, false));
        v1::ChangePasswordResponse response;
        *response.mutable_not_before() = ToProto(not_before);
        return response;
      });
  RETURN_IF_ERROR(Counted(deps_.sign_in, credentials, changed.status(), call.deadline()));
  return changed;
}

absl::StatusOr<v1::SignOutResponse> OwnAccountHandlers::SignOut(const rpc::Call& call,
                                                                const v1::SignOutRequest&) {
  const UserId user(call.caller().user_id);
  return deps_.unit.Run<v1::SignOutResponse>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::SignOutResponse> {
        ASSIGN_OR_RETURN(const absl::Time not_before,
                         EndTokens(scope, deps_.accounts, user, false));
        v1::SignOutResponse response;
        *response.mutable_not_before() = ToProto(not_before);
        return response;
      });
}

absl::StatusOr<v1::ListTokenKeysResponse> OwnAccountHandlers::ListTokenKeys(
    const rpc::Call&, const v1::ListTokenKeysRequest&) {
  v1::ListTokenKeysResponse response;
  for (const crypto::RotatingSigner::PublicKey& key : deps_.signer.PublicKeys()) {
    v1::TokenKey& one = *response.add_keys();
    one.set_kid(key.kid);
    one.set_public_key_pem(key.pem);
    one.set_signs(key.signs);
  }
  response.set_issuer(deps_.signer.options().issuer);
  response.set_audience(deps_.signer.options().audience);
  return response;
}

}  // namespace yilian::directory
