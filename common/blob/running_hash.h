// SHA-256 of a content that comes in chunks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace yilian::blob {

// One content; one thread. Ends the process when OpenSSL has no SHA-256, as yilian_hash does.
class RunningSha256 {
 public:
  RunningSha256();
  ~RunningSha256();
  void Add(std::string_view bytes);
  // 32 raw bytes; nothing may be added after.
  std::string Finish();

 private:
  struct Context;
  const std::unique_ptr<Context> context_;
};

}  // namespace yilian::blob
