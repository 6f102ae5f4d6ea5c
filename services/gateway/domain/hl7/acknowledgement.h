// Builds the answer to a message: in the sender's separators, version and character set.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/gateway/domain/hl7/charset.h"
#include "services/gateway/domain/hl7/fault.h"
#include "services/gateway/domain/hl7/message.h"

namespace yilian::gateway::hl7 {

// HL7 table 0008. The first three answer in original mode and as application acknowledgement, the
// others accept.
enum class AckCode { kAA, kAE, kAR, kCA, kCE, kCR };
std::string_view AckCodeText(AckCode code);  // "AA"

// What an answer repeats from the message it answers. Default: for bytes in which no header could
// be read.
struct AckContext {
  Separators separators;
  Charset charset = Charset::kUtf8;
  bool charset_declared = false;
  std::string sending_application;    // MSH-3 as sent, escapes included; the others likewise
  std::string sending_facility;       // MSH-4
  std::string receiving_application;  // MSH-5
  std::string receiving_facility;     // MSH-6
  std::string trigger_event;          // MSH-9.2
  std::string control_id;             // MSH-10
  std::string processing_id = "P";    // MSH-11
  std::string version = "2.5.1";      // MSH-12

  static AckContext Of(const Message& message, bool charset_declared);
  // As much as a reading of the header alone gives; for messages that cannot be decoded or split.
  static AckContext Of(const HeaderReading& reading);
};

// Segments end with CR. `own_control_id`: MSH-10 of the answer, at most 20 characters. Every fault
// becomes an ERR: with location, table 0357 code and rule from version 2.5 on, as one ELD before
// that. At most 50 are written.
std::string BuildAcknowledgement(const AckContext& to, AckCode code, const Faults& faults,
                                 std::string_view own_control_id, absl::Time now);

// "2.3.1" -> 231, "2.5" -> 250; 0 when it is no version.
int VersionNumber(std::string_view version);
// True for 2.5 and later; unreadable versions count as later.
bool IsAtLeast25(std::string_view version);

}  // namespace yilian::gateway::hl7
