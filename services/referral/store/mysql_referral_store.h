// The referral schema: every method is one transaction or one read.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/migration.h"
#include "common/unit/unit_of_work.h"
#include "services/referral/domain/referral_store.h"

namespace yilian::referral {

// Thread-safe.
class MysqlReferralStore : public ReferralStore {
 public:
  // `zone`: of the region, in which a follow-up's day ends.
  MysqlReferralStore(unit::UnitOfWork& unit_of_work, absl::TimeZone zone)
      : unit_of_work_(unit_of_work), zone_(zone) {}

  absl::StatusOr<Referral> Get(ReferralId id, OrganizationId party, absl::Time deadline) override;
  absl::StatusOr<std::vector<Referral>> List(const WorklistQuery& query,
                                             absl::Time deadline) override;
  absl::StatusOr<RateCounts> Rates(OrganizationId receiving, absl::Time from, absl::Time to,
                                   absl::Time deadline) override;

  // For jobs, inside their own transaction. False: the referral has moved on, nothing was changed.
  using DecideJob = std::function<std::optional<Change>(const Referral& now, absl::Time at)>;
  absl::StatusOr<bool> ApplyInJob(mysql::Session& session, ReferralId id, absl::Time at,
                                  const DecideJob& decide);
  absl::StatusOr<std::optional<Referral>> Find(mysql::Session& session, ReferralId id);
  absl::Status MovePatient(mysql::Session& session, PatientId from, PatientId to);

 protected:
  absl::StatusOr<std::string> CreateBytes(const unit::WriteContext& context,
                                          const DecideNew& decide,
                                          const RespondBytes& respond) override;
  absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context, ReferralId id,
                                          OrganizationId party,
                                          std::optional<std::string_view> etag,
                                          const Decide& decide,
                                          const RespondBytes& respond) override;

 private:
  absl::StatusOr<std::vector<Change>> Decided(unit::Scope& scope, ReferralId id,
                                              OrganizationId party,
                                              std::optional<std::string_view> etag,
                                              const Decide& decide);
  absl::Status Insert(unit::Scope& scope, const Change& change);
  // The row, what hangs on it, its timers and sagas; events are the caller's. `before` is null for
  // a new one.
  absl::Status Store(mysql::Session& session, const Referral* before, const Change& change,
                     absl::Time now);

  unit::UnitOfWork& unit_of_work_;
  absl::TimeZone zone_;
};

// Tables of this service.
const std::vector<mysql::Migration>& ReferralMigrations();

}  // namespace yilian::referral
