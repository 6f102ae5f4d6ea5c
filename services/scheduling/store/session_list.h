// Statements about several sessions at once.
#pragma once

#include <algorithm>
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

  SessionListQuery(const std::string& name, const std::string& before, const std::string& after) {
    std::string list = "?";
    size_t places = 1;
    for (size_t i = 0; i < kLengths.size(); ++i) {
      for (; places < kLengths[i]; ++places) list += ", ?";
      texts_[i] = before + "(" + list + ")" + after;
      names_[i] = name + (i == 0 ? "" : "Of" + std::to_string(kLengths[i]));
    }
  }

  mysql::Query For(const std::vector<SessionId>& ids) const {
    const size_t i = static_cast<size_t>(Length(ids) - kLengths.begin());
    return {names_[i], texts_[i]};
  }

  // Appends the ids to the values of For(ids).
  static void Append(const std::vector<SessionId>& ids, mysql::Values& values) {
    for (size_t i = 0; i < *Length(ids); ++i) values.emplace_back(ids[std::min(i, ids.size() - 1)]);
  }

 private:
  static constexpr std::array<size_t, 4> kLengths = {1, 25, 50, kSessionsInList};
  static std::array<size_t, 4>::const_iterator Length(const std::vector<SessionId>& ids) {
    return std::lower_bound(kLengths.begin(), kLengths.end() - 1, ids.size());
  }

  std::array<std::string, 4> names_;
  std::array<std::string, 4> texts_;
};

}  // namespace yilian::scheduling
