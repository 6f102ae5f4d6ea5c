// Travel times in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <string>

#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/travel_store.h"
#include "yilian/scheduling/v1/travel.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlTravelStore : public TravelStore {
 public:
  MysqlTravelStore(unit::UnitOfWork& unit_of_work, TravelEncoding encoding,
                   const TravelRules& rules)
      : unit_of_work_(unit_of_work), encoding_(std::move(encoding)), rules_(rules) {}

  absl::StatusOr<v1::TravelTime> Set(const unit::WriteContext& context, const Way& way,
                                     std::optional<absl::Duration> time,
                                     const std::string& etag) override;
  absl::StatusOr<TravelTime> Get(const Way& way, absl::Time deadline) override;

 private:
  unit::UnitOfWork& unit_of_work_;
  const TravelEncoding encoding_;
  const TravelRules rules_;
};

}  // namespace yilian::scheduling
