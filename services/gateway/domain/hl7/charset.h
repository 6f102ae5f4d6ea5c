// Character sets of HL7 messages: which one a message is in, and the way to UTF-8 and back.
//
// A message is decoded whole, before it is split: the second byte of a GB18030 character may be one
// of | ^ \ ~.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/domain/hl7/fault.h"

namespace yilian::gateway::hl7 {

enum class Charset { kUtf8, kGb18030, kAscii, kLatin1 };

// By the name in MSH-18 (table 0211: "UNICODE UTF-8", "GB 18030-2000", "8859/1", "ASCII") or one of
// the spellings that senders use for the same ("UTF-8", "GBK"). GB2312 and GBK are read as GB18030,
// which contains them.
std::optional<Charset> CharsetNamed(std::string_view name);
// The name of table 0211.
std::string_view Hl7Name(Charset charset);

// True for well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view bytes);

// Decodes; nullopt with the offset of the first byte that does not fit in `*bad_offset`. Memory:
// the result, and 4 KiB.
std::optional<std::string> ToUtf8(std::string_view bytes, Charset charset, size_t* bad_offset);
// Encodes for an answer; a character that the set does not have becomes '?'.
std::string FromUtf8(std::string_view text, Charset charset);

// The header segment read under the assumption that the message is in `charset`. fields[n] is MSH-n
// as sent, undecoded escapes and all; fields[0] is "MSH".
struct HeaderReading {
  Charset charset;
  std::vector<std::string> fields;

  // First component of the first repetition of MSH-`field`; "" when absent.
  std::string First(size_t field) const;
};
// Every reading of the header that is possible, likeliest first (UTF-8, GB18030, 8859/1); empty
// when the bytes do not start with a header segment. A byte-order mark and line ends before the
// header are skipped. Looks at 64 KiB at most.
std::vector<HeaderReading> ReadHeader(std::string_view raw);

struct DecodedMessage {
  std::string text;  // UTF-8, without byte-order mark
  Charset charset = Charset::kUtf8;
  bool declared = false;  // by MSH-18
};
// Decodes a whole message. In order: a byte-order mark; MSH-18, where the header read in the set it
// names names that set; UTF-8 where that is well formed; the sender's own default. A sender whose
// default is GB18030 keeps it for text that is well-formed UTF-8 by chance: two-byte sequences
// alone, as pairs of Chinese characters make them. Faults: 102 at MSH-18 with the offset of the
// first bad byte, 103 for a set we do not know, 100 without a header.
std::optional<DecodedMessage> DecodeMessage(std::string_view raw, Charset sender_default,
                                            Faults& faults);

}  // namespace yilian::gateway::hl7
