// Cancelled sessions in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <functional>

#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/session_cancellation.h"
#include "yilian/scheduling/v1/session_cancellation.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlCancellationStore : public CancellationStore {
 public:
  using Encode = std::function<v1::SessionCancellation(const SessionCancellation&)>;
  MysqlCancellationStore(unit::UnitOfWork& unit_of_work, Encode encode)
      : unit_of_work_(unit_of_work), encode_(std::move(encode)) {}

  absl::StatusOr<v1::SessionCancellation> Cancel(const unit::WriteContext& context, SessionId id,
                                                 const Actor& by, std::string_view reason) override;
  absl::StatusOr<SessionCancellation> Get(SessionId id, const Actor& by,
                                          absl::Time deadline) override;

 private:
  unit::UnitOfWork& unit_of_work_;
  const Encode encode_;
};

}  // namespace yilian::scheduling
