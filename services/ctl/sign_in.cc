#include "services/ctl/sign_in.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/config/secret_file.h"
#include "common/crypto/totp.h"
#include "common/rpc/client_call.h"
#include "common/status/error.h"
#include "yilian/directory/v1/account.grpc.pb.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::ctl {
namespace {

using directory::v1::AccountService;
using directory::v1::AuthService;
using directory::v1::SignInRequest;
using directory::v1::SignInResponse;

std::string TotpFile(const Region& region, const std::string& user) {
  return fmt::format("{}/keys/totp/{}", region.folder(), user);
}

// Newest first: a region that was begun anew, or runs on another database, has another one.
absl::StatusOr<std::vector<std::string>> Secrets(const std::string& path) {
  std::vector<std::string> secrets;
  ASSIGN_OR_RETURN(const std::string text, config::ReadSecretFile(path, "--totp-file"));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
    const std::optional<std::string> secret = crypto::FromBase32(line);
    if (!secret) return absl::InvalidArgumentError(fmt::format("{} holds no base32 secret", path));
    if (!secret->empty()) secrets.push_back(*secret);
  }
  return secrets;
}

absl::Status WriteSecret(const std::string& path, const std::string& base32) {
  std::string text = base32 + "\n";
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    ASSIGN_OR_RETURN(const std::vector<std::string> before, Secrets(path));
    if (!before.empty()) text += crypto::Base32(before.front()) + "\n";
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  std::ofstream file(path, std::ios::trunc);
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  file << text;
  file.close();
  return file ? absl::OkStatus()
              : absl::PermissionDeniedError(fmt::format("{} cannot be written", path));
}

bool IsWrongCode(const absl::StatusOr<SignInResponse>& answer) {
  return status::ReasonOf(answer.status()) == "SECOND_FACTOR_WRONG";
}

}  // namespace

absl::StatusOr<SignInResponse> SignIn(const Region& region, const SignInOptions& options) {
  ASSIGN_OR_RETURN(const auto channel, region.Channel("directory", "yilianctl"));
  const auto stub = AuthService::NewStub(channel);
  SignInRequest request;
  request.set_user_name(options.user);
  request.set_password(options.password);
  request.set_organization_id(options.organization_id);
  request.set_second_factor_code(options.code);
  const auto call = [&] {
    return rpc::ClientCall(absl::Seconds(10)).Invoke(*stub, &AuthService::Stub::SignIn, request);
  };
  const std::string file =
      options.totp_file.empty() ? TotpFile(region, options.user) : options.totp_file;
  std::error_code error;
  if (!options.code.empty() ||
      (options.totp_file.empty() && !std::filesystem::exists(file, error))) {
    return call();
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> secrets, Secrets(file));
  const int64_t first = crypto::TotpStepOf(absl::Now());
  absl::StatusOr<SignInResponse> answer = absl::InternalError("no code was tried");
  // Others may have used the codes of now and of the next step; the one after that is nobody's.
  for (int64_t step = first; step <= first + 2; ++step) {
    if (step > crypto::TotpStepOf(absl::Now()) + 1) {
      fmt::print(stderr, "the codes of this moment were used; waiting for the next one\n");
      absl::SleepFor(absl::FromUnixSeconds((step - 1) * absl::ToInt64Seconds(crypto::kTotpStep)) -
                     absl::Now() + absl::Seconds(1));
    }
    for (const std::string& secret : secrets) {
      request.set_second_factor_code(crypto::TotpCode(secret, step));
      answer = call();
      if (!IsWrongCode(answer)) return answer;
    }
  }
  return answer;
}

absl::Status MakeSecondFactor(const Region& region, const std::string& user,
                              const std::string& password) {
  ASSIGN_OR_RETURN(const auto channel, region.Channel("directory", "yilianctl"));
  const auto auth = AuthService::NewStub(channel);
  const auto accounts = AccountService::NewStub(channel);
  const rpc::ClientCall call(absl::Seconds(10));
  SignInRequest without_code;
  without_code.set_user_name(user);
  without_code.set_password(password);
  const absl::StatusOr<SignInResponse> tried =
      call.Invoke(*auth, &AuthService::Stub::SignIn, without_code);
  const std::string file = TotpFile(region, user);
  std::error_code error;
  if (IsWrongCode(tried)) {
    if (std::filesystem::exists(file, error)) return absl::OkStatus();
    return absl::FailedPreconditionError(fmt::format(
        "{} has a second factor whose secret is not in {}: another security administrator resets "
        "it (AccountService.ResetSecondFactor)",
        user, file));
  }
  if (status::ReasonOf(tried.status()) != "SECOND_FACTOR_MISSING") return tried.status();
  directory::v1::EnrolSecondFactorRequest enrol;
  enrol.set_request_id(base::Uuid::V7().ToString());
  enrol.set_user_name(user);
  enrol.set_password(password);
  ASSIGN_OR_RETURN(const auto enrolled,
                   call.Invoke(*accounts, &AccountService::Stub::EnrolSecondFactor, enrol));
  // Before it counts: a secret that is lost locks the account.
  RETURN_IF_ERROR(WriteSecret(file, enrolled.secret()));
  directory::v1::ConfirmSecondFactorRequest confirm;
  confirm.set_user_name(user);
  confirm.set_password(password);
  const std::string secret = *crypto::FromBase32(enrolled.secret());
  absl::Status confirmed;
  // The code of the step before, which is taken too: so that the first sign-in has a fresh one.
  // When that step is over before the call is there, the code of now.
  for (const int64_t ago : {1, 0}) {
    confirm.set_request_id(base::Uuid::V7().ToString());
    confirm.set_second_factor_code(crypto::TotpCode(secret, crypto::TotpStepOf(absl::Now()) - ago));
    confirmed =
        call.Invoke(*accounts, &AccountService::Stub::ConfirmSecondFactor, confirm).status();
    if (status::ReasonOf(confirmed) != "SECOND_FACTOR_WRONG") break;
  }
  return confirmed;
}

}  // namespace yilian::ctl
