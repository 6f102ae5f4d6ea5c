// Critical values in the laboratory schema: every method is one transaction or one read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/outbox/outbox.h"
#include "common/unit/unit_of_work.h"
#include "services/lab/domain/critical_store.h"

namespace yilian::lab {

inline constexpr std::string_view kCriticalTimer = "lab.Critical";

// What the version of a report that readers see from now on means for its critical values, inside
// the transaction that takes it in: rows and timers are written, the events are answered. `known`:
// the report was there before.
absl::StatusOr<std::vector<outbox::NewEvent>> FollowReportIn(mysql::Session& session,
                                                             const Report& report, bool known,
                                                             const CriticalRules& rules,
                                                             absl::Time at);

// Thread-safe.
class MysqlCriticalStore : public CriticalStore {
 public:
  MysqlCriticalStore(unit::UnitOfWork& unit_of_work, const CriticalRules& rules)
      : unit_of_work_(unit_of_work), rules_(rules) {}

  absl::StatusOr<std::optional<CriticalRecord>> Get(CriticalValueId id,
                                                    absl::Time deadline) override;
  absl::StatusOr<std::vector<CriticalValue>> List(const CriticalQuery& query,
                                                  absl::Time deadline) override;

  // For the timer, inside its own transaction.
  absl::Status Escalate(mysql::Session& session, CriticalValueId id, absl::Time at);

 protected:
  absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context, CriticalValueId id,
                                          const Decide& decide,
                                          const RespondBytes& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
  const CriticalRules& rules_;
};

}  // namespace yilian::lab
