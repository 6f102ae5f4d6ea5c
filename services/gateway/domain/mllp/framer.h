// MLLP framing: 0x0B message 0x1C 0x0D, cut out of a byte stream that may be slow, broken or
// hostile.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace yilian::gateway::mllp {

inline constexpr char kStartBlock = '\x0B';
inline constexpr char kEndBlock = '\x1C';
inline constexpr char kCarriageReturn = '\x0D';

struct FrameLimits {
  size_t message_bytes = 20 * 1000 * 1000;
  // Kept of a message that is too long: enough to read its header and refuse it by its control id.
  size_t head_bytes = 8 * 1024;
  // Bytes between frames that are neither CR, LF nor blank before the peer counts as no MLLP
  // speaker.
  size_t stray_bytes = 1024;
};

struct Frame {
  std::string content;  // the message, or the head of one that is too long
  bool too_long = false;
  size_t total_bytes = 0;  // of the message as sent
};

// Reads one connection's bytes. Not thread-safe. Memory: one message up to the limit, nothing
// beyond it.
class Framer {
 public:
  explicit Framer(FrameLimits limits) : limits_(limits) {}

  // Takes bytes up to the end of one frame; returns how many it took. While a frame waits to be
  // taken it takes none, so that a peer cannot make us store more than one.
  size_t Feed(std::string_view bytes);
  // The finished frame, once.
  std::optional<Frame> Take();

  // The peer sends something that is not MLLP; the connection is to be closed.
  bool is_broken() const { return broken_; }
  // In the middle of a message.
  bool is_inside() const { return state_ != State::kBetween; }
  // Bytes of the message that is being received.
  size_t buffered() const { return content_.capacity(); }
  // Messages that were begun and never ended because another one began.
  size_t abandoned() const { return abandoned_; }

 private:
  enum class State { kBetween, kInside, kEnding };

  void TakeBetween(char c);
  size_t TakeInside(std::string_view bytes);
  void TakeEnding(char c);
  void Keep(std::string_view bytes);
  void CutToHead();
  void Finish();
  void RestartWhereHeaderBegins(size_t look_from);

  const FrameLimits limits_;
  State state_ = State::kBetween;
  std::string content_;
  size_t total_ = 0;
  bool too_long_ = false;
  size_t stray_ = 0;
  size_t abandoned_ = 0;
  bool broken_ = false;
  std::optional<Frame> ready_;
};

// A message as a frame.
std::string Wrap(std::string_view message);

}  // namespace yilian::gateway::mllp
