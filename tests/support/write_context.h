// The context of a write, as the frame makes it for a signed-in person; for tests that call a store
// without the frame.
#pragma once

#include <string>

#include "absl/time/clock.h"
#include "common/base/uuid.h"
#include "common/unit/unit_of_work.h"

namespace yilian::test_support {

// `request`: what was asked for; the same id with another text is a reused id.
inline unit::WriteContext WriteAs(const base::Uuid& organization,
                                  const base::Uuid& request_id = base::Uuid::V7(),
                                  const std::string& request = "request") {
  unit::WriteContext context;
  context.key = {.request_id = request_id,
                 .caller = organization.ToString(),
                 .method = "/test/Write",
                 .request_hash = std::string(32 - std::min<size_t>(32, request.size()), '.') +
                                 request.substr(0, 32)};
  context.audit.audit_id = base::Uuid::V7();
  context.audit.occurred_at = absl::Now();
  context.audit.method = context.key.method;
  context.audit.action = audit::Action::kWrite;
  context.audit.organization_id = organization;
  context.audit.outcome = "OK";
  context.deadline = absl::Now() + absl::Seconds(20);
  return context;
}

}  // namespace yilian::test_support
