// Where travel times are kept, as the use cases ask for them. store/ implements it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/travel.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::scheduling {

namespace v1 {
class TravelTime;
}  // namespace v1

// How it looks on the wire; see domain/encoding.h.
using TravelEncoding = std::function<v1::TravelTime(const TravelTime&)>;

// Answers of writes are the RPCs' own messages: the ledger remembers them for a repeated request.
// Implementations are thread-safe.
class TravelStore {
 public:
  virtual ~TravelStore() = default;
  // Without a time: takes back what was given. ETAG_STALE.
  virtual absl::StatusOr<v1::TravelTime> Set(const unit::WriteContext& context, const Way& way,
                                             std::optional<absl::Duration> time,
                                             const std::string& etag) = 0;
  virtual absl::StatusOr<TravelTime> Get(const Way& way, absl::Time deadline) = 0;
};

}  // namespace yilian::scheduling
