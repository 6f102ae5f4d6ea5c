// What a template may say. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/scheduling/domain/entitlement.h"
#include "services/scheduling/domain/session_template.h"
#include "services/scheduling/domain/travel.h"

namespace yilian::scheduling {

// How far ahead a plan without an end is looked through, for overlaps and for clocks that change: a
// year and what the weeks and holidays around its turn shift.
inline constexpr int kDaysLookedThrough = 400;

// The plan on its own, at its site. `ground` without absences: what is planned is judged, not who
// happens to be away. `today`: at the site. FIELD_INVALID names every broken rule;
// OUTSIDE_SITE_HOURS, TIME_NOT_ON_CLOCK the first.
absl::Status CheckPlan(const TemplatePlan& plan, const PlanGround& ground, absl::CivilDay today);

// Whether reserves are for members of the consortium of the organization that offers the sessions,
// or for itself. `reserved`: the organizations of the quotas, as the local projection knows them.
// OUTSIDE_CONSORTIUM; `field`: where the quotas stand in the request.
absl::Status CheckReserves(const std::vector<Quota>& quotas, std::string_view field,
                           const Organization& offering, const std::vector<Organization>& reserved);

// The plan against another template that has its expert, who needs time for the way between the two
// sites, or its room or device at the same site. TEMPLATE_OVERLAP.
absl::Status CheckOverlap(const TemplatePlan& plan, const PlanGround& ground,
                          const SessionTemplate& other, const PlanGround& other_ground,
                          const TravelTimes& travel, absl::CivilDay today);

// A site with new hours against a template there. OUTSIDE_SITE_HOURS.
absl::Status CheckSiteHours(const Site& site, const SessionTemplate& there, absl::CivilDay today);

// The template after its last date. FIELD_INVALID for a date that has passed or is after the plan's
// own last one; ENDED.
absl::StatusOr<SessionTemplate> EndTemplate(const SessionTemplate& before, absl::CivilDay last,
                                            absl::CivilDay today, absl::Time now);

}  // namespace yilian::scheduling
