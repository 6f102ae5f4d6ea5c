#include "common/blob/running_hash.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace yilian::blob {

struct RunningSha256::Context {
  EVP_MD_CTX* const digest = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(digest); }
};

RunningSha256::RunningSha256() : context_(std::make_unique<Context>()) {
  if (context_->digest == nullptr ||
      EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr) != 1) {
    std::abort();
  }
}

RunningSha256::~RunningSha256() = default;

void RunningSha256::Add(std::string_view bytes) {
  if (EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()) != 1) std::abort();
}

std::string RunningSha256::Finish() {
  std::string sha256(32, '\0');
  if (EVP_DigestFinal_ex(context_->digest, reinterpret_cast<unsigned char*>(sha256.data()),
                         nullptr) != 1) {
    std::abort();
  }
  return sha256;
}

}  // namespace yilian::blob
