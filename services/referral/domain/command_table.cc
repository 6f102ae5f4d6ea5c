#include "services/referral/domain/command_table.h"

#include <array>

namespace yilian::referral {
namespace {

using Rule = CommandRule;
constexpr std::optional<Side> kEither = std::nullopt;

// A down-referral has no booking: the community centre acknowledges it (ACCEPTED), works through
// the tasks and completes; once one is done its sender may only ask to cancel it. A receiver to
// whom a referral was redirected and who refuses gives it back to the first one.
constexpr auto kTable = std::to_array<CommandRule>({
    {State::kDraft, Command::kSubmit, Side::kReferring, State::kSubmitted},
    {State::kDraft, Command::kWithdraw, Side::kReferring, State::kCancelled},

    {State::kSubmitted, Command::kReturn, Side::kReceiving, State::kReturned},
    {State::kSubmitted, Command::kAccept, Side::kReceiving, State::kAccepted},
    {State::kSubmitted, Command::kReject, Side::kReceiving, State::kRejected, Rule::kNotRedirected},
    {State::kSubmitted, Command::kReject, Side::kReceiving, State::kSubmitted, Rule::kRedirected},
    {State::kSubmitted, Command::kRedirect, Side::kReceiving, State::kSubmitted, Rule::kNotDown},
    {State::kSubmitted, Command::kRedirect, Side::kPrevious, State::kSubmitted, Rule::kRedirected},
    {State::kSubmitted, Command::kWithdraw, Side::kReferring, State::kCancelled},

    {State::kReturned, Command::kSubmit, Side::kReferring, State::kSubmitted},
    {State::kReturned, Command::kWithdraw, Side::kReferring, State::kCancelled},

    {State::kAccepted, Command::kSchedule, kEither, State::kAccepted, Rule::kNotDown | Rule::kIdle},
    {State::kAccepted, Command::kRedirect, Side::kReceiving, State::kSubmitted, Rule::kNotDown},
    {State::kAccepted, Command::kArrive, Side::kReceiving, State::kArrived,
     Rule::kGreen | Rule::kNotDown},
    {State::kAccepted, Command::kRecordFollowUp, Side::kReceiving, State::kAccepted, Rule::kDown},
    {State::kAccepted, Command::kRescheduleFollowUp, Side::kReceiving, State::kAccepted,
     Rule::kDown},
    {State::kAccepted, Command::kComplete, Side::kReceiving, State::kCompleted, Rule::kDown},
    {State::kAccepted, Command::kWithdraw, Side::kReferring, State::kCancelled, Rule::kNotBegun},
    {State::kAccepted, Command::kRequestCancellation, Side::kReferring, State::kAccepted,
     Rule::kDown | Rule::kBegun | Rule::kNotAsked},
    {State::kAccepted, Command::kConfirmCancellation, Side::kReceiving, State::kCancelled,
     Rule::kDown | Rule::kAsked},
    {State::kAccepted, Command::kRefuseCancellation, Side::kReceiving, State::kAccepted,
     Rule::kDown | Rule::kAsked},

    {State::kSlotHeld, Command::kWithdraw, Side::kReferring, State::kCancelled},

    {State::kScheduled, Command::kReschedule, kEither, State::kScheduled, Rule::kIdle},
    {State::kScheduled, Command::kArrive, Side::kReceiving, State::kArrived},
    {State::kScheduled, Command::kMarkNoShow, Side::kReceiving, State::kNoShow},
    {State::kScheduled, Command::kWithdraw, Side::kReferring, State::kCancelled},

    {State::kNoShow, Command::kSchedule, kEither, State::kAccepted, Rule::kNotDown | Rule::kIdle},
    {State::kNoShow, Command::kWithdraw, Side::kReferring, State::kCancelled},

    {State::kArrived, Command::kBeginCare, Side::kReceiving, State::kInCare},
    {State::kArrived, Command::kComplete, Side::kReceiving, State::kCompleted},
    {State::kArrived, Command::kRequestCancellation, Side::kReferring, State::kArrived,
     Rule::kNotAsked},
    {State::kArrived, Command::kConfirmCancellation, Side::kReceiving, State::kCancelled,
     Rule::kAsked},
    {State::kArrived, Command::kRefuseCancellation, Side::kReceiving, State::kArrived,
     Rule::kAsked},
    {State::kArrived, Command::kEndStay, Side::kReceiving, State::kArrived, Rule::kStays},
    {State::kArrived, Command::kContinueStay, Side::kReceiving, State::kArrived, Rule::kLetterOwed},

    {State::kInCare, Command::kComplete, Side::kReceiving, State::kCompleted},
    {State::kInCare, Command::kRequestCancellation, Side::kReferring, State::kInCare,
     Rule::kNotAsked},
    {State::kInCare, Command::kConfirmCancellation, Side::kReceiving, State::kCancelled,
     Rule::kAsked},
    {State::kInCare, Command::kRefuseCancellation, Side::kReceiving, State::kInCare, Rule::kAsked},
    {State::kInCare, Command::kEndStay, Side::kReceiving, State::kInCare, Rule::kStays},
    {State::kInCare, Command::kContinueStay, Side::kReceiving, State::kInCare, Rule::kLetterOwed},

    {State::kCompleted, Command::kRate, kEither, State::kCompleted},
    {State::kCompleted, Command::kRecordPatientRating, kEither, State::kCompleted},
    {State::kCompleted, Command::kRecordClosingContact, kEither, State::kCompleted},
});

// The limits that `now` does not meet.
unsigned Unmet(const Circumstances& now) {
  const auto either = [](bool holds, unsigned yes, unsigned no) { return holds ? no : yes; };
  return either(now.direction == Direction::kDown, Rule::kDown, Rule::kNotDown) |
         either(now.channel == Channel::kGreen, Rule::kGreen, 0) |
         either(now.redirected, Rule::kRedirected, Rule::kNotRedirected) |
         either(!now.booking_under_way, Rule::kIdle, 0) |
         either(now.cancellation_asked, Rule::kAsked, Rule::kNotAsked) |
         either(now.letter_owed, Rule::kLetterOwed, Rule::kStays) |
         either(now.work_begun, Rule::kBegun, Rule::kNotBegun);
}

}  // namespace

std::span<const CommandRule> CommandTable() { return kTable; }

const CommandRule* FindRule(State from, Command command, Side side, const Circumstances& now) {
  const unsigned unmet = Unmet(now);
  const CommandRule* of_others = nullptr;
  for (const CommandRule& rule : kTable) {
    if (rule.from != from || rule.command != command || (rule.when & unmet) != 0) continue;
    if (rule.IsFor(side)) return &rule;
    if (of_others == nullptr) of_others = &rule;
  }
  return of_others;
}

std::vector<Command> AvailableCommands(State from, Side side, const Circumstances& now) {
  const unsigned unmet = Unmet(now);
  std::vector<Command> commands;
  for (const CommandRule& rule : kTable) {
    if (rule.from == from && rule.IsFor(side) && (rule.when & unmet) == 0) {
      commands.push_back(rule.command);
    }
  }
  return commands;
}

}  // namespace yilian::referral
