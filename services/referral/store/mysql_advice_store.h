// Advice threads in the referral schema.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/field_cipher.h"
#include "common/mysql/session.h"
#include "common/unit/unit_of_work.h"
#include "services/referral/domain/advice_store.h"
#include "services/referral/store/mysql_referral_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::referral {

// Fires when the specialist's clock reaches its next tier.
inline constexpr std::string_view kAdviceTimer = "referral.Advice";

// Thread-safe.
class MysqlAdviceStore : public AdviceStore {
 public:
  struct Deps {
    unit::UnitOfWork& unit_of_work;
    MysqlReferralStore& referrals;      // where a thread's draft goes
    const crypto::FieldCipher& cipher;  // the names of the attachments that go with it
  };
  explicit MysqlAdviceStore(Deps deps) : deps_(deps) {}

  absl::StatusOr<Advice> Get(AdviceId id, OrganizationId party, absl::Time deadline) override;
  absl::StatusOr<std::vector<Advice>> List(const AdviceQuery& query, absl::Time deadline) override;

  // For jobs and other stores, inside their own transaction; without the turns.
  absl::StatusOr<std::optional<Advice>> Find(mysql::Session& session, AdviceId id);
  // Raises the tier of a clock that ran out; does nothing where the thread has moved on.
  absl::Status Escalate(mysql::Session& session, AdviceId id, absl::Time at);
  // A merged patient's threads follow the survivor, and go back where that is undone.
  absl::Status MovePatient(mysql::Session& session, const event::v1::Event& merge);

 protected:
  absl::StatusOr<std::string> CreateBytes(const unit::WriteContext& context,
                                          const DecideNew& decide,
                                          const wire::RespondBytes<Advice>& respond) override;
  absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context, AdviceId id,
                                          OrganizationId party, std::string_view etag,
                                          const Decide& decide,
                                          const wire::RespondBytes<Advice>& respond) override;
  absl::StatusOr<std::string> ConvertBytes(const unit::WriteContext& context, AdviceId id,
                                           OrganizationId party, std::string_view etag,
                                           const DecideConversion& decide,
                                           const wire::RespondBytes<Conversion>& respond) override;

 private:
  absl::StatusOr<Advice> LoadForUpdate(unit::Scope& scope, AdviceId id, OrganizationId party,
                                       std::string_view etag);
  // Row, turn and timer; the event is the caller's. `before` is null for a new thread.
  absl::Status Store(mysql::Session& session, const Advice* before, const AdviceChange& change);
  absl::Status StoreAndTell(unit::Scope& scope, const Advice* before, const AdviceChange& change);

  Deps deps_;
};

}  // namespace yilian::referral
