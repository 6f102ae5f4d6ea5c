#include "common/rpc/cache.h"

#include <openssl/evp.h>

namespace yilian::rpc {

namespace {

// One context a thread, and the algorithm fetched once: EVP_sha256() is looked up in the provider
// at every use.
class Hash {
 public:
  Hash() {
    static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    static thread_local Context context;
    context_ = context.ctx;
    EVP_DigestInit_ex(context_, sha256, nullptr);
  }
  Hash& Add(const void* data, size_t size) {
    EVP_DigestUpdate(context_, data, size);
    return *this;
  }
  Digest Finish() {
    Digest digest{};
    EVP_DigestFinal_ex(context_, digest.data(), nullptr);
    return digest;
  }

 private:
  struct Context {
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(ctx); }
  };
  EVP_MD_CTX* context_;
};

}  // namespace

Digest DigestOf(std::string_view first, std::string_view second) {
  const uint64_t sizes[2] = {first.size(), second.size()};
  return Hash()
      .Add(sizes, sizeof(sizes))
      .Add(first.data(), first.size())
      .Add(second.data(), second.size())
      .Finish();
}

}  // namespace yilian::rpc
