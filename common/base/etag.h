// The etag of a resource: its version in the form that callers hand back.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace yilian::base {

inline std::string EtagOf(int64_t version) { return "v" + std::to_string(version); }

// What VersionOf says of a text that EtagOf gives for no version: equal to no resource's.
inline constexpr int64_t kNoVersion = -1;

inline int64_t VersionOf(std::string_view etag) {
  if (etag.empty() || etag.front() != 'v') return kNoVersion;
  int64_t version = 0;
  const char* const end = etag.data() + etag.size();
  if (std::from_chars(etag.data() + 1, end, version).ec != std::errc()) return kNoVersion;
  return version >= 0 && EtagOf(version) == etag ? version : kNoVersion;
}

}  // namespace yilian::base
