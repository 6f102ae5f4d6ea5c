#include "common/config/json.h"

#include <fmt/format.h>

#include <cstdint>

#include "common/base/status_macros.h"

namespace yilian::config {
namespace {

constexpr int kMaxDepth = 32;

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// Length of the UTF-8 sequence at the front of `text`; 0 when it is none (overlong, surrogate, cut
// short).
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

// Recursive descent over one text.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<Json> Parse() {
    ASSIGN_OR_RETURN(Json value, Value(0));
    SkipSpace();
    if (!AtEnd()) return Fault("text after the end of the value");
    return value;
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }

  absl::Status Fault(std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("line {}: {}", line_, what));
  }

  void SkipSpace() {
    for (; !AtEnd(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
    }
  }

  bool Take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  absl::StatusOr<Json> Value(int depth) {
    if (depth > kMaxDepth) return Fault("nested too deeply");
    SkipSpace();
    Json value;
    value.line = line_;
    switch (Peek()) {
      case '{':
        RETURN_IF_ERROR(Object(depth, value));
        return value;
      case '[':
        RETURN_IF_ERROR(Array(depth, value));
        return value;
      case '"':
        value.type = Json::Type::kString;
        RETURN_IF_ERROR(String(value.text));
        return value;
      default:
        RETURN_IF_ERROR(Word(value));
        return value;
    }
  }

  absl::Status Word(Json& value) {
    if (AtEnd()) return Fault("the text ends where a value is expected");
    if (Take("null")) return absl::OkStatus();
    value.type = Json::Type::kBool;
    value.boolean = true;
    if (Take("true")) return absl::OkStatus();
    value.boolean = false;
    if (Take("false")) return absl::OkStatus();
    value.type = Json::Type::kNumber;
    return Number(value.text);
  }

  bool Digits() {
    const size_t start = at_;
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    return at_ > start;
  }

  absl::Status Number(std::string& out) {
    const size_t start = at_;
    if (Peek() == '-') ++at_;
    const bool leading_zero = Peek() == '0';
    const size_t integer = at_;
    if (!Digits()) {
      return Fault("expected a value: an object, a list, a \"text\", a number, true or false");
    }
    if (leading_zero && at_ - integer > 1) return Fault("a number must not begin with 0");
    if (Peek() == '.') {
      ++at_;
      if (!Digits()) return Fault("expected digits after the decimal point");
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!Digits()) return Fault("expected digits in the exponent");
    }
    out = std::string(text_.substr(start, at_ - start));
    return absl::OkStatus();
  }

  absl::StatusOr<uint32_t> Hex4() {
    uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = Peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return Fault("expected four hexadecimal digits after \\u");
      code = code * 16 + static_cast<uint32_t>(digit);
    }
    return code;
  }

  absl::Status Escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
    const char c = Peek();
    ++at_;
    if (const size_t i = kNames.find(c); i != std::string_view::npos) {
      out += kBytes[i];
      return absl::OkStatus();
    }
    if (c != 'u') return Fault("unknown escape after \\");
    ASSIGN_OR_RETURN(uint32_t code, Hex4());
    if (code >= 0xD800 && code < 0xDC00) {
      if (!Take("\\u")) return Fault("half of a surrogate pair");
      ASSIGN_OR_RETURN(const uint32_t low, Hex4());
      if (low < 0xDC00 || low > 0xDFFF) return Fault("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code < 0xE000) {
      return Fault("half of a surrogate pair");
    }
    AppendUtf8(code, out);
    return absl::OkStatus();
  }

  absl::Status String(std::string& out) {
    ++at_;
    while (!AtEnd()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return absl::OkStatus();
      }
      if (static_cast<uint8_t>(c) < 0x20) return Fault("a text must end on its own line");
      if (c == '\\') {
        ++at_;
        if (AtEnd()) break;
        RETURN_IF_ERROR(Escape(out));
        continue;
      }
      const size_t length = Utf8Length(text_.substr(at_));
      if (length == 0) return Fault("a text is not UTF-8");
      out.append(text_.substr(at_, length));
      at_ += length;
    }
    return Fault("a text has no closing quote");
  }

  absl::Status Object(int depth, Json& value) {
    value.type = Json::Type::kObject;
    ++at_;
    SkipSpace();
    if (Take("}")) return absl::OkStatus();
    while (true) {
      SkipSpace();
      if (Peek() != '"') return Fault("expected a \"key\" (is there a comma too many before it?)");
      std::string name;
      RETURN_IF_ERROR(String(name));
      if (value.Find(name) != nullptr)
        return Fault(fmt::format("the key \"{}\" stands twice", name));
      SkipSpace();
      if (!Take(":")) return Fault(fmt::format("expected : after the key \"{}\"", name));
      ASSIGN_OR_RETURN(Json member, Value(depth + 1));
      value.members.emplace_back(std::move(name), std::move(member));
      SkipSpace();
      if (Take("}")) return absl::OkStatus();
      if (!Take(",")) return Fault("expected , or } (is a comma missing on the line before?)");
    }
  }

  absl::Status Array(int depth, Json& value) {
    value.type = Json::Type::kArray;
    ++at_;
    SkipSpace();
    if (Take("]")) return absl::OkStatus();
    while (true) {
      ASSIGN_OR_RETURN(Json item, Value(depth + 1));
      value.items.push_back(std::move(item));
      SkipSpace();
      if (Take("]")) return absl::OkStatus();
      if (!Take(",")) return Fault("expected , or ] (is a comma missing on the line before?)");
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

const Json* Json::Find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string_view NameOf(Json::Type type) {
  switch (type) {
    case Json::Type::kNull:
      return "null";
    case Json::Type::kBool:
      return "true or false";
    case Json::Type::kNumber:
      return "a number";
    case Json::Type::kString:
      return "a text";
    case Json::Type::kArray:
      return "a list";
    case Json::Type::kObject:
      return "an object";
  }
  return "";
}

absl::StatusOr<Json> ParseJson(std::string_view text) { return Parser(text).Parse(); }

}  // namespace yilian::config
