// Sessions in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/stores.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlSessionStore : public SessionStore {
 public:
  MysqlSessionStore(unit::UnitOfWork& unit_of_work, Encoding encoding, const Rules& rules)
      : unit_of_work_(unit_of_work), encoding_(std::move(encoding)), rules_(rules) {}

  absl::StatusOr<v1::Session> Create(const unit::WriteContext& context, const NewSession& offer,
                                     OrganizationId booking_organization) override;
  absl::StatusOr<SessionView> Get(SessionId id, OrganizationId booking_organization,
                                  absl::Time deadline) override;
  absl::StatusOr<SessionPage> Search(const SessionSearch& search, absl::Time deadline) override;

 private:
  unit::UnitOfWork& unit_of_work_;
  const Encoding encoding_;
  const Rules rules_;
};

}  // namespace yilian::scheduling
