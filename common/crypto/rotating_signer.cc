#include "common/crypto/rotating_signer.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <utility>

#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/crypto/es256.h"
#include "common/crypto/key_files.h"

namespace yilian::crypto {
namespace {

std::string PublicFile(const RotatingSigner::Options& options, const std::string& kid) {
  return fmt::format("{}/{}.pem", options.public_keys_folder, kid);
}

std::string PrivateFile(const RotatingSigner::Options& options, const std::string& kid) {
  return fmt::format("{}/{}.key", options.private_keys_folder, kid);
}

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A pair that does not belong together would sign tokens that nobody takes.
absl::Status CheckPair(const RotatingSigner::Options& options, const std::string& kid) {
  ASSIGN_OR_RETURN(std::string pem, config::ReadSecretFile(PrivateFile(options, kid),
                                                           "private key of access tokens"));
  const absl::StatusOr<Es256PrivateKey> key = Es256PrivateKey::FromPem(pem);
  OPENSSL_cleanse(pem.data(), pem.size());
  if (!key.ok()) return key.status();
  ASSIGN_OR_RETURN(const Es256PublicKey half,
                   Es256PublicKey::FromPem(Content(PublicFile(options, kid))));
  ASSIGN_OR_RETURN(const std::string signature, key->Sign(kid));
  if (half.Verify(kid, signature)) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{} is not the public half of {}", PublicFile(options, kid), PrivateFile(options, kid)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RotatingSigner>> RotatingSigner::Open(Options options,
                                                                     const base::Clock& clock) {
  std::unique_ptr<RotatingSigner> opened(new RotatingSigner(std::move(options), clock));
  std::string faults;
  for (const std::string& kid : opened->Candidates()) {
    absl::StatusOr<std::shared_ptr<const JwtSigner>> signer = opened->Load(kid);
    if (!signer.ok()) {
      faults += fmt::format("; {}", std::string(signer.status().message()));
      continue;
    }
    absl::MutexLock lock(&opened->mutex_);
    opened->signer_ = *std::move(signer);
    opened->kid_ = kid;
    return opened;
  }
  return absl::FailedPreconditionError(fmt::format(
      "signing.keys_folder: {} holds no <kid>.key whose public half {}/<kid>.pem is there: make "
      "one "
      "with openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256, its half with openssl "
      "pkey -pubout{}",
      opened->options_.private_keys_folder, opened->options_.public_keys_folder, faults));
}

std::vector<std::string> RotatingSigner::Candidates() const {
  std::vector<std::string> kids;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(options_.private_keys_folder, error)) {
    if (entry.path().extension() != ".key") continue;
    const std::string kid = entry.path().stem().string();
    if (IsKeyId(kid) && std::filesystem::exists(PublicFile(options_, kid), error)) {
      kids.push_back(kid);
    }
  }
  std::sort(kids.begin(), kids.end(), std::greater<>());
  return kids;
}

absl::StatusOr<std::shared_ptr<const JwtSigner>> RotatingSigner::Load(
    const std::string& kid) const {
  RETURN_IF_ERROR(CheckPair(options_, kid));
  ASSIGN_OR_RETURN(std::unique_ptr<JwtSigner> signer,
                   JwtSigner::Open({.private_key_file = PrivateFile(options_, kid),
                                    .kid = kid,
                                    .issuer = options_.issuer,
                                    .audience = options_.audience,
                                    .lifetime = options_.lifetime},
                                   clock_));
  return std::shared_ptr<const JwtSigner>(std::move(signer));
}

void RotatingSigner::Look(absl::Time now) {
  const std::vector<std::string> kids = Candidates();
  const bool here = std::find(kids.begin(), kids.end(), kid_) != kids.end();
  if (kids.empty() || kids.front() == kid_) {
    coming_.clear();
    return;
  }
  const std::string& newest = kids.front();
  if (coming_ != newest) {
    coming_ = newest;
    coming_since_ = now;
  }
  // A key whose public half was taken back signs nothing any more, whoever has not seen the next.
  if (here && now - coming_since_ < options_.settle) return;
  for (const std::string& kid : kids) {
    if (kid == kid_) return;
    absl::StatusOr<std::shared_ptr<const JwtSigner>> signer = Load(kid);
    if (signer.ok()) {
      signer_ = *std::move(signer);
      kid_ = kid;
      return;
    }
    if (options_.on_fault && std::exchange(faulty_, kid) != kid) {
      options_.on_fault(fmt::format("{}: {}", PrivateFile(options_, kid),
                                    std::string(signer.status().message())));
    }
  }
}

std::shared_ptr<const JwtSigner> RotatingSigner::Current() {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  if (now >= next_look_) {
    next_look_ = now + options_.look_every;
    Look(now);
  }
  return signer_;
}

absl::StatusOr<JwtSigner::Signed> RotatingSigner::Sign(const TokenClaims& claims,
                                                       const JwtSigner::Limits& limits) {
  return Current()->Sign(claims, limits);
}

std::vector<RotatingSigner::PublicKey> RotatingSigner::PublicKeys() {
  Current();
  std::string signs;
  {
    absl::MutexLock lock(&mutex_);
    signs = kid_;
  }
  std::vector<PublicKey> keys;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(options_.public_keys_folder, error)) {
    const std::string kid = entry.path().stem().string();
    if (entry.path().extension() != ".pem" || !IsKeyId(kid)) continue;
    std::string pem = Content(entry.path().string());
    if (!Es256PublicKey::FromPem(pem).ok()) continue;
    keys.push_back({.kid = kid, .pem = std::move(pem), .signs = kid == signs});
  }
  std::sort(keys.begin(), keys.end(),
            [](const PublicKey& a, const PublicKey& b) { return a.kid < b.kid; });
  return keys;
}

}  // namespace yilian::crypto
