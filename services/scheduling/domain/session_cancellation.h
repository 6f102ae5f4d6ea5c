// A session that is cancelled as a whole. Pure, but for the port at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/session.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::scheduling {

namespace v1 {
class SessionCancellation;
}  // namespace v1

// Reason of the bookings that end with their session; `referral` knows it by this name.
inline constexpr std::string_view kSessionCancelled = "SESSION_CANCELLED";

struct SessionCancellation {
  SessionId session;
  OrganizationId organization;
  std::string reason;
  absl::Time cancelled_at;
  int64_t bookings = 0;
  int64_t pending = 0;
  int64_t released = 0;
  int64_t by_referral = 0;
  int64_t waiting = 0;
  int64_t offered = 0;
  int64_t rebooked = 0;
  int64_t given_up = 0;
};

// FOREIGN_ORGANIZATION, SESSION_CLOSED.
absl::Status CheckCancel(const Session& session, const Actor& by, absl::Time now);

// Where another seat is looked for, around the time of the old one.
struct RebookingWindow {
  absl::Duration before = absl::Hours(24) * 7;
  absl::Duration after = absl::Hours(24) * 21;
};

// Orders sessions by how well they stand for `lost`: the same expert's first, then the nearest.
void SortByNearness(const Session& lost, std::vector<Session>& sessions);

// Implementations are thread-safe.
class CancellationStore {
 public:
  virtual ~CancellationStore() = default;
  virtual absl::StatusOr<v1::SessionCancellation> Cancel(const unit::WriteContext& context,
                                                         SessionId id, const Actor& by,
                                                         std::string_view reason) = 0;
  virtual absl::StatusOr<SessionCancellation> Get(SessionId id, const Actor& by,
                                                  absl::Time deadline) = 0;
};

}  // namespace yilian::scheduling
