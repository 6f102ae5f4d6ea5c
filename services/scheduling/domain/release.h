// Reserves that nobody used widen as the session comes near: organization -> consortium -> open,
// each step once.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "services/scheduling/domain/session.h"

namespace yilian::scheduling {

// Every seat of `from`, taken ones too (a seat that is given back later is as open as its
// neighbours), goes to `to`.
struct Release {
  ReleaseStage stage = ReleaseStage::kNone;
  PoolKind from = PoolKind::kOpen;
  PoolKind to = PoolKind::kOpen;
  bool operator==(const Release&) const = default;
};

// What is due at `now` and was not applied yet, in order. A late stage brings the earlier one
// along.
std::vector<Release> DueReleases(const Session& session, absl::Time now);

}  // namespace yilian::scheduling
