#include "services/consultation/domain/types.h"

#include <array>
#include <utility>

namespace yilian::consultation {
namespace {

constexpr std::array<std::pair<State, std::string_view>, 7> kStates = {{
    {State::kRequested, "REQUESTED"},
    {State::kAssigned, "ASSIGNED"},
    {State::kOpinionDrafted, "OPINION_DRAFTED"},
    {State::kSigned, "SIGNED"},
    {State::kAcknowledged, "ACKNOWLEDGED"},
    {State::kDeclined, "DECLINED"},
    {State::kCancelled, "CANCELLED"},
}};

constexpr std::array<std::pair<Command, std::string_view>, 6> kCommands = {{
    {Command::kClaim, "CLAIM"},
    {Command::kSaveDraft, "SAVE_DRAFT"},
    {Command::kSign, "SIGN"},
    {Command::kAcknowledge, "ACKNOWLEDGE"},
    {Command::kDecline, "DECLINE"},
    {Command::kCancel, "CANCEL"},
}};

}  // namespace

std::string_view Name(State state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return "";
}

std::string_view Name(Command command) {
  for (const auto& [value, name] : kCommands) {
    if (value == command) return name;
  }
  return "";
}

std::string_view Name(Side side) { return side == Side::kRequesting ? "REQUESTING" : "CONSULTED"; }

std::optional<State> StateFromName(std::string_view name) {
  for (const auto& [value, text] : kStates) {
    if (text == name) return value;
  }
  return std::nullopt;
}

}  // namespace yilian::consultation
