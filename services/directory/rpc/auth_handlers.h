// The methods of yilian.directory.v1.AuthService.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/rotating_signer.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/sign_in.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class AuthHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    AccountStore& accounts;
    AffiliationStore& affiliations;
    SignIn& sign_in;
    crypto::RotatingSigner& signer;
  };
  explicit AuthHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::SignInResponse> SignInPerson(const rpc::Call& call,
                                                  const v1::SignInRequest& request);
  absl::StatusOr<v1::CallerIdentity> GetCaller(const rpc::Call& call,
                                               const v1::GetCallerRequest& request);
  absl::StatusOr<v1::RevokeUserResponse> RevokeUser(const rpc::Call& call,
                                                    const v1::RevokeUserRequest& request);

 private:
  const Deps deps_;
};

rpc::Dispatch Bind(AuthHandlers& handlers);

}  // namespace yilian::directory
