// The refusals of rotas.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace yilian::scheduling::errors {

// Also for what belongs to others: the two must look alike.
absl::Status RotaNotFound();
absl::Status RotaCommandNotAvailable(std::string_view command, std::string_view state);

// A rule that a visit breaks, as the refusal tells it.
struct BrokenVisit {
  std::string rule;   // "NOT_AVAILABLE"
  std::string visit;  // which one, by ids and day
  std::string detail;
};
// Most visits that RotaBroken names: an error travels in a trailer of 8 KiB.
inline constexpr size_t kMostBrokenVisits = 10;
// `first`: at most kMostBrokenVisits of `count`.
absl::Status RotaBroken(size_t count, const std::vector<BrokenVisit>& first);

}  // namespace yilian::scheduling::errors
