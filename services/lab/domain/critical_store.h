// Where critical values are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/lab/domain/critical_value.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::lab {

// Numbers are those of the proto's enum.
enum class CriticalWorklist { kToNotify = 1, kToReadBack, kToAct };

// Which rows a page of a worklist holds: the oldest first.
struct CriticalQuery {
  CriticalWorklist worklist = CriticalWorklist::kToReadBack;
  OrganizationId organization;
  // Key of the last row of the page before.
  absl::Time after_time = absl::FromUnixSeconds(0);
  CriticalValueId after_id;
  int limit = 50;
};

// A critical value with every attempt to tell somebody.
struct CriticalRecord {
  CriticalValue value;
  std::vector<NotificationAttempt> attempts;
};

// Implementations are thread-safe.
class CriticalStore {
 public:
  using Decide =
      std::function<absl::StatusOr<CriticalChange>(const CriticalValue& now, absl::Time at)>;
  template <typename Response>
  using Respond = wire::Respond<Response, CriticalRecord>;
  using RespondBytes = wire::RespondBytes<CriticalRecord>;

  virtual ~CriticalStore() = default;

  // NOT_FOUND without such a critical value; who may see it is `decide`'s to say.
  template <typename Response>
  absl::StatusOr<Response> Update(const unit::WriteContext& context, CriticalValueId id,
                                  const Decide& decide, const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(UpdateBytes(context, id, decide, wire::BytesOf(respond)));
  }

  virtual absl::StatusOr<std::optional<CriticalRecord>> Get(CriticalValueId id,
                                                            absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<CriticalValue>> List(const CriticalQuery& query,
                                                          absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context,
                                                  CriticalValueId id, const Decide& decide,
                                                  const RespondBytes& respond) = 0;
};

}  // namespace yilian::lab
