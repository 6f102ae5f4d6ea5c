// Statements about several sessions at once.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "common/mysql/query.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// `before` (ids) `after`, for 1 to kSessionsInList sessions, as a text for each of a few lengths: a
// list is filled up by repeating its last id, so that the statement cache holds four and not 200.
class SessionListQuery {
 public:
  static constexpr size_t kSessionsInList = 200;

  SessionListQuery(const std::string& name, const std::string& before, const std::string& after);

  mysql::Query For(const std::vector<SessionId>& ids) const;
  // Appends the ids to the values of For(ids).
  static void Append(const std::vector<SessionId>& ids, mysql::Values& values);

 private:
  std::array<std::string, 4> names_;
  std::array<std::string, 4> texts_;
};

}  // namespace yilian::scheduling
