#include "services/gateway/domain/hl7/charset.h"

#include <fmt/format.h>
#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

namespace yilian::gateway::hl7 {
namespace {

constexpr size_t kHeaderLimit = 64 * 1024;
constexpr size_t kCharsetField = 18;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kGb18030Mark = "\x84\x31\x95\x33";

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

Converter OpenConverter(const char* name) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &error));
  return U_SUCCESS(error) ? std::move(converter) : nullptr;
}

// Length of the well-formed sequence at `at`, 0 when it is not one.
size_t Utf8SequenceLength(std::string_view bytes, size_t at) {
  const auto byte = [&](size_t i) -> unsigned {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  const auto in = [&](size_t i, unsigned low, unsigned high) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return in(at + 1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return in(at + 1, low, high) && in(at + 2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return in(at + 1, low, high) && in(at + 2, 0x80, 0xBF) && in(at + 3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

struct Utf8Scan {
  size_t bad_offset;  // size of the text when it is well formed
  size_t longest;     // longest sequence met
};

Utf8Scan ScanUtf8(std::string_view bytes) {
  Utf8Scan scan{bytes.size(), 0};
  for (size_t at = 0; at < bytes.size();) {
    const size_t length = Utf8SequenceLength(bytes, at);
    if (length == 0) {
      scan.bad_offset = at;
      return scan;
    }
    scan.longest = std::max(scan.longest, length);
    at += length;
  }
  return scan;
}

std::optional<std::string> Gb18030ToUtf8(std::string_view bytes, size_t* bad_offset) {
  const Converter from = OpenConverter("gb18030");
  const Converter to = OpenConverter("UTF-8");
  *bad_offset = 0;
  if (!from || !to) return std::nullopt;
  UErrorCode error = U_ZERO_ERROR;
  ucnv_setToUCallBack(from.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 2);
  std::array<char, 4096> out;
  std::array<UChar, 1024> pivot;
  UChar* pivot_source = pivot.data();
  UChar* pivot_target = pivot.data();
  const char* source = bytes.data();
  const char* const end = bytes.data() + bytes.size();
  bool reset = true;
  do {
    char* target = out.data();
    error = U_ZERO_ERROR;
    ucnv_convertEx(to.get(), from.get(), &target, out.data() + out.size(), &source, end,
                   pivot.data(), &pivot_source, &pivot_target, pivot.data() + pivot.size(), reset,
                   true, &error);
    reset = false;
    text.append(out.data(), target - out.data());
  } while (error == U_BUFFER_OVERFLOW_ERROR);
  if (U_SUCCESS(error)) return text;
  *bad_offset = source - bytes.data();
  return std::nullopt;
}

std::string Utf8ToGb18030(std::string_view text) {
  const Converter from = OpenConverter("UTF-8");
  const Converter to = OpenConverter("gb18030");
  if (!from || !to) return std::string(text);
  std::string bytes;
  std::array<char, 4096> out;
  std::array<UChar, 1024> pivot;
  UChar* pivot_source = pivot.data();
  UChar* pivot_target = pivot.data();
  const char* source = text.data();
  bool reset = true;
  UErrorCode error = U_ZERO_ERROR;
  do {
    char* target = out.data();
    error = U_ZERO_ERROR;
    ucnv_convertEx(to.get(), from.get(), &target, out.data() + out.size(), &source,
                   text.data() + text.size(), pivot.data(), &pivot_source, &pivot_target,
                   pivot.data() + pivot.size(), reset, true, &error);
    reset = false;
    bytes.append(out.data(), target - out.data());
  } while (error == U_BUFFER_OVERFLOW_ERROR);
  return bytes;
}

std::string Utf8ToSingleByte(std::string_view text, unsigned limit) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t length = std::max<size_t>(1, Utf8SequenceLength(text, at));
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      bytes.push_back(text[at]);
    } else {
      const unsigned code =
          length == 2 ? (lead & 0x1Fu) << 6 | (static_cast<unsigned char>(text[at + 1]) & 0x3Fu)
                      : 0xFFFFu;
      bytes.push_back(code < limit ? static_cast<char>(code) : '?');
    }
    at += length;
  }
  return bytes;
}

// The message without what may stand before its header.
std::string_view SkipToHeader(std::string_view raw, std::optional<Charset>* marked) {
  if (raw.substr(0, kUtf8Mark.size()) == kUtf8Mark) {
    *marked = Charset::kUtf8;
    raw.remove_prefix(kUtf8Mark.size());
  } else if (raw.substr(0, kGb18030Mark.size()) == kGb18030Mark) {
    *marked = Charset::kGb18030;
    raw.remove_prefix(kGb18030Mark.size());
  }
  while (!raw.empty() && (raw[0] == '\r' || raw[0] == '\n' || raw[0] == ' ')) raw.remove_prefix(1);
  return raw;
}

std::optional<HeaderReading> ReadHeaderAs(std::string_view line, Charset charset) {
  size_t bad_offset;
  const std::optional<std::string> text = ToUtf8(line, charset, &bad_offset);
  if (!text) return std::nullopt;
  HeaderReading reading{charset, {"MSH", text->substr(3, 1)}};
  const char separator = (*text)[3];
  for (size_t at = 4; at <= text->size();) {
    const size_t end = std::min(text->find(separator, at), text->size());
    reading.fields.push_back(text->substr(at, end - at));
    at = end + 1;
  }
  return reading;
}

// The set that MSH-18 names; nullopt when no reading names one. A reading that is in the set it
// names goes before one that contradicts itself; where all do, the name stands and decoding will
// say which byte is wrong.
std::optional<Charset> DeclaredCharset(const std::vector<HeaderReading>& readings, bool* unknown) {
  std::optional<Charset> contradicted;
  for (const HeaderReading& reading : readings) {
    const std::string name = reading.First(kCharsetField);
    if (name.empty()) continue;
    const std::optional<Charset> named = CharsetNamed(name);
    if (!named) {
      // Only the likeliest reading may call a name unknown: in a wrong one MSH-18 may be another
      // field.
      if (&reading == &readings.front()) *unknown = true;
      continue;
    }
    // What is well-formed UTF-8 is nearly always ASCII here, and ASCII is the same in every set.
    const bool ascii_header = reading.charset == Charset::kUtf8;
    if (*named == reading.charset || ascii_header) return named;
    if (!contradicted) contradicted = named;
  }
  return contradicted;
}

Fault CharsetFault(FaultCode code, std::string rule) {
  return {code, {"MSH", 1, static_cast<int>(kCharsetField), 0, 0}, std::move(rule)};
}

}  // namespace

std::optional<Charset> CharsetNamed(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    key.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  if (key == "UNICODEUTF8" || key == "UTF8" || key == "UNICODE") return Charset::kUtf8;
  if (key == "GB180302000" || key == "GB18030" || key == "GBK" || key == "GB2312" ||
      key == "GB180302005" || key == "GB180302022") {
    return Charset::kGb18030;
  }
  if (key == "ASCII" || key == "USASCII" || key == "ISOIR6") return Charset::kAscii;
  if (key == "8859/1" || key == "88591" || key == "ISO88591") return Charset::kLatin1;
  return std::nullopt;
}

std::string_view Hl7Name(Charset charset) {
  switch (charset) {
    case Charset::kUtf8:
      return "UNICODE UTF-8";
    case Charset::kGb18030:
      return "GB 18030-2000";
    case Charset::kAscii:
      return "ASCII";
    case Charset::kLatin1:
      return "8859/1";
  }
  return "UNICODE UTF-8";
}

bool IsUtf8(std::string_view bytes) { return ScanUtf8(bytes).bad_offset == bytes.size(); }

std::optional<std::string> ToUtf8(std::string_view bytes, Charset charset, size_t* bad_offset) {
  switch (charset) {
    case Charset::kUtf8:
      *bad_offset = ScanUtf8(bytes).bad_offset;
      if (*bad_offset != bytes.size()) return std::nullopt;
      return std::string(bytes);
    case Charset::kGb18030:
      return Gb18030ToUtf8(bytes, bad_offset);
    case Charset::kAscii: {
      const auto high = std::find_if(bytes.begin(), bytes.end(),
                                     [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
      *bad_offset = high - bytes.begin();
      if (high != bytes.end()) return std::nullopt;
      return std::string(bytes);
    }
    case Charset::kLatin1: {
      std::string text;
      text.reserve(bytes.size() + bytes.size() / 8);
      for (const char c : bytes) {
        const auto code = static_cast<unsigned char>(c);
        if (code >= 0x80) text.push_back(static_cast<char>(0xC0 | code >> 6));
        text.push_back(code < 0x80 ? c : static_cast<char>(0x80 | (code & 0x3F)));
      }
      return text;
    }
  }
  return std::nullopt;
}

std::string FromUtf8(std::string_view text, Charset charset) {
  switch (charset) {
    case Charset::kUtf8:
      return std::string(text);
    case Charset::kGb18030:
      return Utf8ToGb18030(text);
    case Charset::kAscii:
      return Utf8ToSingleByte(text, 0x80);
    case Charset::kLatin1:
      return Utf8ToSingleByte(text, 0x100);
  }
  return std::string(text);
}

std::string HeaderReading::First(size_t field) const {
  if (field >= fields.size()) return "";
  const std::string& value = fields[field];
  const std::string& encoding = fields.size() > 2 ? fields[2] : fields[1];
  std::string first = value.substr(0, value.find_first_of(encoding.substr(0, 2)));
  while (!first.empty() && first.back() == ' ') first.pop_back();
  return first;
}

std::vector<HeaderReading> ReadHeader(std::string_view raw) {
  std::optional<Charset> marked;
  raw = SkipToHeader(raw, &marked);
  // CR and LF are never part of a GB18030 or UTF-8 character, so the header's end can be found in
  // undecoded bytes.
  const std::string_view line =
      raw.substr(0, kHeaderLimit).substr(0, raw.substr(0, kHeaderLimit).find_first_of("\r\n"));
  std::vector<HeaderReading> readings;
  if (line.size() < 5 || line.substr(0, 3) != "MSH") return readings;
  if (static_cast<unsigned char>(line[3]) >= 0x80) return readings;
  for (const Charset charset : {Charset::kUtf8, Charset::kGb18030, Charset::kLatin1}) {
    if (marked && charset != *marked) continue;
    if (std::optional<HeaderReading> reading = ReadHeaderAs(line, charset)) {
      readings.push_back(*std::move(reading));
    }
  }
  return readings;
}

std::optional<DecodedMessage> DecodeMessage(std::string_view raw, Charset sender_default,
                                            Faults& faults) {
  const std::vector<HeaderReading> readings = ReadHeader(raw);
  std::optional<Charset> marked;
  const std::string_view body = SkipToHeader(raw, &marked);
  if (readings.empty() && (body.substr(0, 3) == "FHS" || body.substr(0, 3) == "BHS")) {
    faults.push_back({FaultCode::kUnsupportedMessageType,
                      {std::string(body.substr(0, 3)), 1},
                      "a frame holds one message, not a batch"});
    return std::nullopt;
  }
  if (readings.empty()) {
    faults.push_back({FaultCode::kSegmentSequence,
                      {"MSH", 1},
                      "a message starts with the segment MSH, in UTF-8, GB18030, ASCII or 8859/1"});
    return std::nullopt;
  }
  bool unknown = false;
  const std::optional<Charset> declared = DeclaredCharset(readings, &unknown);
  if (unknown && !declared && !marked) {
    faults.push_back(CharsetFault(FaultCode::kTableValueNotFound,
                                  "one of UNICODE UTF-8, GB 18030-2000, ASCII, 8859/1"));
    return std::nullopt;
  }
  Charset charset = marked.value_or(declared.value_or(sender_default));
  if (!marked && !declared && sender_default != Charset::kUtf8) {
    const Utf8Scan scan = ScanUtf8(body);
    const size_t enough = sender_default == Charset::kGb18030 ? 3 : 2;
    if (scan.bad_offset == body.size() && scan.longest >= enough) charset = Charset::kUtf8;
  }
  size_t bad_offset = 0;
  std::optional<std::string> text = ToUtf8(body, charset, &bad_offset);
  if (!text) {
    faults.push_back(CharsetFault(FaultCode::kDataType,
                                  fmt::format("the message is {} {}, the byte at offset {} is not",
                                              declared ? "declared" : "read as", Hl7Name(charset),
                                              bad_offset + (raw.size() - body.size()))));
    return std::nullopt;
  }
  return DecodedMessage{*std::move(text), charset, declared.has_value()};
}

}  // namespace yilian::gateway::hl7
