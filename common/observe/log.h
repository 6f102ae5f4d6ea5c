// Logs: one JSON object a line on stderr, and never personal data.
//
//   Log(Level::kInfo, "referral submitted", {{"referral_id", id}, {"took_ms", 12}});
//   {"ts":"...","level":"info","service":"referral","msg":"referral
//   submitted","trace_id":"...","fields":{...}}
//
// Three nets keep people out of logs. A value that is about a person is passed as Personal(value),
// which keeps nothing of it. Fields whose names promise such a value (name, phone, national_id,
// password, token ...) print "[withheld]" whatever they hold. In texts, what looks like a national
// id or a mobile number is blotted out.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::observe {

enum class Level { kDebug, kInfo, kWarn, kError };

// Stands for a value that must not be printed; does not keep it.
class Personal {
 public:
  template <typename T>
  explicit Personal(const T&) {}
};

// One field of a line. Refers to text that the caller keeps until Log returns.
class LogField {
 public:
  LogField(std::string_view key, std::string_view text) : key_(key), value_(text) {}
  LogField(std::string_view key, const char* text) : key_(key), value_(std::string_view(text)) {}
  LogField(std::string_view key, const std::string& text)
      : key_(key), value_(std::string_view(text)) {}
  LogField(std::string_view key, const base::Uuid& id) : key_(key), value_(id) {}
  LogField(std::string_view key, absl::Duration duration)
      : key_(key), value_(duration) {}  // printed in milliseconds
  LogField(std::string_view key, absl::Time time) : key_(key), value_(time) {}
  LogField(std::string_view key, Personal) : key_(key), value_(std::monostate()) {}
  LogField(std::string_view key, double number) : key_(key), value_(number) {}
  LogField(std::string_view key, bool flag) : key_(key), value_(flag) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) LogField(std::string_view key, T number)
      : key_(key), value_(static_cast<int64_t>(number)) {}
  template <typename Tag>
  LogField(std::string_view key, const base::Id<Tag>& id) : key_(key), value_(id.uuid()) {}
  // Code and message; details stay out.
  LogField(std::string_view key, const absl::Status& status) : key_(key), value_(&status) {}

  using Value = std::variant<std::monostate, std::string_view, base::Uuid, absl::Duration,
                             absl::Time, double, bool, int64_t, const absl::Status*>;
  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  std::string_view key_;
  Value value_;
};

// Once at start. Before it, lines name no service and begin at info.
void StartLog(std::string_view service, Level least);
// "debug", "info", "warn", "error"; info for anything else (the configuration has been checked
// before).
Level LevelFromText(std::string_view text);
bool IsLogged(Level level);

// Thread-safe. The line is written when Log returns.
void Log(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

// Lines of this thread carry the trace of `traceparent` while it lives; scopes nest.
class LogTrace {
 public:
  explicit LogTrace(std::string_view traceparent);
  ~LogTrace();
  LogTrace(const LogTrace&) = delete;
  LogTrace& operator=(const LogTrace&) = delete;

 private:
  // The 32 hex digits, or nothing: set for every call, so no allocation.
  std::array<char, 32> before_;
  bool had_before_;
};

// For tests: lines go to `sink` instead of stderr while it lives. One at a time; `sink` is called
// under a lock.
class LogCapture {
 public:
  explicit LogCapture(std::function<void(std::string_view line)> sink);
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
};

}  // namespace yilian::observe
