#include "services/directory/domain/record_access.h"

#include <algorithm>
#include <future>
#include <tuple>

#include "common/status/error.h"

namespace yilian::directory {

MergedAccesses ListAccesses(const std::vector<AccessTrail*>& trails, const AccessesQuery& query,
                            absl::Time deadline) {
  std::vector<std::future<absl::StatusOr<std::vector<RecordAccess>>>> parts;
  parts.reserve(trails.size());
  for (AccessTrail* trail : trails) {
    parts.push_back(std::async(std::launch::async,
                               [trail, &query, deadline] { return trail->List(query, deadline); }));
  }
  MergedAccesses merged;
  for (size_t i = 0; i < trails.size(); ++i) {
    absl::StatusOr<std::vector<RecordAccess>> part = parts[i].get();
    if (!part.ok()) {
      const std::string reason = status::ReasonOf(part.status());
      merged.missing.push_back(
          {trails[i]->service(), reason.empty() ? std::string("UNAVAILABLE") : reason});
      continue;
    }
    for (RecordAccess& one : *part) {
      one.service = trails[i]->service();
      merged.accesses.push_back(std::move(one));
    }
  }
  std::sort(merged.accesses.begin(), merged.accesses.end(),
            [](const RecordAccess& a, const RecordAccess& b) {
              return std::tie(a.occurred_at, a.audit_id) > std::tie(b.occurred_at, b.audit_id);
            });
  if (merged.accesses.size() > static_cast<size_t>(query.limit)) {
    merged.accesses.resize(static_cast<size_t>(query.limit));
  }
  std::sort(merged.missing.begin(), merged.missing.end(),
            [](const auto& a, const auto& b) { return a.service < b.service; });
  return merged;
}

}  // namespace yilian::directory
