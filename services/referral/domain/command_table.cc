#include "services/referral/domain/command_table.h"

#include <algorithm>
#include <array>

namespace yilian::referral {
namespace {

using Only = CommandRule::Only;
constexpr std::optional<Side> kEither = std::nullopt;

// A down-referral has no booking: the community centre acknowledges it (ACCEPTED), works through
// the tasks and completes.
constexpr auto kTable = std::to_array<CommandRule>({
    {State::kDraft, Command::kSubmit, Side::kReferring, State::kSubmitted},
    {State::kReturned, Command::kSubmit, Side::kReferring, State::kSubmitted},
    {State::kSubmitted, Command::kReturn, Side::kReceiving, State::kReturned},
    {State::kSubmitted, Command::kAccept, Side::kReceiving, State::kAccepted},
    {State::kSubmitted, Command::kReject, Side::kReceiving, State::kRejected},
    {State::kAccepted, Command::kSchedule, kEither, State::kAccepted, Only::kNotDown},
    {State::kNoShow, Command::kSchedule, kEither, State::kAccepted, Only::kNotDown},
    {State::kScheduled, Command::kArrive, Side::kReceiving, State::kArrived},
    {State::kAccepted, Command::kArrive, Side::kReceiving, State::kArrived, Only::kGreen},
    {State::kScheduled, Command::kMarkNoShow, Side::kReceiving, State::kNoShow},
    {State::kArrived, Command::kBeginCare, Side::kReceiving, State::kInCare},
    {State::kArrived, Command::kComplete, Side::kReceiving, State::kCompleted},
    {State::kInCare, Command::kComplete, Side::kReceiving, State::kCompleted},
    {State::kAccepted, Command::kRecordFollowUp, Side::kReceiving, State::kAccepted, Only::kDown},
    {State::kAccepted, Command::kComplete, Side::kReceiving, State::kCompleted, Only::kDown},
    {State::kCompleted, Command::kRate, kEither, State::kCompleted},
    {State::kDraft, Command::kWithdraw, Side::kReferring, State::kCancelled},
    {State::kSubmitted, Command::kWithdraw, Side::kReferring, State::kCancelled},
    {State::kReturned, Command::kWithdraw, Side::kReferring, State::kCancelled},
    {State::kAccepted, Command::kWithdraw, Side::kReferring, State::kCancelled},
    {State::kSlotHeld, Command::kWithdraw, Side::kReferring, State::kCancelled},
    {State::kScheduled, Command::kWithdraw, Side::kReferring, State::kCancelled},
    {State::kNoShow, Command::kWithdraw, Side::kReferring, State::kCancelled},
});

bool Applies(const CommandRule& rule, Direction direction, Channel channel) {
  switch (rule.only) {
    case Only::kAll:
      return true;
    case Only::kDown:
      return direction == Direction::kDown;
    case Only::kNotDown:
      return direction != Direction::kDown;
    case Only::kGreen:
      return direction != Direction::kDown && channel == Channel::kGreen;
  }
  return false;
}

}  // namespace

std::span<const CommandRule> CommandTable() { return kTable; }

const CommandRule* FindRule(State from, Command command, Direction direction, Channel channel) {
  for (const CommandRule& rule : kTable) {
    if (rule.from == from && rule.command == command && Applies(rule, direction, channel)) {
      return &rule;
    }
  }
  return nullptr;
}

std::vector<Command> AvailableCommands(State from, Side side, Direction direction,
                                       Channel channel) {
  std::vector<Command> commands;
  for (const CommandRule& rule : kTable) {
    if (rule.from == from && (!rule.side || *rule.side == side) &&
        Applies(rule, direction, channel)) {
      commands.push_back(rule.command);
    }
  }
  return commands;
}

}  // namespace yilian::referral
