#include "common/observe/trace.h"

#include <algorithm>
#include <charconv>
#include <random>

namespace yilian::observe {
namespace {

constexpr size_t kLength = 55;

// Not for secrets: ids must differ, not be unguessable. Seeded once a thread from the system's
// generator.
uint64_t RandomId() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(),
                       device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  uint64_t id = 0;
  while (id == 0) id = generator();
  return id;
}

// Lower case only, as the standard has it.
bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

uint64_t FromHex(std::string_view digits) {
  uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

// 16 digits; a tenth of what fmt takes, and every call makes one.
void PutHex(uint64_t value, char* out) {
  for (int i = 15; i >= 0; --i, value >>= 4) out[i] = "0123456789abcdef"[value & 15];
}

bool HasShape(std::string_view text) {
  return text.size() >= kLength && text[2] == '-' && text[35] == '-' && text[52] == '-';
}

}  // namespace

TraceContext TraceContext::Make() {
  TraceContext context;
  context.trace_high_ = RandomId();
  context.trace_low_ = RandomId();
  context.span_ = RandomId();
  return context;
}

std::optional<TraceContext> TraceContext::Parse(std::string_view traceparent) {
  if (!HasShape(traceparent)) return std::nullopt;
  const std::string_view version = traceparent.substr(0, 2);
  if (!IsHex(version) || version == "ff") return std::nullopt;
  if (traceparent.size() > kLength && (version == "00" || traceparent[kLength] != '-'))
    return std::nullopt;
  if (!IsHex(traceparent.substr(3, 32)) || !IsHex(traceparent.substr(36, 16)) ||
      !IsHex(traceparent.substr(53, 2))) {
    return std::nullopt;
  }
  TraceContext context;
  context.trace_high_ = FromHex(traceparent.substr(3, 16));
  context.trace_low_ = FromHex(traceparent.substr(19, 16));
  context.span_ = FromHex(traceparent.substr(36, 16));
  context.flags_ = static_cast<uint8_t>(FromHex(traceparent.substr(53, 2)) & 1);
  if ((context.trace_high_ == 0 && context.trace_low_ == 0) || context.span_ == 0)
    return std::nullopt;
  return context;
}

TraceContext TraceContext::Next(std::string_view traceparent) {
  const std::optional<TraceContext> parent = Parse(traceparent);
  return parent ? parent->Child() : Make();
}

TraceContext TraceContext::Child() const {
  TraceContext child = *this;
  child.span_ = RandomId();
  return child;
}

std::string TraceContext::ToString() const {
  std::string text(kLength, '-');
  text[0] = text[1] = text[53] = '0';
  PutHex(trace_high_, text.data() + 3);
  PutHex(trace_low_, text.data() + 19);
  PutHex(span_, text.data() + 36);
  text[54] = sampled() ? '1' : '0';
  return text;
}

std::string TraceContext::trace_id() const { return ToString().substr(3, 32); }

std::string TraceContext::span_id() const { return ToString().substr(36, 16); }

std::string_view TraceIdOf(std::string_view traceparent) {
  if (!HasShape(traceparent)) return {};
  const std::string_view id = traceparent.substr(3, 32);
  return IsHex(id) ? id : std::string_view();
}

}  // namespace yilian::observe
