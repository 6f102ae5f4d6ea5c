#include "common/crypto/jwt.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/config/json.h"
#include "common/config/secret_file.h"
#include "common/crypto/hash.h"
#include "common/crypto/key_files.h"
#include "common/status/error.h"

namespace yilian::crypto {
namespace {

using config::Json;

// Names that stand in tokens unescaped: role names, issuer and audience.
bool IsPlain(std::string_view text) {
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-:/").find(c) != std::string_view::npos;
  });
}

std::optional<std::string> Text(const Json& object, std::string_view name) {
  const Json* value = object.Find(name);
  if (value == nullptr || value->type != Json::Type::kString) return std::nullopt;
  return value->text;
}

// NumericDate: whole seconds here, as this region's signer writes them.
std::optional<absl::Time> Date(const Json& object, std::string_view name) {
  const Json* value = object.Find(name);
  if (value == nullptr || value->type != Json::Type::kNumber) return std::nullopt;
  int64_t seconds = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stop, error] = std::from_chars(value->text.data(), end, seconds);
  if (error != std::errc() || stop != end || seconds < 0) return std::nullopt;
  return absl::FromUnixSeconds(seconds);
}

std::optional<base::Uuid> Id(const Json& object, std::string_view name) {
  const std::optional<std::string> text = Text(object, name);
  if (!text) return std::nullopt;
  const absl::StatusOr<base::Uuid> id = base::Uuid::Parse(*text);
  if (!id.ok() || id->is_nil()) return std::nullopt;
  return *id;
}

// `aud` may be one name or a list (RFC 7519, 4.1.3).
bool AudienceHas(const Json& claims, std::string_view audience) {
  const Json* value = claims.Find("aud");
  if (value == nullptr) return false;
  if (value->type == Json::Type::kString) return value->text == audience;
  return value->type == Json::Type::kArray &&
         std::any_of(value->items.begin(), value->items.end(), [&](const Json& item) {
           return item.type == Json::Type::kString && item.text == audience;
         });
}

// The kid of an acceptable header: ES256, and no member that we would have to understand (crit,
// jwk, jku, x5u, zip ...).
std::optional<std::string> KidOf(std::string_view encoded) {
  const std::optional<std::string> text = FromBase64Url(encoded);
  if (!text) return std::nullopt;
  const absl::StatusOr<Json> header = config::ParseJson(*text);
  if (!header.ok() || header->type != Json::Type::kObject) return std::nullopt;
  for (const auto& [name, value] : header->members) {
    if (value.type != Json::Type::kString) return std::nullopt;
    if (name != "alg" && name != "kid" && name != "typ") return std::nullopt;
  }
  if (Text(*header, "alg") != "ES256") return std::nullopt;
  const std::optional<std::string> type = Text(*header, "typ");
  if (type && *type != "JWT" && *type != "at+jwt") return std::nullopt;
  return Text(*header, "kid");
}

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  // header "." payload
};

std::optional<Parts> Split(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

absl::Status Invalid() {
  return status::Error(absl::StatusCode::kUnauthenticated, "yilian", "TOKEN_INVALID")
      .Message("the access token is not valid; sign in again")
      .Chinese("登录凭证无效，请重新登录");
}

absl::Status Expired() {
  return status::Error(absl::StatusCode::kUnauthenticated, "yilian", "TOKEN_EXPIRED")
      .Message("the access token has expired; sign in again")
      .Chinese("登录已过期，请重新登录");
}

}  // namespace

absl::StatusOr<std::unique_ptr<JwtSigner>> JwtSigner::Open(Options options,
                                                           const base::Clock& clock) {
  if (!IsKeyId(options.kid) || !IsPlain(options.issuer) || !IsPlain(options.audience)) {
    return absl::InvalidArgumentError("kid, issuer and audience must be plain names");
  }
  if (options.lifetime < absl::Seconds(1))
    return absl::InvalidArgumentError("lifetime must be at least 1 s");
  ASSIGN_OR_RETURN(std::string pem, config::ReadSecretFile(options.private_key_file,
                                                           "private key of access tokens"));
  absl::StatusOr<Es256PrivateKey> key = Es256PrivateKey::FromPem(pem);
  OPENSSL_cleanse(pem.data(), pem.size());
  if (!key.ok()) {
    return absl::FailedPreconditionError(
        fmt::format("{}: {}", options.private_key_file, std::string(key.status().message())));
  }
  return std::unique_ptr<JwtSigner>(new JwtSigner(std::move(options), *std::move(key), clock));
}

