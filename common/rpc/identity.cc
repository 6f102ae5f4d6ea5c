#include "common/rpc/identity.h"

#include <fmt/format.h>

#include <utility>

#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "common/status/error.h"

namespace yilian::rpc {
namespace {

// Distinct (certificate, token) pairs of a busy hour at one replica.
constexpr size_t kCachedIdentities = 8192;

status::Error Unauthenticated(std::string_view reason, std::string_view message) {
  return status::Error(absl::StatusCode::kUnauthenticated, "yilian", reason).Message(message);
}

bool ConsumePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool IsName(std::string_view text) {
  return !text.empty() && text.find('/') == std::string_view::npos;
}

absl::StatusOr<std::string_view> TokenOf(std::string_view authorization) {
  if (!ConsumePrefix(authorization, "Bearer ") && !ConsumePrefix(authorization, "bearer ")) {
    return Unauthenticated("TOKEN_INVALID", "the authorization header is not \"Bearer <token>\"");
  }
  return authorization;
}

absl::Status UnknownIdentity() {
  return Unauthenticated("CERTIFICATE_IDENTITY_UNKNOWN",
                         "the certificate's SPIFFE URI is none of service/<name>, "
                         "org/<organization id>/system/<name>, client/<name>");
}

}  // namespace

absl::StatusOr<Caller> ParseSpiffe(std::string_view uri, std::string_view region) {
  Caller caller;
  caller.peer = std::string(uri);
  std::string_view rest = uri;
  if (!ConsumePrefix(rest, "spiffe://")) {
    return Unauthenticated("CERTIFICATE_IDENTITY_MISSING",
                           "the client certificate has no SPIFFE URI as its URI name");
  }
  if (!ConsumePrefix(rest, region) || !ConsumePrefix(rest, "/")) {
    return Unauthenticated("FOREIGN_CERTIFICATE",
                           "the client certificate belongs to another region");
  }
  if (ConsumePrefix(rest, "service/")) {
    if (!IsName(rest)) return UnknownIdentity();
    caller.service = std::string(rest);
  } else if (ConsumePrefix(rest, "client/")) {
    if (!IsName(rest)) return UnknownIdentity();
  } else if (ConsumePrefix(rest, "org/")) {
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return UnknownIdentity();
    const auto organization = base::Uuid::Parse(rest.substr(0, slash));
    rest.remove_prefix(slash);
    if (!organization.ok() || !ConsumePrefix(rest, "/system/") || !IsName(rest)) {
      return UnknownIdentity();
    }
    caller.organization_id = *organization;
    caller.system = std::string(rest);
  } else {
    return UnknownIdentity();
  }
  return caller;
}

IdentityResolver::IdentityResolver(Options options)
    : options_(std::move(options)),
      nginx_("spiffe://" + options_.region + "/service/nginx"),
      certificates_(options_.ca_file),
      cache_(kCachedIdentities) {}

absl::StatusOr<Identity> IdentityResolver::Peer(std::string_view peer,
                                                std::string_view client_certificate) {
  Identity identity;
  std::string client;
  if (peer == nginx_) {
    if (client_certificate.empty()) {
      return Unauthenticated("CERTIFICATE_REQUIRED", "nginx passed on no client certificate");
    }
    ASSIGN_OR_RETURN(const CheckedCertificate checked,
                     certificates_.Check(client_certificate, options_.clock->Now()));
    client = checked.spiffe_uri;
    identity.expires_at = checked.not_after;
    peer = client;
  }
  if (peer.empty()) {
    return Unauthenticated("CERTIFICATE_IDENTITY_MISSING",
                           "the client certificate has no SPIFFE URI as its only URI name");
  }
  ASSIGN_OR_RETURN(identity.caller, ParseSpiffe(peer, options_.region));
  return identity;
}

absl::Status IdentityResolver::AddPerson(std::string_view token, Identity& identity) const {
  if (options_.tokens == nullptr) {
    return Unauthenticated("TOKEN_INVALID", "this service accepts no access tokens");
  }
  identity.token_generation = options_.tokens->Generation();
  absl::StatusOr<crypto::TokenClaims> claims = options_.tokens->Verify(token);
  if (!claims.ok()) {
    if (absl::StartsWith(status::ReasonOf(claims.status()), "TOKEN_")) return claims.status();
    return Unauthenticated("TOKEN_INVALID", "the access token is not valid; sign in again");
  }
  Caller& caller = identity.caller;
  if (!caller.organization_id.is_nil() && caller.organization_id != claims->organization_id) {
    return status::Error(absl::StatusCode::kPermissionDenied, "yilian", "ORGANIZATION_MISMATCH")
        .Message("the person's organization is not the one that the certificate belongs to");
  }
  caller.user_id = claims->user_id;
  caller.practitioner_id = claims->practitioner_id;
  caller.organization_id = claims->organization_id;
  for (const std::string& name : claims->roles) {
    policy::v1::Role role;
    if (!policy::v1::Role_Parse(name, &role))
      continue;  // of a newer directory: gives no right here
    caller.roles.push_back(role);
  }
  identity.token_issued_at = claims->issued_at;
  identity.expires_at = std::min(identity.expires_at, claims->expires_at);
  return absl::OkStatus();
}

absl::Status IdentityResolver::StillValid(const Identity& identity) const {
  if (identity.expires_at <= options_.clock->Now()) {
    return identity.caller.is_person()
               ? Unauthenticated("TOKEN_EXPIRED", "the access token has expired; sign in again")
               : Unauthenticated("CERTIFICATE_INVALID", "the client certificate has expired");
  }
  if (identity.caller.is_person() && options_.revocations != nullptr &&
      options_.revocations->IsRevoked(identity.caller.user_id, identity.token_issued_at)) {
    return Unauthenticated("TOKEN_REVOKED", "the access token was revoked; sign in again");
  }
  return absl::OkStatus();
}

bool IdentityResolver::Stale(const Identity& identity) const {
  return identity.caller.is_person() && identity.token_generation != options_.tokens->Generation();
}

absl::Status IdentityResolver::Recheck(const Identity& identity,
                                       std::string_view authorization) const {
  if (Stale(identity)) {
    ASSIGN_OR_RETURN(const std::string_view token, TokenOf(authorization));
    Identity again;
    again.caller.organization_id = identity.caller.organization_id;
    RETURN_IF_ERROR(AddPerson(token, again));
  }
  return StillValid(identity);
}

absl::StatusOr<std::shared_ptr<const Identity>> IdentityResolver::Resolve(
    std::string_view peer, std::string_view client_certificate, std::string_view authorization) {
  if (peer != nginx_) client_certificate = {};
  // The peer's name and the header are hashed as one part: a name holds no NUL.
  std::string_view first = peer;
  std::string joined;
  if (!client_certificate.empty()) {
    joined = fmt::format("{}{}{}", peer, '\0', client_certificate);
    first = joined;
  }
  const Digest key = DigestOf(first, authorization);
  if (std::shared_ptr<const Identity> found = cache_.Find(key);
      found != nullptr && !Stale(*found)) {
    RETURN_IF_ERROR(StillValid(*found));
    return found;
  }
  ASSIGN_OR_RETURN(Identity identity, Peer(peer, client_certificate));
  if (!authorization.empty()) {
    ASSIGN_OR_RETURN(const std::string_view token, TokenOf(authorization));
    RETURN_IF_ERROR(AddPerson(token, identity));
  }
  RETURN_IF_ERROR(StillValid(identity));
  auto found = std::make_shared<const Identity>(std::move(identity));
  cache_.Put(key, found);
  return found;
}

}  // namespace yilian::rpc
