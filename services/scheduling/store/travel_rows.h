// Rows of travel_time and site_place, and whether an expert can be at a session in time. Functions
// run in the session that they are given.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/travel.h"

namespace yilian::scheduling {

// What is known of the ways between `place` and the sites of `busy`.
absl::StatusOr<TravelTimes> LoadTravelTimes(mysql::Session& sql, OrganizationId place,
                                            const std::vector<BusySpan>& busy,
                                            const TravelRules& rules);
// EXPERT_OVERLAP with the earliest session that keeps the expert away. The expert is guarded.
absl::Status CheckExpertFree(mysql::Session& sql, const Session& session, const TravelRules& rules);

// Without a time: it was taken back.
absl::Status SaveTravelTime(mysql::Session& sql, const Way& way, std::optional<absl::Duration> time,
                            int64_t version, absl::Time now);
absl::Status SaveSitePlace(mysql::Session& sql, OrganizationId site, const Place& place);

}  // namespace yilian::scheduling
