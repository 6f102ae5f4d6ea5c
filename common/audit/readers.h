// Who has read a record, from the trail: for telling them that it was wrong.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"

namespace yilian::audit {

struct Reader {
  base::Uuid organization;
  base::Uuid user;  // nil: a system of the organization
  absl::Time last_read_at;
};

// What was made durable up to then has left the journal: ReadersOf finds it.
absl::StatusOr<bool> IsLinkedUpTo(mysql::Session& session, absl::Time at);

// Who was shown the record within the time, as data of any of these people (a person's record may
// have been merged since it was read). Index: ix_audit_entry__data_subject; grows with how often
// the person's data is read within the time.
absl::StatusOr<std::vector<Reader>> ReadersOf(mysql::Session& session,
                                              std::string_view subject_type,
                                              const base::Uuid& subject,
                                              std::span<const base::Uuid> data_subjects,
                                              absl::Time from, absl::Time to);

}  // namespace yilian::audit
