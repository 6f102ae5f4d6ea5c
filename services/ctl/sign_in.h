// Signing people in: with the password and, where the account has one, with the codes of an
// authenticator whose secret lies in a file.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ctl/region.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::ctl {

struct SignInOptions {
  std::string user;
  std::string password;
  std::string organization_id;  // empty: the account's first
  std::string code;       // of the second factor, where a person reads it from their telephone
  std::string totp_file;  // secrets, base32, one a line; empty: keys/totp/USER, if there is one
};

// Signs in as a person at a workstation. A code counts once: right after another sign-in it waits
// for the next one, up to a minute. Blocks.
absl::StatusOr<directory::v1::SignInResponse> SignIn(const Region& region,
                                                     const SignInOptions& options);

// Gives the account a second factor, its secret in keys/totp/USER; nothing to do for one that has
// one whose secret lies there. FAILED_PRECONDITION when it lies elsewhere.
absl::Status MakeSecondFactor(const Region& region, const std::string& user,
                              const std::string& password);

}  // namespace yilian::ctl
