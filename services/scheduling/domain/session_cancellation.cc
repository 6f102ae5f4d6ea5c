#include "services/scheduling/domain/session_cancellation.h"

#include <algorithm>
#include <tuple>

#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling {

absl::Status CheckCancel(const Session& session, const Actor& by, absl::Time now) {
  if (!by.service && by.organization != session.organization) return errors::ForeignOrganization();
  if (session.ClosedAt(now)) return errors::SessionClosed(session.id, session.time.start);
  return absl::OkStatus();
}

void SortByNearness(const Session& lost, std::vector<Session>& sessions) {
  const auto rank = [&](const Session& one) {
    const bool other_expert = one.practitioner != lost.practitioner;
    return std::tuple(other_expert, absl::AbsDuration(one.time.start - lost.time.start),
                      one.time.start, one.id);
  };
  std::sort(sessions.begin(), sessions.end(),
            [&](const Session& a, const Session& b) { return rank(a) < rank(b); });
}

}  // namespace yilian::scheduling
