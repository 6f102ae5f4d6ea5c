// Which records are worth comparing: those that share a key.
#pragma once

#include <string>
#include <vector>

#include "services/directory/domain/matching.h"

namespace yilian::directory {

// No record has more keys.
inline constexpr int kMostBlockingKeys = 10;

// Texts that a record shares with most others of the same person, whatever one field of it says
// wrongly, and with few of other people. They identify: stored they are blind-indexed. Each once.
//
//   name and year            a wrong month or day, another telephone number
//   name, day and month      a wrong year
//   date and half the name   the other half wrong; day and month swapped
//   date                     the name wrong, or in other characters by another sound
//   telephone                name or date wrong or missing
//   name                     the date missing; useless for a common name, whose block is cut
//
// Names by sound, folded as the south folds it, words in alphabetical order.
std::vector<std::string> BlockingKeys(const MatchFacts& facts);

}  // namespace yilian::directory
