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

// An open referral that its receiver has been given.
struct Handed {
  ReferralId referral;
  OrganizationId receiving_organization;
};

// Thread-safe.
class MysqlReferralStore : public ReferralStore {
 public:
  // `zone`: of the region, in which a follow-up's day ends.
  MysqlReferralStore(unit::UnitOfWork& unit_of_work, absl::TimeZone zone)
      : unit_of_work_(unit_of_work), zone_(zone) {}

  absl::StatusOr<Referral> Get(ReferralId id, OrganizationId party, absl::Time deadline) override;
  absl::StatusOr<std::vector<Referral>> List(const WorklistQuery& query,
                                             absl::Time deadline) override;

  absl::StatusOr<std::vector<NotActed>> ListNotActed(const NotActedQuery& query,
                                                     absl::Time deadline) override;

  // For jobs, inside their own transaction. False: the referral has moved on, nothing was changed.
  using DecideJob = std::function<std::optional<Change>(const Referral& now, absl::Time at)>;
  absl::StatusOr<bool> ApplyInJob(mysql::Session& session, ReferralId id, absl::Time at,
                                  const DecideJob& decide);
  absl::StatusOr<std::optional<Referral>> Find(mysql::Session& session, ReferralId id);
  // Of a patient. For jobs, as above.
  absl::StatusOr<std::vector<Handed>> HandedOver(mysql::Session& session, PatientId patient);
  // Where two of the survivor's open referrals are then of one kind, both stay open.
  absl::Status MovePatient(mysql::Session& session, PatientId from, PatientId to);
  // Undoes it for one referral; one that is not the survivor's any more stays where it is.
  absl::Status MoveBack(mysql::Session& session, ReferralId id, PatientId survivor,
                        PatientId merged);
  absl::Status RegisterOrganization(mysql::Session& session, OrganizationId id, Tier tier);
  // Of the region; nil while the directory has not told of any.
  absl::StatusOr<OrganizationId> HealthAuthority(mysql::Session& session);
  // A new referral inside the caller's unit of work, with all that hangs on it. `change` learns
  // which episode it follows.
  absl::Status Insert(unit::Scope& scope, Change& change);
  absl::TimeZone zone() const { return zone_; }

 protected:
  absl::StatusOr<std::string> CreateBytes(const unit::WriteContext& context,
                                          const DecideNew& decide,
                                          const RespondBytes& respond) override;
  absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context, ReferralId id,
                                          OrganizationId party,
                                          std::optional<std::string_view> etag,
                                          const Decide& decide,
                                          const RespondBytes& respond) override;

  absl::StatusOr<std::string> DischargeBytes(const unit::WriteContext& context,
                                             const Discharge& discharge, const Deadlines& deadlines,
                                             const RespondBytes& respond) override;
  absl::StatusOr<std::string> DischargeCancelledBytes(const unit::WriteContext& context,
                                                      const Discharge& discharge,
                                                      const RespondBytes& respond) override;

 private:
  absl::StatusOr<std::vector<Change>> Decided(unit::Scope& scope, ReferralId id,
                                              OrganizationId party,
                                              std::optional<std::string_view> etag,
                                              const Decide& decide);
  void Announce(unit::Scope& scope, const Change& change);
  absl::StatusOr<std::optional<Referral>> Lock(mysql::Session& session, ReferralId id);
  // DUPLICATE_REFERRAL or SOURCE_UNFIT, naming the referral that holds the key.
  absl::Status TakenBy(mysql::Session& session, const Referral& refused);
  absl::Status WriteRedirection(mysql::Session& session, const Change& change);
  // Checks which referral this one follows, or finds the episode that the patient comes back from.
  absl::Status LinkEpisode(unit::Scope& scope, Referral& referral);
  absl::Status WithdrawReplaced(unit::Scope& scope, const Change& change);
  // The down-referral that was made for a discharge before; nullopt: none.
  absl::StatusOr<std::optional<Referral>> DraftBefore(mysql::Session& session,
                                                      const Referral& admission,
                                                      const Discharge& discharge);
  // Takes the discharge back from what it did to the admission and to its draft.
  absl::StatusOr<std::optional<Referral>> CancelDischarge(unit::Scope& scope,
                                                          const Referral& admission,
                                                          const Discharge& discharge);
  // Stores the change of a row that was locked, and tells it.
  absl::Status Apply(unit::Scope& scope, const Referral& before, const Change& change);
  // Whether `opened`, the down-referral of an admission's completion, is the one that a discharge
  // drafted: then that is sent, and `opened` becomes it.
  absl::StatusOr<bool> SendDraft(unit::Scope& scope, const Referral& admission, Change& opened);
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
