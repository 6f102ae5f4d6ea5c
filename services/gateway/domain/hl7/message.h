// An HL7 v2 message, split. Reads any separators that MSH-1 and MSH-2 declare and any of the three
// segment ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/gateway/domain/hl7/charset.h"
#include "services/gateway/domain/hl7/fault.h"

namespace yilian::gateway::hl7 {

// What keeps a hostile message from costing more than its own size. 20 MB: the largest message the
// gateway takes.
struct Limits {
  size_t bytes = 20 * 1000 * 1000;
  size_t segments = 100'000;
  size_t fields = 1'000'000;  // of the whole message; 8 bytes of memory each
};

struct Separators {
  char field = '|';
  char component = '^';
  char repetition = '~';
  char escape = '\\';
  char subcomponent = '&';
  char truncation = 0;  // 0: not declared (before 2.7)
};

class Message;

// One segment of a message. A view: valid while the message stays where it is. Fields are numbered
// as in the standard, in MSH too (MSH-1 is the separator itself).
class Segment {
 public:
  Segment(const Message* message, size_t index) : message_(message), index_(index) {}

  std::string_view name() const;
  size_t index() const { return index_; }  // in the message, from 0
  int sequence() const;                    // among the segments of this name, from 1
  int field_count() const;

  // A field as sent, escapes and repetitions included; "" when absent.
  std::string_view Raw(int field) const;
  bool Has(int field) const { return !Raw(field).empty(); }
  // The field is `""`: the sender wants the value deleted.
  bool IsDeleted(int field) const { return Raw(field) == "\"\""; }
  // The repetitions as sent; none for an empty field.
  std::vector<std::string_view> Repetitions(int field) const;

  // One subcomponent, unescaped, without spaces around it; "" when absent or deleted.
  std::string Text(int field, int component = 1, int repetition = 1, int subcomponent = 1) const;
  // A whole field with every separator in it taken as text, unescaped; repetitions are joined by
  // line breaks. For free text, whose senders forget to escape.
  std::string FreeText(int field) const;

  // A place in this segment, for a fault.
  Location At(int field, int component = 0, int repetition = 0) const;

 private:
  const Message* message_;
  size_t index_;
};

class Message {
 public:
  // Splits in time linear in the size. Faults (none of them carries content): 100 for what is no
  // segment or a second header, 101/102 for unusable separators, 104 for a limit.
  static std::optional<Message> Parse(std::string text, Charset charset, const Limits& limits,
                                      Faults& faults);

  const Separators& separators() const { return separators_; }
  Charset charset() const { return charset_; }
  size_t size() const { return segments_.size(); }
  Segment operator[](size_t index) const { return Segment(this, index); }
  Segment header() const { return Segment(this, 0); }
  std::optional<Segment> First(std::string_view name) const;

  // One component of a piece of text, by this message's separators; counted from 1.
  std::string_view Component(std::string_view repetition, int component) const;
  std::string_view Subcomponent(std::string_view component, int subcomponent) const;
  // Resolves \F\ \S\ \T\ \R\ \E\ \P\ \.br\ \.sp<n>\ \Xhh..\; highlighting disappears; what is not
  // an escape stays as sent.
  std::string Unescape(std::string_view text) const;

 private:
  friend class Segment;
  struct Range {
    uint32_t begin;
    uint32_t end;
  };
  struct Entry {
    Range name;
    uint32_t first_field;  // into fields_
    uint32_t field_count;
    int sequence;
  };
  Message() = default;
  bool ReadSeparators(std::string_view line, Faults& faults);
  bool AddSegment(size_t begin, size_t end, const Limits& limits, Faults& faults);
  std::string_view At(const Range& range) const {
    return std::string_view(text_).substr(range.begin, range.end - range.begin);
  }

  std::string text_;
  Charset charset_ = Charset::kUtf8;
  Separators separators_;
  std::vector<Entry> segments_;
  std::vector<Range> fields_;
  absl::flat_hash_map<uint32_t, int> sequences_;  // how many of each segment name
};

}  // namespace yilian::gateway::hl7
