// Sagas that offer seats of sessions with a rule on age or sex.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/mysql/pool.h"
#include "common/saga/saga.h"
#include "services/scheduling/domain/clinic_rule.h"
#include "services/scheduling/store/upkeep.h"

namespace yilian::scheduling {

// Defines the sagas of store/fitted_offer.h; outlives their runner. Thread-safe: immutable. While
// the directory cannot be asked a seat stays set aside, and the saga is tried again for ever.
class FittedOffers {
 public:
  struct Deps {
    mysql::Pool& pool;
    PatientDirectory& patients;
    const Upkeep& upkeep;
    const base::Clock& clock;
  };
  explicit FittedOffers(const Deps& deps) : deps_(deps) {}
  void Define(saga::Runner& runner) const;

 private:
  using Decision = std::function<absl::Status(mysql::Session&, FitLookup&)>;

  // Tries the decision without effect until nothing is open, and leaves its effect to the saga.
  absl::StatusOr<saga::Next> Settle(Decision decide) const;
  absl::Status OfferSeat(mysql::Session& sql, FitLookup& fits, const saga::Saga& saga) const;
  absl::Status Reoffer(mysql::Session& sql, FitLookup& fits, const saga::Saga& saga) const;

  const Deps deps_;
};

}  // namespace yilian::scheduling