absl::StatusOr<JwtSigner::Signed> JwtSigner::Sign(TokenClaims claims, const Limits& limits) const {
  if (claims.user_id.is_nil() || claims.organization_id.is_nil()) {
    return absl::InvalidArgumentError("a token needs a user and an organization");
  }
  const absl::Time now = clock_.Now();
  if (claims.token_id.is_nil()) claims.token_id = base::Uuid::V7(now);
  claims.issued_at = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  if (claims.issued_at < limits.not_before) claims.issued_at += absl::Seconds(1);
  // Whole seconds, as the token has them.
  claims.expires_at = absl::FromUnixSeconds(
      absl::ToUnixSeconds(std::min(claims.issued_at + options_.lifetime, limits.not_after)));
  if (claims.expires_at - claims.issued_at < absl::Seconds(1)) {
    return absl::FailedPreconditionError("no time is left for a token");
  }
  std::string roles;
  for (const std::string& role : claims.roles) {
    if (!IsPlain(role)) return absl::InvalidArgumentError("a role must be a plain name");
    roles += fmt::format("{}\"{}\"", roles.empty() ? "" : ",", role);
  }
  std::string payload = fmt::format(
      R"({{"iss":"{}","aud":"{}","sub":"{}","organization_id":"{}","roles":[{}],"jti":"{}","iat":{},"exp":{})",
      options_.issuer, options_.audience, claims.user_id.ToString(),
      claims.organization_id.ToString(), roles, claims.token_id.ToString(),
      absl::ToUnixSeconds(claims.issued_at), absl::ToUnixSeconds(claims.expires_at));
  if (!claims.practitioner_id.is_nil()) {
    payload += fmt::format(R"(,"practitioner_id":"{}")", claims.practitioner_id.ToString());
  }
  payload += '}';
  const std::string header =
      fmt::format(R"({{"alg":"ES256","kid":"{}","typ":"JWT"}})", options_.kid);
  std::string token = Base64Url(header) + "." + Base64Url(payload);
  ASSIGN_OR_RETURN(const std::string signature, key_.Sign(token));
  token += "." + Base64Url(signature);
  return Signed{std::move(token), std::move(claims)};
}

absl::StatusOr<std::unique_ptr<JwtVerifier>> JwtVerifier::Open(Options options,
                                                               const base::Clock& clock) {
  ASSIGN_OR_RETURN(std::unique_ptr<VerificationKeys> keys,
                   VerificationKeys::Open(options.public_keys_folder, options.reload_interval,
                                          options.on_fault));
  return std::unique_ptr<JwtVerifier>(new JwtVerifier(std::move(options), std::move(keys), clock));
}

absl::StatusOr<TokenClaims> JwtVerifier::Verify(std::string_view token) const {
  if (token.size() > options_.max_token_bytes) return Invalid();
  keys_->Refresh();
  std::optional<TokenClaims> claims = Check(token);
  if (!claims) return Invalid();
  const absl::Time now = clock_.Now();
  if (claims->issued_at > now + options_.clock_leeway) return Invalid();
  if (claims->expires_at <= now) return Expired();
  return *std::move(claims);
}

std::optional<TokenClaims> JwtVerifier::Check(std::string_view token) const {
  const std::optional<Parts> parts = Split(token);
  if (!parts) return std::nullopt;
  const std::optional<std::string> kid = KidOf(parts->header);
  if (!kid) return std::nullopt;
  const std::optional<Es256PublicKey> key = keys_->Find(*kid);
  const std::optional<std::string> signature = FromBase64Url(parts->signature);
  // Nothing of the payload is looked at before its signature is good.
  if (!key || !signature || !key->Verify(parts->signed_text, *signature)) return std::nullopt;
  const std::optional<std::string> payload = FromBase64Url(parts->payload);
  if (!payload) return std::nullopt;
  return Parse(*payload);
}

std::optional<TokenClaims> JwtVerifier::Parse(std::string_view payload) const {
  const absl::StatusOr<Json> parsed = config::ParseJson(payload);
  if (!parsed.ok() || parsed->type != Json::Type::kObject) return std::nullopt;
  const Json& json = *parsed;
  const std::optional<absl::Time> issued_at = Date(json, "iat");
  const std::optional<absl::Time> expires_at = Date(json, "exp");
  const std::optional<base::Uuid> user_id = Id(json, "sub");
  const std::optional<base::Uuid> organization_id = Id(json, "organization_id");
  const std::optional<base::Uuid> token_id = Id(json, "jti");
  if (!issued_at || !expires_at || !user_id || !organization_id || !token_id) return std::nullopt;
  if (Text(json, "iss") != options_.issuer || !AudienceHas(json, options_.audience))
    return std::nullopt;
  if (*expires_at <= *issued_at || *expires_at - *issued_at > options_.max_lifetime)
    return std::nullopt;
  if (json.Find("nbf") != nullptr) {
    const std::optional<absl::Time> not_before = Date(json, "nbf");
    // Our signer sets none; one that is later than `iat` would need a check at every use, so it is
    // refused.
    if (!not_before || *not_before > *issued_at) return std::nullopt;
  }
  TokenClaims claims{.user_id = *user_id,
                     .organization_id = *organization_id,
                     .token_id = *token_id,
                     .issued_at = *issued_at,
                     .expires_at = *expires_at};
  if (json.Find("practitioner_id") != nullptr) {
    const std::optional<base::Uuid> practitioner_id = Id(json, "practitioner_id");
    if (!practitioner_id) return std::nullopt;
    claims.practitioner_id = *practitioner_id;
  }
  const Json* roles = json.Find("roles");
  if (roles == nullptr || roles->type != Json::Type::kArray) return std::nullopt;
  for (const Json& role : roles->items) {
    if (role.type != Json::Type::kString || !IsPlain(role.text)) return std::nullopt;
    claims.roles.push_back(role.text);
  }
  return claims;
}

}  // namespace yilian::crypto
