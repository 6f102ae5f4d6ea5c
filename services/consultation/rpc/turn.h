// Credentials for a TURN server that gives them to nobody itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace yilian::consultation {

// A coturn with `use-auth-secret`: user names are "<end in seconds since 1970>:<who>", and the
// password is the HMAC of the name under a secret that the server shares. SHA-1 and standard Base64
// are its scheme, not our choice (draft-uberti-behave-turn-rest, section 2.2).
struct TurnServer {
  std::vector<std::string> urls;
  std::string secret;
  absl::Duration lifetime = absl::Hours(1);
};

struct TurnPass {
  std::string username;
  std::string password;
  absl::Time expires_at;
};

TurnPass MakeTurnPass(const TurnServer& server, std::string_view who, absl::Time now);

}  // namespace yilian::consultation
