#include "services/referral/domain/types.h"

#include <array>
#include <utility>

namespace yilian::referral {
namespace {

constexpr std::array<std::pair<State, std::string_view>, 12> kStates = {{
    {State::kDraft, "DRAFT"},
    {State::kSubmitted, "SUBMITTED"},
    {State::kReturned, "RETURNED"},
    {State::kAccepted, "ACCEPTED"},
    {State::kSlotHeld, "SLOT_HELD"},
    {State::kScheduled, "SCHEDULED"},
    {State::kArrived, "ARRIVED"},
    {State::kInCare, "IN_CARE"},
    {State::kCompleted, "COMPLETED"},
    {State::kRejected, "REJECTED"},
    {State::kCancelled, "CANCELLED"},
    {State::kNoShow, "NO_SHOW"},
}};

constexpr std::array<std::pair<Command, std::string_view>, 12> kCommands = {{
    {Command::kSubmit, "SUBMIT"},
    {Command::kReturn, "RETURN"},
    {Command::kAccept, "ACCEPT"},
    {Command::kReject, "REJECT"},
    {Command::kSchedule, "SCHEDULE"},
    {Command::kArrive, "ARRIVE"},
    {Command::kBeginCare, "BEGIN_CARE"},
    {Command::kComplete, "COMPLETE"},
    {Command::kWithdraw, "WITHDRAW"},
    {Command::kMarkNoShow, "MARK_NO_SHOW"},
    {Command::kRecordFollowUp, "RECORD_FOLLOW_UP"},
    {Command::kRate, "RATE"},
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

std::string_view Name(Side side) { return side == Side::kReferring ? "REFERRING" : "RECEIVING"; }

std::optional<State> StateFromName(std::string_view name) {
  for (const auto& [value, text] : kStates) {
    if (text == name) return value;
  }
  return std::nullopt;
}

}  // namespace yilian::referral
