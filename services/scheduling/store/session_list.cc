#include "services/scheduling/store/session_list.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace yilian::scheduling {
namespace {

constexpr std::array<size_t, 4> kLengths = {1, 25, 50, SessionListQuery::kSessionsInList};

size_t IndexOfLength(const std::vector<SessionId>& ids) {
  return static_cast<size_t>(std::lower_bound(kLengths.begin(), kLengths.end() - 1, ids.size()) -
                             kLengths.begin());
}

}  // namespace

SessionListQuery::SessionListQuery(const std::string& name, const std::string& before,
                                   const std::string& after) {
  std::string list = "?";
  size_t places = 1;
  for (size_t i = 0; i < kLengths.size(); ++i) {
    for (; places < kLengths[i]; ++places) list += ", ?";
    texts_[i] = absl::StrCat(before, "(", list, ")", after);
    names_[i] = name + (i == 0 ? "" : "Of" + std::to_string(kLengths[i]));
  }
}

mysql::Query SessionListQuery::For(const std::vector<SessionId>& ids) const {
  const size_t i = IndexOfLength(ids);
  return {names_[i], texts_[i]};
}

void SessionListQuery::Append(const std::vector<SessionId>& ids, mysql::Values& values) {
  const size_t length = kLengths[IndexOfLength(ids)];
  for (size_t i = 0; i < length; ++i) values.emplace_back(ids[std::min(i, ids.size() - 1)]);
}

}  // namespace yilian::scheduling
