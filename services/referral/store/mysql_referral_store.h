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
#include "services/referral/domain/referral.h"

namespace yilian::referral {

// Which rows a page of a worklist holds.
struct WorklistQuery {
  OrganizationId organization;
  Side side = Side::kReceiving;
  std::optional<State> state;  // nullopt: every open one
  // Key of the last row of the page before.
  absl::Time after_time = absl::FromUnixSeconds(0);
  ReferralId after_id;
  int limit = 50;
};

struct RateCounts {
  int64_t received = 0;
  int64_t answered_in_time = 0;
  int64_t answered = 0;
  int64_t completed_in_time = 0;
  int64_t completed = 0;
  int64_t rated = 0;
  int64_t satisfied = 0;
};

// Thread-safe.
class MysqlReferralStore {
 public:
  // A decision over a referral as it is now; may run several times. The first change is the loaded
  // referral's, further ones are new referrals.
  using Decide =
      std::function<absl::StatusOr<std::vector<Change>>(const Referral& now, absl::Time at)>;
  using DecideNew = std::function<absl::StatusOr<Change>(absl::Time at)>;
  // What is answered, and kept in the ledger for a repeated request.
  template <typename Response>
  using Respond = std::function<Response(const std::vector<Change>&)>;

  // `zone`: of the region, in which a follow-up's day ends.
  MysqlReferralStore(unit::UnitOfWork& unit_of_work, absl::TimeZone zone)
      : unit_of_work_(unit_of_work), zone_(zone) {}

  template <typename Response>
  absl::StatusOr<Response> Create(const unit::WriteContext& context, const DecideNew& decide,
                                  const Respond<Response>& respond) {
    return unit_of_work_.Run<Response>(
        context, [&](unit::Scope& scope) -> absl::StatusOr<Response> {
          std::vector<Change> changes(1);
          absl::StatusOr<Change> created = decide(scope.now());
          if (!created.ok()) return created.status();
          changes[0] = *std::move(created);
          if (absl::Status status = Insert(scope, changes[0]); !status.ok()) return status;
          return respond(changes);
        });
  }

  // `party`: NOT_FOUND unless it is one, as for a referral that does not exist. `etag`: ETAG_STALE
  // unless it is the current one; nullopt skips the check (rules that do not depend on what the
  // caller read).
  template <typename Response>
  absl::StatusOr<Response> Update(const unit::WriteContext& context, ReferralId id,
                                  OrganizationId party, std::optional<std::string_view> etag,
                                  const Decide& decide, const Respond<Response>& respond) {
    return unit_of_work_.Run<Response>(
        context, [&](unit::Scope& scope) -> absl::StatusOr<Response> {
          absl::StatusOr<std::vector<Change>> changes = Decided(scope, id, party, etag, decide);
          if (!changes.ok()) return changes.status();
          return respond(*changes);
        });
  }

  // The referral with its tasks; NOT_FOUND unless `party` is one.
  absl::StatusOr<Referral> Get(ReferralId id, OrganizationId party, absl::Time deadline);
  absl::StatusOr<std::vector<Referral>> List(const WorklistQuery& query, absl::Time deadline);
  absl::StatusOr<RateCounts> Rates(OrganizationId receiving, absl::Time from, absl::Time to,
                                   absl::Time deadline);

  // For jobs, inside their own transaction. False: the referral has moved on, nothing was changed.
  using DecideJob = std::function<std::optional<Change>(const Referral& now, absl::Time at)>;
  absl::StatusOr<bool> ApplyInJob(mysql::Session& session, ReferralId id, absl::Time at,
                                  const DecideJob& decide);
  absl::StatusOr<std::optional<Referral>> Find(mysql::Session& session, ReferralId id);
  absl::Status MovePatient(mysql::Session& session, PatientId from, PatientId to);

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
