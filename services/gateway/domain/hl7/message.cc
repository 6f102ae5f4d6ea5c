#include "services/gateway/domain/hl7/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "services/gateway/domain/hl7/escape.h"

namespace yilian::gateway::hl7 {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Part `number` (from 1) of `text` between separators; "" when there are fewer. A separator of 0
// separates nothing.
std::string_view Part(std::string_view text, char separator, int number) {
  for (int at = 1; at < number; ++at) {
    const size_t end = separator == 0 ? std::string_view::npos : text.find(separator);
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return separator == 0 ? text : text.substr(0, text.find(separator));
}

bool IsSegmentName(std::string_view name) {
  return name.size() == 3 && name[0] >= 'A' && name[0] <= 'Z' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

bool IsSeparator(char c) {
  return c > ' ' && c < 0x7F && !std::isalnum(static_cast<unsigned char>(c));
}

uint32_t Packed(std::string_view name) {
  return static_cast<uint32_t>(name[0]) << 16 | static_cast<uint32_t>(name[1]) << 8 |
         static_cast<uint32_t>(name[2]);
}

Fault TooMany(std::string_view what, size_t limit) {
  return {FaultCode::kValueTooLong,
          {"MSH", 1},
          fmt::format("a message has at most {} {}", limit, what)};
}

}  // namespace

std::string_view Segment::name() const { return message_->At(message_->segments_[index_].name); }

int Segment::sequence() const { return message_->segments_[index_].sequence; }

int Segment::field_count() const {
  return static_cast<int>(message_->segments_[index_].field_count);
}

std::string_view Segment::Raw(int field) const {
  const Message::Entry& entry = message_->segments_[index_];
  if (field < 1 || field > static_cast<int>(entry.field_count)) return {};
  return message_->At(message_->fields_[entry.first_field + field - 1]);
}

std::vector<std::string_view> Segment::Repetitions(int field) const {
  std::vector<std::string_view> repetitions;
  std::string_view rest = Raw(field);
  if (rest.empty()) return repetitions;
  while (true) {
    const size_t end = rest.find(message_->separators_.repetition);
    repetitions.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) return repetitions;
    rest.remove_prefix(end + 1);
  }
}

std::string Segment::Text(int field, int component, int repetition, int subcomponent) const {
  const std::string_view raw = Part(Raw(field), message_->separators_.repetition, repetition);
  const std::string_view part =
      Trim(message_->Subcomponent(message_->Component(raw, component), subcomponent));
  if (part == "\"\"") return "";
  return message_->Unescape(part);
}

std::string Segment::FreeText(int field) const {
  if (IsDeleted(field)) return "";
  std::string text;
  for (const std::string_view repetition : Repetitions(field)) {
    if (!text.empty()) text += '\n';
    text += message_->Unescape(repetition);
  }
  return text;
}

Location Segment::At(int field, int component, int repetition) const {
  return {std::string(name()), sequence(), field, repetition, component};
}

std::optional<Message> Message::Parse(std::string text, Charset charset, const Limits& limits,
                                      Faults& faults) {
  if (text.size() > std::min<size_t>(limits.bytes, UINT32_MAX)) {
    faults.push_back(TooMany("bytes", limits.bytes));
    return std::nullopt;
  }
  Message message;
  message.text_ = std::move(text);
  message.charset_ = charset;
  const std::string_view all = message.text_;
  if (all.find('\0') != std::string_view::npos) {
    faults.push_back({FaultCode::kDataType, {"MSH", 1}, "a message holds no byte 0"});
    return std::nullopt;
  }
  size_t at = all.find_first_not_of("\r\n ");
  if (at == std::string_view::npos) at = all.size();
  const std::string_view header = all.substr(at, all.find_first_of("\r\n", at) - at);
  if (!message.ReadSeparators(header, faults)) return std::nullopt;
  while (at < all.size()) {
    const size_t end = std::min(all.find_first_of("\r\n", at), all.size());
    if (!Trim(all.substr(at, end - at)).empty() && !message.AddSegment(at, end, limits, faults)) {
      return std::nullopt;
    }
    at = end + 1;
  }
  return message;
}

bool Message::ReadSeparators(std::string_view line, Faults& faults) {
  const std::string_view name = line.substr(0, 3);
  if (name == "FHS" || name == "BHS") {
    faults.push_back({FaultCode::kUnsupportedMessageType,
                      {std::string(name), 1},
                      "a frame holds one message, not a batch"});
    return false;
  }
  if (name != "MSH" || line.size() < 5) {
    faults.push_back(
        {FaultCode::kSegmentSequence, {"MSH", 1}, "a message starts with the segment MSH"});
    return false;
  }
  separators_.field = line[3];
  const std::string_view rest = line.substr(4);
  const std::string_view encoding = rest.substr(0, rest.find(separators_.field));
  bool usable = IsSeparator(separators_.field) && encoding.size() >= 2 && encoding.size() <= 5;
  std::string seen(1, separators_.field);
  for (const char c : encoding) {
    usable = usable && IsSeparator(c) && seen.find(c) == std::string::npos;
    seen.push_back(c);
  }
  if (!usable) {
    faults.push_back(
        {FaultCode::kDataType,
         {"MSH", 1, 2},
         "two to five different punctuation characters that are not the field separator"});
    return false;
  }
  const auto declared = [&](size_t index) {
    return index < encoding.size() ? encoding[index] : '\0';
  };
  separators_.component = encoding[0];
  separators_.repetition = encoding[1];
  separators_.escape = declared(2);
  separators_.subcomponent = declared(3);
  separators_.truncation = declared(4);
  return true;
}

bool Message::AddSegment(size_t begin, size_t end, const Limits& limits, Faults& faults) {
  const std::string_view all = text_;
  while (begin < end && all[begin] == ' ') ++begin;
  const std::string_view line = all.substr(begin, end - begin);
  const std::string_view name = Trim(line.substr(0, line.find(separators_.field)));
  if (!IsSegmentName(name)) {
    const Location where =
        segments_.empty() ? Location{"MSH", 1} : Segment(this, segments_.size() - 1).At(0);
    faults.push_back(
        {FaultCode::kSegmentSequence, where,
         fmt::format("the line after this segment (line {} of the message) starts with no segment "
                     "name; a line break inside a field is sent as \\.br\\",
                     segments_.size() + 1)});
    return false;
  }
  if (!segments_.empty() && (name == "MSH" || name == "FHS" || name == "BHS")) {
    faults.push_back(
        {FaultCode::kSegmentSequence, {std::string(name), 2}, "a frame holds one message"});
    return false;
  }
  if (segments_.size() == limits.segments) {
    faults.push_back(TooMany("segments", limits.segments));
    return false;
  }
  Entry entry{{static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + name.size())},
              static_cast<uint32_t>(fields_.size()),
              0,
              ++sequences_[Packed(name)]};
  size_t at = begin + name.size();
  if (segments_.empty()) {
    fields_.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(at + 1)});  // MSH-1
  }
  while (at < end && all[at] == ' ') ++at;
  while (at < end) {
    ++at;  // the separator
    const size_t stop = std::min(all.find(separators_.field, at), end);
    if (fields_.size() == limits.fields) {
      faults.push_back(TooMany("fields", limits.fields));
      return false;
    }
    fields_.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(stop)});
    at = stop;
  }
  entry.field_count = static_cast<uint32_t>(fields_.size()) - entry.first_field;
  segments_.push_back(entry);
  return true;
}

std::optional<Segment> Message::First(std::string_view name) const {
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (At(segments_[i].name) == name) return Segment(this, i);
  }
  return std::nullopt;
}

std::string_view Message::Component(std::string_view repetition, int component) const {
  return Part(repetition, separators_.component, component);
}

std::string_view Message::Subcomponent(std::string_view component, int subcomponent) const {
  return Part(component, separators_.subcomponent, subcomponent);
}

std::string Message::Unescape(std::string_view text) const {
  return hl7::Unescape(text, separators_, charset_);
}

}  // namespace yilian::gateway::hl7
