#include "common/crypto/es256.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "common/base/status_macros.h"
#include "common/crypto/key_files.h"

namespace yilian::crypto {
namespace {

constexpr size_t kCoordinateBytes = 32;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Signature = std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// libcrypto keeps a queue of errors per thread; gRPC's TLS reads the same queue and would report
// ours.
struct ErrorQueueCleaner {
  ~ErrorQueueCleaner() { ERR_clear_error(); }
};

bool IsP256(const EVP_PKEY* key) {
  char group[32] = {};
  size_t size = 0;
  return key != nullptr && EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1 &&
         std::string_view(group) == "prime256v1";
}

// A PEM that asks for a passphrase must not read one from the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

// r || s to the DER that EVP_DigestVerify takes; empty when it cannot be.
std::string ToDer(std::string_view raw) {
  const Signature signature(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(Bytes(raw), kCoordinateBytes, nullptr);
  BIGNUM* s = BN_bin2bn(Bytes(raw) + kCoordinateBytes, kCoordinateBytes, nullptr);
  if (signature == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return "";
  }
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0) return "";
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

absl::StatusOr<std::string> FromDer(std::string_view der) {
  const unsigned char* in = Bytes(der);
  const Signature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())),
                            ECDSA_SIG_free);
  std::string raw(kEs256SignatureBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (signature == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, kCoordinateBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + kCoordinateBytes, kCoordinateBytes) <
          0) {
    return absl::InternalError("libcrypto made no ECDSA signature");
  }
  return raw;
}

absl::StatusOr<std::string> Drain(BIO* bio, bool written) {
  char* data = nullptr;
  const long size = written ? BIO_get_mem_data(bio, &data) : 0;
  if (size <= 0) return absl::InternalError("libcrypto cannot write the key");
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<Es256PublicKey> Es256PublicKey::FromPem(std::string_view pem) {
  const ErrorQueueCleaner cleaner;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassphrase, nullptr);
  if (!IsP256(key)) {
    EVP_PKEY_free(key);
    return absl::InvalidArgumentError("not a public key on P-256 in PEM form (BEGIN PUBLIC KEY)");
  }
  return Es256PublicKey(key);
}

bool Es256PublicKey::Verify(std::string_view message, std::string_view signature) const {
  const ErrorQueueCleaner cleaner;
  if (signature.size() != kEs256SignatureBytes) return false;
  const std::string der = ToDer(signature);
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return !der.empty() && context != nullptr &&
         EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key_.get(),
                                 nullptr) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(der), der.size(), Bytes(message), message.size()) ==
             1;
}

absl::StatusOr<Es256PrivateKey> Es256PrivateKey::FromPem(std::string_view pem) {
  const ErrorQueueCleaner cleaner;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr);
  if (!IsP256(key)) {
    EVP_PKEY_free(key);
    return absl::InvalidArgumentError("not a private key on P-256 in PEM form, without passphrase");
  }
  return Es256PrivateKey(key);
}

absl::StatusOr<Es256PrivateKey> Es256PrivateKey::Generate() {
  const ErrorQueueCleaner cleaner;
  EVP_PKEY* key = EVP_EC_gen("P-256");
  if (key == nullptr) return absl::InternalError("libcrypto cannot make a key on P-256");
  return Es256PrivateKey(key);
}

absl::StatusOr<std::string> Es256PrivateKey::Sign(std::string_view message) const {
  const ErrorQueueCleaner cleaner;
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string der(128, '\0');
  size_t size = der.size();
  if (context == nullptr ||
      EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key_.get(),
                            nullptr) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size,
                     Bytes(message), message.size()) != 1) {
    return absl::InternalError("libcrypto cannot sign");
  }
  return FromDer(std::string_view(der).substr(0, size));
}

absl::StatusOr<std::string> Es256PrivateKey::PublicPem() const {
  const ErrorQueueCleaner cleaner;
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  return Drain(bio.get(), PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
}

absl::StatusOr<std::string> Es256PrivateKey::PrivatePem() const {
  const ErrorQueueCleaner cleaner;
  const Bio bio(BIO_new(BIO_s_secmem()), BIO_free);
  return Drain(bio.get(), PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0,
                                                        nullptr, nullptr) == 1);
}

absl::Status CreateSigningKey(const std::string& private_file, const std::string& public_file) {
  ASSIGN_OR_RETURN(const Es256PrivateKey key, Es256PrivateKey::Generate());
  ASSIGN_OR_RETURN(const std::string public_pem, key.PublicPem());
  ASSIGN_OR_RETURN(std::string private_pem, key.PrivatePem());
  const absl::Status status = CreateFile(private_file, private_pem, 0600);
  OPENSSL_cleanse(private_pem.data(), private_pem.size());
  RETURN_IF_ERROR(status);
  return CreateFile(public_file, public_pem, 0644);
}

}  // namespace yilian::crypto
