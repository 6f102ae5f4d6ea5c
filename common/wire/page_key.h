// The key of a page's last row, as bytes to seal into a page token.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::wire {

// Lists are sorted by rank (0 where a list has none), then time, then id.
struct PageKey {
  int rank = 0;
  absl::Time time;
  base::Uuid id;
};

inline std::string MakePageKey(const PageKey& key) {
  const uint64_t micros = static_cast<uint64_t>(absl::ToUnixMicros(key.time));
  std::string bytes(1, static_cast<char>(key.rank));
  for (int i = 7; i >= 0; --i) bytes.push_back(static_cast<char>(micros >> (8 * i)));
  return bytes + key.id.ToBytes();
}

inline std::optional<PageKey> ParsePageKey(std::string_view bytes) {
  if (bytes.size() != 25) return std::nullopt;
  uint64_t micros = 0;
  for (size_t i = 1; i <= 8; ++i) micros = micros << 8 | static_cast<unsigned char>(bytes[i]);
  return PageKey{.rank = static_cast<signed char>(bytes[0]),
                 .time = absl::FromUnixMicros(static_cast<int64_t>(micros)),
                 .id = *base::Uuid::FromBytes(bytes.substr(9))};
}

}  // namespace yilian::wire
