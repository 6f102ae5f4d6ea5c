// Which records are worth comparing: those that share a key.
#pragma once

#include <string>
#include <vector>

#include "services/directory/domain/matching.h"

namespace yilian::directory {

// No record has more keys, and none is looked for by more.
inline constexpr int kMostBlockingKeys = 7;

// Texts that a record shares with most others of the same person, whatever one field of it says
// wrongly, and with few of other people. They identify: stored they are blind-indexed. Each once.
//
//   telephone                name or date wrong or missing
//   date and half the name   the other half wrong; day and month swapped
//   name and year            a wrong month or day, another telephone number
//   name, day and month      a wrong year
//   name                     the date missing in whoever is looked for
//   name without a date      the date missing in the record
//
// Names by sound, folded as the south folds it, words in alphabetical order.
std::vector<std::string> BlockingKeys(const MatchFacts& facts);

// Under which keys a person is looked for. Who knows a birth date is not looked for among all of
// that name: a record that shares no more than the name cannot come to kReviewBits.
std::vector<std::string> LookupKeys(const MatchFacts& facts);

}  // namespace yilian::directory
