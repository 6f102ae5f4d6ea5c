// A span of time, `end` not included.
#pragma once

#include "absl/time/time.h"

namespace yilian::scheduling {

struct Span {
  absl::Time start;
  absl::Time end;
  bool Overlaps(const Span& other) const { return start < other.end && other.start < end; }
  bool operator==(const Span&) const = default;
};

}  // namespace yilian::scheduling
