// Who is calling: from the certificate of the connection, the client certificate that nginx passes
// on, and the token.
#pragma once

#include <grpcpp/support/string_ref.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/token.h"
#include "common/rpc/cache.h"
#include "common/rpc/call.h"
#include "common/rpc/certificate.h"
#include "common/rpc/revocation.h"

namespace yilian::rpc {

// A checked caller; shared by all calls with the same certificate and token.
struct Identity {
  Caller caller;
  absl::Time token_issued_at;
  uint64_t token_generation = 0;  // of the verifier, when the token was checked
  absl::Time expires_at =
      absl::InfiniteFuture();  // of the token; of the certificate nginx passed on
};

// A peer as its SPIFFE URI names it; the person's fields stay empty. UNAUTHENTICATED for another
// trust domain (FOREIGN_CERTIFICATE) and for a path that is none of service/<name>,
// org/<uuid>/system/<name>, client/<name>.
absl::StatusOr<Caller> ParseSpiffe(std::string_view uri, std::string_view region);

// Owned by the frame. Thread-safe.
class IdentityResolver {
 public:
  struct Options {
    std::string region;
    std::string ca_file;                            // checks what nginx passes on
    const crypto::TokenVerifier* tokens = nullptr;  // null: every token is refused
    const RevocationList* revocations = nullptr;    // null: nobody is revoked
    const base::Clock* clock = &base::SystemClock();
  };
  explicit IdentityResolver(Options options);

  // `peer`: SPIFFE URI of the connection's certificate; `client_certificate`: header of nginx,
  // ignored from others; `authorization`: header, may be empty.
  absl::StatusOr<std::shared_ptr<const Identity>> Resolve(std::string_view peer,
                                                          std::string_view client_certificate,
                                                          std::string_view authorization);
  // Whether the identity still holds, for calls that stay open: expiry, revocation, keys taken
  // back.
  absl::Status Recheck(const Identity& identity, std::string_view authorization) const;

 private:
  absl::StatusOr<Identity> Peer(std::string_view peer, std::string_view client_certificate);
  absl::Status StillValid(const Identity& identity) const;
  bool Stale(const Identity& identity) const;  // a key was taken back since its token was checked
  absl::Status AddPerson(std::string_view token, Identity& identity) const;

  const Options options_;
  const std::string nginx_;  // SPIFFE URI whose header is believed
  CertificateChecker certificates_;
  DigestCache<Identity> cache_;
};

}  // namespace yilian::rpc
