// ECDSA on P-256 with SHA-256, signatures as JWS has them: r and s, 32 bytes each.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace yilian::crypto {

inline constexpr size_t kEs256SignatureBytes = 64;

// Threads share a key; it is never copied out.
class Es256PublicKey {
 public:
  // "BEGIN PUBLIC KEY". INVALID_ARGUMENT for any other kind of key or curve.
  static absl::StatusOr<Es256PublicKey> FromPem(std::string_view pem);
  bool Verify(std::string_view message, std::string_view signature) const;

 private:
  explicit Es256PublicKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}
  std::shared_ptr<EVP_PKEY> key_;
};

class Es256PrivateKey {
 public:
  // "BEGIN PRIVATE KEY" or "BEGIN EC PRIVATE KEY", not encrypted.
  static absl::StatusOr<Es256PrivateKey> FromPem(std::string_view pem);
  static absl::StatusOr<Es256PrivateKey> Generate();
  absl::StatusOr<std::string> Sign(std::string_view message) const;
  absl::StatusOr<std::string> PublicPem() const;
  // Only for CreateSigningKey.
  absl::StatusOr<std::string> PrivatePem() const;

 private:
  explicit Es256PrivateKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}
  std::shared_ptr<EVP_PKEY> key_;
};

// Writes a fresh pair: the private key (mode 0600) and the public one (0644). ALREADY_EXISTS when
// either is there.
absl::Status CreateSigningKey(const std::string& private_file, const std::string& public_file);

}  // namespace yilian::crypto
