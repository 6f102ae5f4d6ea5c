// Which command is legal in which state, and for which side: the table that domain.md shows, as
// data.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "services/referral/domain/types.h"

namespace yilian::referral {

struct CommandRule {
  State from;
  Command command;
  std::optional<Side> side;  // nullopt: either side
  State to;
  // Limits the row to one kind of referral.
  enum class Only { kAll, kDown, kNotDown, kGreen } only = Only::kAll;
};

// Every legal step, in the order of a referral's life.
std::span<const CommandRule> CommandTable();

// The row for a command in a state, for a referral of this kind; nullptr: not legal now.
const CommandRule* FindRule(State from, Command command, Direction direction, Channel channel);

// What `side` may do in a state, in the order of the table.
std::vector<Command> AvailableCommands(State from, Side side, Direction direction, Channel channel);

}  // namespace yilian::referral
