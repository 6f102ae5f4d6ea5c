// One numbered, forward-only step of a schema: exactly one DDL statement.
#pragma once

#include <string>

namespace yilian::mysql {

struct Migration {
  std::string name;  // "0001_referral": the file's name; sorts in the order of application
  std::string sql;   // one statement
};

}  // namespace yilian::mysql
