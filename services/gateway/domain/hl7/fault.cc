#include "services/gateway/domain/hl7/fault.h"

#include <fmt/format.h>

namespace yilian::gateway::hl7 {

std::string_view FaultText(FaultCode code) {
  switch (code) {
    case FaultCode::kSegmentSequence:
      return "Segment sequence error";
    case FaultCode::kRequiredFieldMissing:
      return "Required field missing";
    case FaultCode::kDataType:
      return "Data type error";
    case FaultCode::kTableValueNotFound:
      return "Table value not found";
    case FaultCode::kValueTooLong:
      return "Value too long";
    case FaultCode::kUnsupportedMessageType:
      return "Unsupported message type";
    case FaultCode::kUnsupportedEventCode:
      return "Unsupported event code";
    case FaultCode::kUnsupportedProcessingId:
      return "Unsupported processing id";
    case FaultCode::kUnsupportedVersion:
      return "Unsupported version id";
    case FaultCode::kUnknownKey:
      return "Unknown key identifier";
    case FaultCode::kDuplicateKey:
      return "Duplicate key identifier";
    case FaultCode::kInternal:
      return "Application internal error";
  }
  return "Application internal error";
}

std::string Location::ToString() const {
  std::string text = fmt::format("{}[{}]", segment, sequence);
  if (field > 0) text += fmt::format("-{}", field);
  if (repetition > 1) text += fmt::format("({})", repetition);
  if (component > 0) text += fmt::format(".{}", component);
  return text;
}

std::string Fault::ToString() const {
  return fmt::format("{} {}: {}", static_cast<int>(code), where.ToString(), rule);
}

}  // namespace yilian::gateway::hl7
