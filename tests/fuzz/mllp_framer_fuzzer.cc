// Framing: however the bytes are cut, the same frames come out, and none is longer than allowed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "services/gateway/domain/mllp/framer.h"

namespace mllp = yilian::gateway::mllp;

namespace {

mllp::FrameLimits Limits() {
  mllp::FrameLimits limits;
  limits.message_bytes = 256;
  limits.head_bytes = 32;
  limits.stray_bytes = 64;
  return limits;
}

std::vector<std::string> Frames(std::string_view bytes, size_t piece) {
  mllp::Framer framer(Limits());
  std::vector<std::string> frames;
  while (!bytes.empty() && !framer.is_broken()) {
    std::string_view next = bytes.substr(0, piece);
    bytes.remove_prefix(next.size());
    while (!next.empty() && !framer.is_broken()) {
      next.remove_prefix(framer.Feed(next));
      if (framer.buffered() > 4096) std::abort();
      while (auto frame = framer.Take()) {
        if (frame->content.size() > Limits().message_bytes) std::abort();
        frames.push_back(frame->too_long ? "too long" : frame->content);
      }
    }
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  if (Frames(bytes, bytes.size() + 1) != Frames(bytes, 1 + data[0] % 64)) std::abort();
  return 0;
}
