#include "common/observe/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/time/clock.h"
#include "common/observe/log_text.h"
#include "common/observe/trace.h"

namespace yilian::observe {
namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
constexpr spdlog::level::level_enum kSpdlogLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                       spdlog::level::warn, spdlog::level::err};

// stderr, or a test's function.
class LineSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void Redirect(std::function<void(std::string_view)> to) {
    const std::lock_guard<std::mutex> lock(mutex_);
    to_ = std::move(to);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (to_) {
      to_({message.payload.data(), message.payload.size()});
    } else {
      stderr_.log(message);
    }
  }
  void flush_() override { stderr_.flush(); }

 private:
  std::function<void(std::string_view)> to_;
  struct Stderr : spdlog::sinks::stderr_sink_mt {
    Stderr() { set_pattern("%v"); }
  } stderr_;
};

// Lives for ever: threads may log while the process exits.
struct State {
  std::shared_ptr<LineSink> sink = std::make_shared<LineSink>();
  spdlog::logger logger{"yilian", sink};
  std::atomic<int> least{static_cast<int>(Level::kInfo)};
  std::string service;  // set before threads start

  State() {
    logger.set_level(spdlog::level::trace);  // IsLogged decides
    logger.flush_on(spdlog::level::warn);
  }
};

State& GetState() {
  static auto* const state = new State();
  return *state;
}

thread_local std::array<char, 32> trace_id_of_thread;
thread_local bool has_trace_id = false;

void Append(std::string_view text, fmt::memory_buffer& out) {
  out.append(text.data(), text.data() + text.size());
}

void AppendTime(absl::Time time, fmt::memory_buffer& out) {
  const std::string text = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
  fmt::format_to(fmt::appender(out), "\"{}\"", text);
}

// Prints one value as JSON.
struct ValuePrinter {
  fmt::memory_buffer& out;
  void operator()(std::monostate) const { Append("\"[withheld]\"", out); }
  void operator()(std::string_view text) const { AppendText(text, out); }
  void operator()(const base::Uuid& id) const {
    fmt::format_to(fmt::appender(out), "\"{}\"", id.ToString());
  }
  void operator()(absl::Duration duration) const {
    fmt::format_to(fmt::appender(out), "{:.3f}", absl::ToDoubleMilliseconds(duration));
  }
  void operator()(absl::Time time) const { AppendTime(time, out); }
  void operator()(double number) const {
    // JSON has no NaN and no infinity.
    if (number - number != 0) return Append("null", out);
    fmt::format_to(fmt::appender(out), "{}", number);
  }
  void operator()(bool flag) const { Append(flag ? "true" : "false", out); }
  void operator()(int64_t number) const { fmt::format_to(fmt::appender(out), "{}", number); }
  void operator()(const absl::Status* status) const {
    AppendText(fmt::format("{}: {}", absl::StatusCodeToString(status->code()),
                           std::string(status->message())),
               out);
  }
};

}  // namespace

void StartLog(std::string_view service, Level least) {
  GetState().service = std::string(service);
  GetState().least = static_cast<int>(least);
}

Level LevelFromText(std::string_view text) {
  for (int i = 0; i < 4; ++i) {
    if (text == kLevels[i]) return static_cast<Level>(i);
  }
  return Level::kInfo;
}

bool IsLogged(Level level) {
  return static_cast<int>(level) >= GetState().least.load(std::memory_order_relaxed);
}

void Log(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!IsLogged(level)) return;
  State& state = GetState();
  fmt::memory_buffer line;
  Append("{\"ts\":", line);
  AppendTime(absl::Now(), line);
  fmt::format_to(fmt::appender(line),
                 ",\"level\":\"{}\",\"service\":", kLevels[static_cast<int>(level)]);
  AppendText(state.service, line);
  Append(",\"msg\":", line);
  AppendText(message, line);
  if (has_trace_id) {
    Append(",\"trace_id\":\"", line);
    Append({trace_id_of_thread.data(), trace_id_of_thread.size()}, line);
    line.push_back('"');
  }
  if (fields.size() > 0) {
    Append(",\"fields\":", line);
    char separator = '{';
    for (const LogField& field : fields) {
      line.push_back(std::exchange(separator, ','));
      AppendText(field.key(), line);
      line.push_back(':');
      const bool withheld = IsWithheldKey(field.key());
      std::visit(ValuePrinter{line}, withheld ? LogField::Value() : field.value());
    }
    line.push_back('}');
  }
  line.push_back('}');
  state.logger.log(kSpdlogLevels[static_cast<int>(level)],
                   spdlog::string_view_t(line.data(), line.size()));
}

LogTrace::LogTrace(std::string_view traceparent)
    : before_(trace_id_of_thread), had_before_(has_trace_id) {
  const std::string_view id = TraceIdOf(traceparent);
  has_trace_id = id.size() == trace_id_of_thread.size();
  if (has_trace_id) std::copy(id.begin(), id.end(), trace_id_of_thread.begin());
}

LogTrace::~LogTrace() {
  trace_id_of_thread = before_;
  has_trace_id = had_before_;
}

LogCapture::LogCapture(std::function<void(std::string_view line)> sink) {
  GetState().sink->Redirect(std::move(sink));
}

LogCapture::~LogCapture() { GetState().sink->Redirect(nullptr); }

}  // namespace yilian::observe
