#include "common/base/uuid.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>

#include "absl/status/status.h"
#include "common/base/clock.h"

namespace yilian::base {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// 74 random bits an id; drawn from OpenSSL 4 KiB at a time, since one draw costs about a
// microsecond.
void RandomBytes(uint8_t* out, size_t count) {
  thread_local std::array<uint8_t, 4096> pool;
  thread_local size_t used = pool.size();
  if (used + count > pool.size()) {
    // Without randomness ids would collide: nothing sensible can follow.
    if (RAND_bytes(pool.data(), static_cast<int>(pool.size())) != 1) std::abort();
    used = 0;
  }
  std::copy_n(pool.data() + used, count, out);
  used += count;
}

}  // namespace

Uuid Uuid::V7() { return V7(SystemClock().Now()); }

Uuid Uuid::V7(absl::Time now) {
  thread_local uint64_t last_millis = 0;
  thread_local uint16_t sequence = 0;
  const uint64_t millis = static_cast<uint64_t>(std::max<int64_t>(absl::ToUnixMillis(now), 0));
  Uuid id;
  auto& b = id.bytes_;
  RandomBytes(b.data() + 6, 10);
  if (millis == last_millis && sequence < 0x0fff) {
    ++sequence;
  } else {
    // Starts in the lower half, so that a busy millisecond has 2,048 steps to go.
    last_millis = millis;
    sequence = static_cast<uint16_t>(((b[6] << 8) | b[7]) & 0x07ff);
  }
  for (int i = 0; i < 6; ++i) b[i] = static_cast<uint8_t>(millis >> (40 - 8 * i));
  b[6] = static_cast<uint8_t>(0x70 | (sequence >> 8));
  b[7] = static_cast<uint8_t>(sequence);
  b[8] = static_cast<uint8_t>(0x80 | (b[8] & 0x3f));
  return id;
}

Uuid Uuid::V5(const Uuid& space, std::string_view name) {
  std::string input = space.ToBytes();
  input.append(name);
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(input.data(), input.size(), digest, &length, EVP_sha1(), nullptr) != 1)
    std::abort();
  Uuid id;
  std::copy_n(digest, 16, id.bytes_.begin());
  id.bytes_[6] = static_cast<uint8_t>(0x50 | (id.bytes_[6] & 0x0f));
  id.bytes_[8] = static_cast<uint8_t>(0x80 | (id.bytes_[8] & 0x3f));
  return id;
}

absl::StatusOr<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return absl::InvalidArgumentError("a UUID has 36 characters");
  Uuid id;
  size_t at = 0;
  for (size_t i = 0; i < 36;) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return absl::InvalidArgumentError("a UUID has '-' at 9, 14, 19 and 24");
      ++i;
      continue;
    }
    const int high = HexValue(text[i]);
    const int low = HexValue(text[i + 1]);
    if (high < 0 || low < 0) return absl::InvalidArgumentError("a UUID has hexadecimal digits");
    id.bytes_[at++] = static_cast<uint8_t>(high << 4 | low);
    i += 2;
  }
  return id;
}

absl::StatusOr<Uuid> Uuid::FromBytes(std::string_view bytes) {
  if (bytes.size() != 16) return absl::InvalidArgumentError("a UUID has 16 bytes");
  Uuid id;
  std::copy_n(reinterpret_cast<const uint8_t*>(bytes.data()), 16, id.bytes_.begin());
  return id;
}

std::string Uuid::ToString() const {
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kHex[bytes_[i] >> 4]);
    text.push_back(kHex[bytes_[i] & 15]);
  }
  return text;
}

}  // namespace yilian::base
