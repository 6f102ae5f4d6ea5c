// Decoding: what comes out is well-formed UTF-8, and what was decoded encodes back to the same
// bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "services/gateway/domain/hl7/charset.h"

namespace hl7 = yilian::gateway::hl7;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const hl7::Charset charset :
       {hl7::Charset::kUtf8, hl7::Charset::kGb18030, hl7::Charset::kAscii, hl7::Charset::kLatin1}) {
    size_t bad_offset = 0;
    const auto text = hl7::ToUtf8(bytes, charset, &bad_offset);
    if (!text) {
      if (bad_offset > size) std::abort();
      continue;
    }
    if (!hl7::IsUtf8(*text)) std::abort();
    const std::string back = hl7::FromUtf8(*text, charset);
    // GB18030 has a few characters with two codes; the text is what must stay.
    const auto again = hl7::ToUtf8(back, charset, &bad_offset);
    if (!again || *again != *text) std::abort();
    if (charset != hl7::Charset::kGb18030 && back != bytes) std::abort();
  }
  return 0;
}
