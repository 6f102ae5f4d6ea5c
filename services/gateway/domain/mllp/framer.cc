#include "services/gateway/domain/mllp/framer.h"

#include <algorithm>
#include <utility>

namespace yilian::gateway::mllp {
namespace {

// A message that begins inside another one: the sender gave the first one up.
constexpr std::string_view kRestart = "\x0BMSH";

}  // namespace

size_t Framer::Feed(std::string_view bytes) {
  size_t taken = 0;
  while (taken < bytes.size() && !ready_ && !broken_) {
    switch (state_) {
      case State::kBetween:
        TakeBetween(bytes[taken++]);
        break;
      case State::kInside:
        taken += TakeInside(bytes.substr(taken));
        break;
      case State::kEnding:
        TakeEnding(bytes[taken++]);
        break;
    }
  }
  return taken;
}

std::optional<Frame> Framer::Take() { return std::exchange(ready_, std::nullopt); }

void Framer::TakeBetween(char c) {
  if (c == kStartBlock) {
    state_ = State::kInside;
    stray_ = 0;
    return;
  }
  // Some senders end a frame with CR LF, or keep a connection alive with blanks or a lone CR.
  const bool harmless = c == '\r' || c == '\n' || c == ' ' || c == kEndBlock;
  if (!harmless && ++stray_ > limits_.stray_bytes) broken_ = true;
}

size_t Framer::TakeInside(std::string_view bytes) {
  const size_t end = bytes.find(kEndBlock);
  if (end == std::string_view::npos) {
    Keep(bytes);
    return bytes.size();
  }
  Keep(bytes.substr(0, end));
  state_ = State::kEnding;
  return end + 1;
}

void Framer::TakeEnding(char c) {
  if (c == kCarriageReturn) {
    Finish();
    return;
  }
  if (c == kStartBlock) {
    // The CR is missing, the next message begins.
    Finish();
    state_ = State::kInside;
    return;
  }
  // A lone 0x1C is part of the text.
  const char end_block = kEndBlock;
  Keep({&end_block, 1});
  if (c != kEndBlock) {
    state_ = State::kInside;
    Keep({&c, 1});
  }
}

void Framer::Keep(std::string_view bytes) {
  while (!bytes.empty() && !too_long_) {
    // Four bytes beyond the limit, so that a new message that begins just there is still seen.
    const size_t room = limits_.message_bytes + kRestart.size() - content_.size();
    const std::string_view piece = bytes.substr(0, room);
    bytes.remove_prefix(piece.size());
    total_ += piece.size();
    // The start of another message can only lie in what is new and the three bytes before it.
    const size_t look_from = content_.size() < 3 ? 0 : content_.size() - 3;
    content_.append(piece);
    RestartWhereHeaderBegins(look_from);
    // Not before the room is full: whether it is too long must not depend on how the bytes arrived.
    if (content_.size() == limits_.message_bytes + kRestart.size()) CutToHead();
  }
  total_ += bytes.size();
}

void Framer::RestartWhereHeaderBegins(size_t look_from) {
  size_t start = std::string::npos;
  for (size_t at = content_.find(kRestart, look_from); at != std::string::npos;
       at = content_.find(kRestart, at + 1)) {
    start = at;
    ++abandoned_;
  }
  if (start == std::string::npos) return;
  content_.erase(0, start + 1);
  total_ = content_.size();
}

void Framer::CutToHead() {
  too_long_ = true;
  content_.resize(std::min(content_.size(), limits_.head_bytes));
  content_.shrink_to_fit();
}

void Framer::Finish() {
  state_ = State::kBetween;
  if (content_.size() > limits_.message_bytes) CutToHead();
  ready_ =
      Frame{std::exchange(content_, {}), std::exchange(too_long_, false), std::exchange(total_, 0)};
}

std::string Wrap(std::string_view message) {
  std::string frame;
  frame.reserve(message.size() + 3);
  frame.push_back(kStartBlock);
  frame.append(message);
  frame.push_back(kEndBlock);
  frame.push_back(kCarriageReturn);
  return frame;
}

}  // namespace yilian::gateway::mllp
