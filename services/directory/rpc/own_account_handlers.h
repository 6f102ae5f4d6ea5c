// The methods of yilian.directory.v1.AccountService by which people look after their own account.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/crypto/rotating_signer.h"
#include "common/rpc/call.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/sign_in.h"
#include "yilian/directory/v1/account.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context. Nothing secret goes into the ledger: what a repeated
// call is shown again is read from the account.
class OwnAccountHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    AccountStore& accounts;
    SecondFactorStore& factors;
    SignIn& sign_in;
    crypto::RotatingSigner& signer;
    std::string region;  // shown in the authenticator application
  };
  explicit OwnAccountHandlers(Deps deps) : deps_(std::move(deps)) {}

  absl::StatusOr<v1::EnrolSecondFactorResponse> EnrolSecondFactor(
      const rpc::Call& call, const v1::EnrolSecondFactorRequest& request);
  absl::StatusOr<v1::ConfirmSecondFactorResponse> ConfirmSecondFactor(
      const rpc::Call& call, const v1::ConfirmSecondFactorRequest& request);
  absl::StatusOr<v1::ChangePasswordResponse> ChangePassword(
      const rpc::Call& call, const v1::ChangePasswordRequest& request);
  absl::StatusOr<v1::SignOutResponse> SignOut(const rpc::Call& call,
                                              const v1::SignOutRequest& request);
  absl::StatusOr<v1::ListTokenKeysResponse> ListTokenKeys(const rpc::Call& call,
                                                          const v1::ListTokenKeysRequest& request);

 private:
  const Deps deps_;
};

// Ends every token of the account, here and by event in the other services; returns from when on.
absl::StatusOr<absl::Time> EndTokens(unit::Scope& scope, AccountStore& accounts, UserId user,
                                     bool disable);

}  // namespace yilian::directory
