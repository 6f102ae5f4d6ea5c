#include "services/gateway/domain/hl7/escape.h"

#include <algorithm>
#include <optional>

namespace yilian::gateway::hl7 {
namespace {

// An escape longer than this is none: a backslash in a text must not make it slow to find that out.
constexpr size_t kLongestEscape = 512;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> HexText(std::string_view digits, Charset charset) {
  if (digits.empty() || digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = HexDigit(digits[i]);
    const int low = HexDigit(digits[i + 1]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  size_t bad_offset;
  return ToUtf8(bytes, charset, &bad_offset);
}

// Formatting commands of FT text: a line break each, or spaces; indents and the like say nothing to
// us.
std::optional<std::string> Formatting(std::string_view command) {
  const std::string_view name = command.substr(0, 3);
  int count = 1;
  if (command.size() > 3) {
    std::string_view number = command.substr(3);
    if (number[0] == '+' || number[0] == '-') number.remove_prefix(1);
    count = 0;
    for (const char c : number) {
      if (c < '0' || c > '9' || count > 100) return std::nullopt;
      count = count * 10 + (c - '0');
    }
  }
  if (name == ".br") return std::string(1, '\n');
  if (name == ".sp") return std::string(std::clamp(count, 1, 100), '\n');
  if (name == ".ce") return std::string(1, '\n');
  if (name == ".sk") return std::string(std::clamp(count, 1, 100), ' ');
  if (name == ".fi" || name == ".nf" || name == ".in" || name == ".ti") return std::string();
  return std::nullopt;
}

std::optional<std::string> Resolve(std::string_view sequence, const Separators& separators,
                                   Charset charset) {
  if (sequence.size() == 1) {
    switch (sequence[0]) {
      case 'F':
        return std::string(1, separators.field);
      case 'S':
        return std::string(1, separators.component);
      case 'R':
        return std::string(1, separators.repetition);
      case 'E':
        return std::string(1, separators.escape);
      case 'T':
        return std::string(1, separators.subcomponent == 0 ? '&' : separators.subcomponent);
      case 'P':
        if (separators.truncation != 0) return std::string(1, separators.truncation);
        return std::nullopt;
      case 'H':
      case 'N':
        return std::string();
      default:
        return std::nullopt;
    }
  }
  if (sequence.empty()) return std::nullopt;
  if (sequence[0] == 'X') return HexText(sequence.substr(1), charset);
  if (sequence[0] == '.') return Formatting(sequence);
  return std::nullopt;
}

}  // namespace

std::string Unescape(std::string_view text, const Separators& separators, Charset charset) {
  const char escape = separators.escape;
  if (escape == 0 || text.find(escape) == std::string_view::npos) return std::string(text);
  std::string plain;
  plain.reserve(text.size());
  size_t at = 0;
  while (at < text.size()) {
    const size_t start = std::min(text.find(escape, at), text.size());
    plain.append(text.substr(at, start - at));
    if (start == text.size()) break;
    const std::string_view ahead = text.substr(start + 1, kLongestEscape);
    const size_t length = ahead.find(escape);
    std::optional<std::string> resolved;
    if (length != std::string_view::npos) {
      resolved = Resolve(ahead.substr(0, length), separators, charset);
    }
    if (resolved) {
      plain += *resolved;
      at = start + 1 + length + 1;
    } else {
      plain.push_back(escape);
      at = start + 1;
    }
  }
  return plain;
}

std::string Escape(std::string_view text, const Separators& separators) {
  const char escape = separators.escape;
  const auto quoted = [&](char code) { return std::string{escape, code, escape}; };
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (escape == 0) {
      // No escape character was declared: a separator cannot be sent as text.
      const bool separates = c == separators.field || c == separators.component ||
                             c == separators.repetition || c == '\r' || c == '\n';
      safe.push_back(separates ? ' ' : c);
    } else if (c == separators.field) {
      safe += quoted('F');
    } else if (c == separators.component) {
      safe += quoted('S');
    } else if (c == separators.repetition) {
      safe += quoted('R');
    } else if (c == escape) {
      safe += quoted('E');
    } else if (separators.subcomponent != 0 && c == separators.subcomponent) {
      safe += quoted('T');
    } else if (separators.truncation != 0 && c == separators.truncation) {
      safe += quoted('P');
    } else if (c == '\r') {
      continue;
    } else if (c == '\n') {
      safe += std::string{escape} + ".br" + escape;
    } else {
      safe.push_back(c);
    }
  }
  return safe;
}

}  // namespace yilian::gateway::hl7
