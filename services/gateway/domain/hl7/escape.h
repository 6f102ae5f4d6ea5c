// Escape sequences of HL7 text, both ways.
#pragma once

#include <string>
#include <string_view>

#include "services/gateway/domain/hl7/message.h"

namespace yilian::gateway::hl7 {

// Resolves the escapes; the bytes of \Xhh..\ are in `charset`. A sequence that is none, or whose
// bytes are no text, stays as sent: nothing is lost.
std::string Unescape(std::string_view text, const Separators& separators, Charset charset);
// Makes text safe between `separators`; line breaks become \.br\.
std::string Escape(std::string_view text, const Separators& separators);

}  // namespace yilian::gateway::hl7
