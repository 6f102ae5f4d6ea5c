// What is wrong with a message, and where: precise enough for an ERR segment, without a word of the
// message's content.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yilian::gateway::hl7 {

// HL7 table 0357, message error condition codes.
enum class FaultCode {
  kSegmentSequence = 100,
  kRequiredFieldMissing = 101,
  kDataType = 102,
  kTableValueNotFound = 103,
  kValueTooLong = 104,
  kUnsupportedMessageType = 200,
  kUnsupportedEventCode = 201,
  kUnsupportedProcessingId = 202,
  kUnsupportedVersion = 203,
  kUnknownKey = 204,
  kDuplicateKey = 205,
  kInternal = 207,
};

// The table's own words for a code.
std::string_view FaultText(FaultCode code);

// A place in a message, counted from 1 as HL7 counts; 0: not said.
struct Location {
  std::string segment;
  int sequence = 1;  // which segment of that name
  int field = 0;
  int repetition = 0;
  int component = 0;

  // "OBX[2]-5.1", for people.
  std::string ToString() const;
  auto operator<=>(const Location&) const = default;
};

struct Fault {
  FaultCode code = FaultCode::kInternal;
  Location where;
  std::string rule;  // what the place has to satisfy; never its content

  // "101 PID[1]-3: patient identifier is required"
  std::string ToString() const;
  bool operator==(const Fault&) const = default;
};

using Faults = std::vector<Fault>;

}  // namespace yilian::gateway::hl7
