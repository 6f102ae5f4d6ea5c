#include "common/observe/frame_observer.h"

#include <optional>

#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/status/error.h"

namespace yilian::observe {
namespace {

constexpr int kLinesPerSecond = 100;

Level LevelOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return Level::kDebug;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return Level::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return Level::kWarn;
    default:
      return Level::kInfo;
  }
}

// A handler stays on its thread from EnterHandler to LeaveHandler, and they do not nest.
std::optional<LogTrace>& TraceOfThread() {
  thread_local std::optional<LogTrace> trace;
  return trace;
}

}  // namespace

FrameObserver::FrameObserver(Metrics& metrics)
    : metrics_(metrics),
      queued_(
          metrics.GetHistogram("yilian_call_queued_seconds", "Calls' wait for a handler thread.")),
      unlogged_(metrics.GetCounter("yilian_log_lines_left_out_total",
                                   "Lines about calls that were not written.")) {}

void* FrameObserver::AddMethod(std::string_view service, std::string_view method,
                               std::string_view type) {
  methods_.push_back(std::make_unique<GrpcMethodMetrics>(metrics_, service, method, type));
  return methods_.back().get();
}

void FrameObserver::Started(void* method) { static_cast<GrpcMethodMetrics*>(method)->Started(); }

void FrameObserver::Finished(void* method, const rpc::Call& call, const rpc::CallEnd& end) {
  static_cast<GrpcMethodMetrics*>(method)->Handled(end.code, end.took);
  queued_.Observe(end.queued);
  const Level level = LevelOf(end.code);
  if (!IsLogged(level)) return;
  if (!MayLog()) return unlogged_.Increment();
  const LogTrace trace(call.traceparent());
  const rpc::Caller& caller = call.caller();
  const std::string reason = end.status == nullptr ? "" : status::ReasonOf(*end.status);
  const std::string_view message =
      end.status == nullptr
          ? std::string_view()
          : std::string_view(end.status->message().data(), end.status->message().size());
  Log(level, end.code == absl::StatusCode::kOk ? "call answered" : "call refused or failed",
      {{"method", call.method()},
       {"code", absl::StatusCodeToString(end.code)},
       {"reason", reason},
       {"message", message},
       {"took_ms", end.took},
       {"queued_ms", end.queued},
       {"peer", caller.peer},
       {"user_id", caller.user_id},
       {"organization_id", caller.organization_id}});
}

void FrameObserver::MessageReceived(void* method) {
  static_cast<GrpcMethodMetrics*>(method)->MessageReceived();
}

void FrameObserver::MessageSent(void* method) {
  static_cast<GrpcMethodMetrics*>(method)->MessageSent();
}

void FrameObserver::EnterHandler(const rpc::Call& call) {
  TraceOfThread().emplace(call.traceparent());
}

void FrameObserver::LeaveHandler() { TraceOfThread().reset(); }

bool FrameObserver::MayLog() {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  int64_t second = second_.load(std::memory_order_relaxed);
  // Who moves the second on starts its count; a line or two more by a race does no harm.
  if (second != now && second_.compare_exchange_strong(second, now)) lines_ = 0;
  return lines_.fetch_add(1, std::memory_order_relaxed) < kLinesPerSecond;
}

}  // namespace yilian::observe
