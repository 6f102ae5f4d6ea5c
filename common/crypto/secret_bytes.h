// Key material in memory: wiped when it goes, never copied by accident, never printable.
#pragma once

#include <openssl/crypto.h>

#include <string>
#include <string_view>
#include <utility>

namespace yilian::crypto {

// Owns the bytes of a key. Move-only.
class SecretBytes {
 public:
  SecretBytes() = default;
  // Takes the bytes over; wipes what `bytes` held.
  explicit SecretBytes(std::string&& bytes) : bytes_(bytes) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
  }
  SecretBytes(SecretBytes&& other) noexcept { *this = std::move(other); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      Wipe();
      bytes_ = other.bytes_;
      other.Wipe();
    }
    return *this;
  }
  ~SecretBytes() { Wipe(); }

  std::string_view view() const { return bytes_; }
  const unsigned char* data() const {
    return reinterpret_cast<const unsigned char*>(bytes_.data());
  }
  size_t size() const { return bytes_.size(); }

 private:
  void Wipe() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
    bytes_.clear();
  }

  std::string bytes_;
};

}  // namespace yilian::crypto
