// The wait list in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <functional>

#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/clinic_rule.h"
#include "services/scheduling/domain/wait_list_store.h"
#include "services/scheduling/store/upkeep.h"
#include "yilian/scheduling/v1/wait_list.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlWaitListStore : public WaitListStore {
 public:
  MysqlWaitListStore(unit::UnitOfWork& unit_of_work, PatientDirectory& patients,
                     const Upkeep& upkeep)
      : unit_of_work_(unit_of_work),
        patients_(patients),
        upkeep_(upkeep),
        list_(upkeep.wait_list()) {}

  absl::StatusOr<v1::WaitListEntry> Join(const unit::WriteContext& context,
                                         const WaitListWish& wish) override;
  absl::StatusOr<v1::WaitListEntry> Accept(const unit::WriteContext& context, WaitListEntryId id,
                                           const Actor& by, std::string_view etag) override;
  absl::StatusOr<v1::WaitListEntry> Decline(const unit::WriteContext& context, WaitListEntryId id,
                                            const Actor& by, std::string_view etag) override;
  absl::StatusOr<v1::WaitListEntry> Leave(const unit::WriteContext& context, WaitListEntryId id,
                                          const Actor& by, std::string_view reason) override;
  absl::StatusOr<WaitListView> Get(WaitListEntryId id, const Actor& by,
                                   absl::Time deadline) override;
  absl::StatusOr<std::vector<WaitListEntry>> List(const WaitListFilter& filter,
                                                  WaitListEntryId after, int limit,
                                                  absl::Time deadline) override;

 private:
  // Lets the seat go that is held for `before`, which has been stored as what it is after.
  absl::Status GiveUpSeat(unit::Scope& scope, const Booking& held);
  absl::Status Store(unit::Scope& scope, const WaitListEntry& after, std::string_view event);

  unit::UnitOfWork& unit_of_work_;
  PatientDirectory& patients_;
  const Upkeep& upkeep_;
  const WaitList& list_;
};

}  // namespace yilian::scheduling
