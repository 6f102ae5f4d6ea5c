// Series of visits in the scheduling schema: one transaction each.
#pragma once

#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/clinic_rule.h"
#include "services/scheduling/domain/series.h"
#include "services/scheduling/store/upkeep.h"
#include "yilian/scheduling/v1/series.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlSeriesStore : public SeriesStore {
 public:
  // `zone`: the region's clock.
  MysqlSeriesStore(unit::UnitOfWork& unit_of_work, PatientDirectory& patients, const Upkeep& upkeep,
                   const Rules& rules, absl::TimeZone zone)
      : unit_of_work_(unit_of_work),
        patients_(patients),
        upkeep_(upkeep),
        rules_(rules),
        zone_(zone) {}

  absl::StatusOr<v1::SeriesBooking> Book(const unit::WriteContext& context,
                                         const SeriesWish& wish) override;

 private:
  absl::StatusOr<Booking> BookVisit(unit::Scope& scope, FitLookup& fits, const SeriesWish& wish,
                                    const SeriesVisit& visit) const;

  unit::UnitOfWork& unit_of_work_;
  PatientDirectory& patients_;
  const Upkeep& upkeep_;
  const Rules rules_;
  const absl::TimeZone zone_;
};

}  // namespace yilian::scheduling
