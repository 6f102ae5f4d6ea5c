#include "common/rpc/trace.h"

#include <algorithm>

#include "absl/random/random.h"

namespace yilian::rpc {
namespace {

constexpr size_t kLength = 55;  // 00-<32>-<16>-<2>
constexpr char kHex[] = "0123456789abcdef";

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool WellFormed(std::string_view text) {
  if (text.size() != kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view span = text.substr(36, 16);
  return text.substr(0, 2) == "00" && IsHex(trace) && IsHex(span) && IsHex(text.substr(53)) &&
         trace.find_first_not_of('0') != std::string_view::npos &&
         span.find_first_not_of('0') != std::string_view::npos;
}

void PutHex(uint64_t value, char* out) {
  for (int i = 15; i >= 0; --i, value >>= 4) out[i] = kHex[value & 0xf];
}

}  // namespace

std::string NextTraceparent(std::string_view inbound) {
  static thread_local absl::InsecureBitGen random;
  std::string result(kLength, '-');
  result[0] = result[1] = '0';
  if (WellFormed(inbound)) {
    inbound.copy(result.data(), kLength);
  } else {
    PutHex(absl::Uniform<uint64_t>(random), result.data() + 3);
    PutHex(absl::Uniform<uint64_t>(random) | 1, result.data() + 19);
    result[53] = '0';
    result[54] = '1';
  }
  PutHex(absl::Uniform<uint64_t>(random) | 1, result.data() + 36);
  return result;
}

std::string_view TraceId(std::string_view traceparent) {
  return traceparent.size() == kLength ? traceparent.substr(3, 32) : std::string_view();
}

}  // namespace yilian::rpc
