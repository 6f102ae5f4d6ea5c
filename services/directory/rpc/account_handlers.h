// The methods of yilian.directory.v1.AccountService by which security administrators look after the
// accounts of others.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/sign_in.h"
#include "services/directory/rpc/own_account_handlers.h"
#include "yilian/directory/v1/account.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class AccountHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    AccountStore& accounts;
    AffiliationStore& affiliations;
    SecondFactorStore& factors;
  };
  explicit AccountHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Account> GetUser(const rpc::Call& call, const v1::GetUserRequest& request);
  absl::StatusOr<v1::Affiliation> AddAffiliation(const rpc::Call& call,
                                                 const v1::AddAffiliationRequest& request);
  absl::StatusOr<v1::Affiliation> EndAffiliation(const rpc::Call& call,
                                                 const v1::EndAffiliationRequest& request);
  absl::StatusOr<v1::Account> EnableUser(const rpc::Call& call,
                                         const v1::AdministerUserRequest& request);
  absl::StatusOr<v1::Account> ResetPassword(const rpc::Call& call,
                                            const v1::ResetPasswordRequest& request);
  absl::StatusOr<v1::Account> ResetSecondFactor(const rpc::Call& call,
                                                const v1::AdministerUserRequest& request);
  absl::StatusOr<v1::UnlockSignInResponse> UnlockSignIn(const rpc::Call& call,
                                                        const v1::UnlockSignInRequest& request);

 private:
  using Act = std::function<absl::Status(unit::Scope&, UserId)>;
  // Acts on somebody else's account and shows it afterwards.
  absl::StatusOr<v1::Account> Administer(const rpc::Call& call, const std::string& user_id,
                                         const Act& act);
  absl::StatusOr<v1::Account> Show(const rpc::Call& call, UserId user);

  const Deps deps_;
};

// Both outlive the server.
rpc::Dispatch Bind(OwnAccountHandlers& own, AccountHandlers& accounts);

}  // namespace yilian::directory
