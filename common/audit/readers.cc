#include "common/audit/readers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"

namespace yilian::audit {
namespace {

using mysql::Query;

// Index: primary key, whose version 7 UUIDs begin with the milliseconds at which they were made.
constexpr Query kWaiting{"audit.OldestPending",
                         "SELECT pending_id FROM audit_pending ORDER BY pending_id LIMIT 1"};
// Index: ix_audit_entry__data_subject.
constexpr Query kReaders{
    "audit.ReadersOf",
    "SELECT organization_id, user_id, MAX(occurred_at) FROM audit_entry WHERE data_subject_id = ? "
    "AND occurred_at >= ? AND occurred_at <= ? AND subject_id = ? AND subject_type = ? AND action "
    "= 'READ' AND outcome = 'OK' AND organization_id IS NOT NULL GROUP BY organization_id, "
    "user_id"};

}  // namespace

absl::StatusOr<bool> IsLinkedUpTo(mysql::Session& session, absl::Time at) {
  ASSIGN_OR_RETURN(
      const std::optional<base::Uuid> oldest,
      session.SelectOne<base::Uuid>(kWaiting, [](const mysql::Row& row) { return row.Id(0); }));
  return !oldest || oldest->view().substr(0, 6) > base::Uuid::V7(at).view().substr(0, 6);
}

absl::StatusOr<std::vector<Reader>> ReadersOf(mysql::Session& session,
                                              std::string_view subject_type,
                                              const base::Uuid& subject,
                                              std::span<const base::Uuid> data_subjects,
                                              absl::Time from, absl::Time to) {
  std::map<std::pair<base::Uuid, base::Uuid>, absl::Time> last;
  for (const base::Uuid& data_subject : data_subjects) {
    RETURN_IF_ERROR(session.SelectValues(
        kReaders, {data_subject, from, to, subject, subject_type}, [&](const mysql::Row& row) {
          const auto [found, added] =
              last.try_emplace({row.Id(0), row.OptionalId(1).value_or(base::Uuid())}, row.Time(2));
          if (!added) found->second = std::max(found->second, row.Time(2));
          return absl::OkStatus();
        }));
  }
  std::vector<Reader> readers;
  for (const auto& [reader, at] : last) {
    readers.push_back({.organization = reader.first, .user = reader.second, .last_read_at = at});
  }
  return readers;
}

}  // namespace yilian::audit
