#include "services/consultation/rpc/turn.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "absl/strings/escaping.h"

namespace yilian::consultation {

TurnPass MakeTurnPass(const TurnServer& server, std::string_view who, absl::Time now) {
  TurnPass pass;
  pass.expires_at = now + server.lifetime;
  pass.username = fmt::format("{}:{}", absl::ToUnixSeconds(pass.expires_at), who);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha1(), server.secret.data(), static_cast<int>(server.secret.size()),
       reinterpret_cast<const unsigned char*>(pass.username.data()), pass.username.size(),
       digest.data(), &size);
  pass.password =
      absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
  return pass;
}

}  // namespace yilian::consultation
