#include "common/crypto/aes_gcm.h"

#include <openssl/evp.h>

#include <memory>

namespace yilian::crypto {
namespace {

constexpr size_t kKeyBytes = 32;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// Fetched once, as in hash.cc.
const EVP_CIPHER* FetchCipher() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::optional<std::string> AesGcmSeal(std::string_view key, std::string_view nonce,
                                      std::string_view additional, std::string_view plaintext) {
  if (key.size() != kKeyBytes || nonce.size() != kGcmNonceBytes) return std::nullopt;
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string sealed(plaintext.size() + kGcmTagBytes, '\0');
  int size = 0;
  const bool ok =
      context != nullptr &&
      EVP_EncryptInit_ex2(context.get(), FetchCipher(), Bytes(key), Bytes(nonce), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(additional),
                        static_cast<int>(additional.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), Bytes(sealed), &size, Bytes(plaintext),
                        static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), Bytes(sealed) + plaintext.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes,
                          Bytes(sealed) + plaintext.size()) == 1;
  if (!ok) return std::nullopt;
  return sealed;
}

std::optional<std::string> AesGcmOpen(std::string_view key, std::string_view nonce,
                                      std::string_view additional,
                                      std::string_view ciphertext_and_tag) {
  if (key.size() != kKeyBytes || nonce.size() != kGcmNonceBytes ||
      ciphertext_and_tag.size() < kGcmTagBytes) {
    return std::nullopt;
  }
  const std::string_view ciphertext =
      ciphertext_and_tag.substr(0, ciphertext_and_tag.size() - kGcmTagBytes);
  std::string tag(ciphertext_and_tag.substr(ciphertext.size()));
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string plaintext(ciphertext.size(), '\0');
  int size = 0;
  const bool ok =
      context != nullptr &&
      EVP_DecryptInit_ex2(context.get(), FetchCipher(), Bytes(key), Bytes(nonce), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(additional),
                        static_cast<int>(additional.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(plaintext), &size, Bytes(ciphertext),
                        static_cast<int>(ciphertext.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(plaintext) + ciphertext.size(), &size) == 1;
  if (!ok) {
    OPENSSL_cleanse(plaintext.data(), plaintext.size());  // not authenticated: nobody may see it
    return std::nullopt;
  }
  return plaintext;
}

}  // namespace yilian::crypto
