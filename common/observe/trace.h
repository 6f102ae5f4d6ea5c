// W3C trace context: the ids by which one journey is followed through processes, logs and events.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yilian::observe {

// One span: "00-<32 hex: trace>-<16 hex: span>-<2 hex: flags>". A value; copy it freely.
class TraceContext {
 public:
  // A new trace, sampled.
  static TraceContext Make();
  // Of a `traceparent` header. Versions after 00 are read as far as 00 goes, as the standard asks;
  // nothing for what is malformed or has an id of zeros.
  static std::optional<TraceContext> Parse(std::string_view traceparent);
  // The span of a call that came in with `traceparent`: its child where that is well-formed, else a
  // new trace.
  static TraceContext Next(std::string_view traceparent);

  // Another span of the same trace.
  TraceContext Child() const;

  std::string ToString() const;
  std::string trace_id() const;  // 32 hex digits
  std::string span_id() const;   // 16 hex digits
  bool sampled() const { return (flags_ & 1) != 0; }

 private:
  TraceContext() = default;

  uint64_t trace_high_ = 0;
  uint64_t trace_low_ = 0;
  uint64_t span_ = 0;
  uint8_t flags_ = 1;
};

// The 32 hex digits inside a traceparent; "" for another text. Cheaper than Parse.
std::string_view TraceIdOf(std::string_view traceparent);

}  // namespace yilian::observe
