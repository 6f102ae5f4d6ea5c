// W3C trace context: which journey a call belongs to.
#pragma once

#include <string>
#include <string_view>

namespace yilian::rpc {

// The traceparent of a new span: the caller's trace where `inbound` is a well-formed traceparent,
// else a new trace. Thread-safe.
std::string NextTraceparent(std::string_view inbound);
// The 32 hex digits of a traceparent; "" for another text.
std::string_view TraceId(std::string_view traceparent);

}  // namespace yilian::rpc
