// sign-in, call, methods: the region's methods by name, with JSON.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "services/ctl/any_call.h"
#include "services/ctl/command.h"
#include "services/ctl/methods.h"
#include "services/ctl/sign_in.h"

namespace yilian::ctl {
namespace {

// Where `sign-in` keeps a person's token, readable by its owner only.
std::string TokenFile(const Region& region, const std::string& user) {
  return fmt::format("{}/tokens/{}", region.folder(), user);
}

absl::Status SaveToken(const std::string& path, const std::string& token) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  std::filesystem::permissions(std::filesystem::path(path).parent_path(),
                               std::filesystem::perms::owner_all, error);
  std::ofstream file(path, std::ios::trunc);
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  file << token << "\n";
  file.close();
  return file ? absl::OkStatus()
              : absl::PermissionDeniedError(fmt::format("{} cannot be written", path));
}

absl::Status SignInCommand(const Region& region, const Arguments& arguments) {
  if (arguments.words.size() != 1)
    return absl::InvalidArgumentError("sign-in USER: one user name is needed");
  const std::string& user = arguments.words[0];
  std::string password;
  if (arguments.Has("password-file")) {
    ASSIGN_OR_RETURN(password,
                     config::ReadSecretFile(arguments.Get("password-file"), "--password-file"));
  } else if (const char* given = std::getenv("YILIAN_PASSWORD"); given != nullptr) {
    password = given;
  } else {
    ASSIGN_OR_RETURN(password, region.Secret("demo-password"));
  }
  ASSIGN_OR_RETURN(const directory::v1::SignInResponse response,
                   ctl::SignIn(region, {.user = user,
                                        .password = password,
                                        .organization_id = arguments.Get("organization"),
                                        .code = arguments.Get("code"),
                                        .totp_file = arguments.Get("totp-file")}));
  RETURN_IF_ERROR(SaveToken(TokenFile(region, user), response.access_token()));
  fmt::print("{} ({}) of {}, until {}\n", response.caller().display_name(), user,
             response.caller().organization_name(),
             ShowTime(absl::FromUnixSeconds(response.expires_at().seconds())));
  fmt::print("use it: yilianctl call --as {} METHOD JSON\n", user);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ServiceToAsk(const google::protobuf::MethodDescriptor& method,
                                         const Arguments& arguments) {
  const std::vector<std::string> servers = ServersOf(method);
  if (!arguments.Has("service") && servers.size() == 1) return servers.front();
  const std::string service = arguments.Get("service");
  if (std::find(servers.begin(), servers.end(), service) != servers.end()) return service;
  return absl::InvalidArgumentError(
      fmt::format("--service: {} is served by {}", method.name(), fmt::join(servers, ", ")));
}

absl::Status Call(const Region& region, const Arguments& arguments) {
  if (arguments.words.empty() || arguments.words.size() > 2) {
    return absl::InvalidArgumentError(
        "call METHOD [JSON]: e.g. call GetReferral '{\"referral_id\": \"...\"}'");
  }
  ASSIGN_OR_RETURN(const auto* method, FindMethod(arguments.words[0]));
  ASSIGN_OR_RETURN(const std::string service, ServiceToAsk(*method, arguments));
  std::string json = arguments.words.size() == 2 ? arguments.words[1] : "{}";
  if (json == "-") {
    std::stringstream text;
    text << std::cin.rdbuf();
    json = text.str();
  }
  std::string token;
  if (arguments.Has("as")) {
    const absl::StatusOr<std::string> read =
        config::ReadSecretFile(TokenFile(region, arguments.Get("as")), "--as");
    if (!read.ok()) {
      return absl::UnauthenticatedError(
          fmt::format("{0} is not signed in: yilianctl sign-in {0}", arguments.Get("as")));
    }
    token = *read;
  }
  return CallWithJson(region,
                      {.service = service,
                       .method = method,
                       .json = json,
                       .token = token,
                       .through_nginx = arguments.Has("through-nginx")},
                      [](const std::string& answer) {
                        fmt::print("{}", answer);
                        std::fflush(stdout);
                      });
}

absl::Status Methods(const Region&, const Arguments& arguments) {
  const std::string wanted = arguments.words.empty() ? "" : arguments.words[0];
  ASSIGN_OR_RETURN(const auto methods, EveryMethod());
  for (const auto* method : methods) {
    if (method->full_name().find(wanted) == std::string::npos) continue;
    fmt::print("{}({}{}) -> {}{}\n", method->full_name(),
               method->client_streaming() ? "stream " : "", method->input_type()->name(),
               method->server_streaming() ? "stream " : "", method->output_type()->name());
  }
  return absl::OkStatus();
}

}  // namespace

void AddCallCommands(std::vector<Command>& commands) {
  commands.push_back(
      {.name = "sign-in",
       .usage = "USER [--password-file F ] [--organization ID ] [--code C ] [--totp-file F ]",
       .explanation =
           "Signs a person in and keeps the token for --as; the password comes from the file, "
           "$YILIAN_PASSWORD, or is the demo's. A second factor's code is given, or computed from "
           "the "
           "secret in the file; keys/totp/USER is one.",
       .run = SignInCommand});
  commands.push_back({.name = "call",
                      .usage = "METHOD [JSON | -] [--as USER ] [--service NAME ] [--through-nginx]",
                      .explanation =
                          "Calls any method, e.g. call --as doctor.taoxi GetReferral "
                          "'{\"referral_id\": \"...\"}'; without --as as the region's "
                          "own ctl. --service: which one to ask where every service has the "
                          "method. A stream's answers are printed as they come; what it "
                          "takes is given with one JSON a line.",
                      .run = Call,
                      .switches = {"through-nginx"}});
  commands.push_back({.name = "methods",
                      .usage = "[PART]",
                      .explanation = "Lists the methods that can be called.",
                      .run = Methods});
}

}  // namespace yilian::ctl
