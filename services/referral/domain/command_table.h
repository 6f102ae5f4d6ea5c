// Which command is legal in which state, and for which side: the table that domain.md shows, as
// data.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "services/referral/domain/types.h"

namespace yilian::referral {

// What a row depends on beside the state.
struct Circumstances {
  Direction direction = Direction::kUp;
  Channel channel = Channel::kStandard;
  bool redirected = false;          // to a receiver who has not answered yet
  bool booking_under_way = false;   // a saga holds, books or moves a seat
  bool cancellation_asked = false;  // and neither confirmed nor refused
  bool letter_owed = false;         // of a patient who was there: the visit is over
  bool work_begun = false;          // a follow-up was done
};

struct CommandRule {
  // Limits a row; several hold together.
  enum When : unsigned {
    kAlways = 0,
    kDown = 1,
    kNotDown = 2,
    kGreen = 4,
    kRedirected = 8,
    kNotRedirected = 16,
    kIdle = 32,  // no booking under way
    kAsked = 64,
    kNotAsked = 128,
    kLetterOwed = 256,
    kStays = 512,  // the visit is not over
    kBegun = 1024,
    kNotBegun = 2048,
  };

  State from;
  Command command;
  std::optional<Side> side;  // nullopt: the referring or the receiving one
  State to;
  unsigned when = kAlways;

  bool IsFor(Side caller) const {
    return side ? *side == caller : caller == Side::kReferring || caller == Side::kReceiving;
  }
};

// Every legal step, in the order of a referral's life.
std::span<const CommandRule> CommandTable();

// The row for a command of `side`. Where only other sides have one: the first of theirs, which
// IsFor tells. nullptr: not legal now, whoever asks.
const CommandRule* FindRule(State from, Command command, Side side, const Circumstances& now);

// What `side` may do in a state, in the order of the table.
std::vector<Command> AvailableCommands(State from, Side side, const Circumstances& now);

}  // namespace yilian::referral
