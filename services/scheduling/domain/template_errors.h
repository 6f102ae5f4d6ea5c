// The refusals of templates, sites and absences: the field, the rule, what is in the way, what is
// allowed.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/domain/session_template.h"

namespace yilian::scheduling::errors {

// Also for what belongs to others: the two must look alike.
absl::Status TemplateNotFound();
absl::Status AbsenceNotFound();
absl::Status EtagStale(std::string_view current_etag);
absl::Status Ended(absl::Time at);

// What two templates cannot have at once.
enum class OverlapSubject { kExpert, kResource };
// `way`: between the two sites; for an expert.
absl::Status TemplateOverlap(OverlapSubject subject, const Clash& clash, const TravelClash& way,
                             const SessionTemplate& blocking);
// A session that is there already has the expert, or the room or device; or the expert could not be
// there in time.
absl::Status SessionInTheWay(OverlapSubject subject, const Occurrence& occurrence,
                             const TravelClash& clash);
absl::Status OutsideSiteHours(std::string_view field, const Site& site, absl::Weekday weekday,
                              const WallHours& hours);
// `outside`, which new hours of a site would bring about, with the template that they would leave
// outside.
absl::Status TemplateOutsideHours(const absl::Status& outside, TemplateId blocking);
absl::Status OutsideConsortium(std::string_view field, OrganizationId reserved,
                               OrganizationId consortium);
absl::Status TimeNotOnClock(const Site& site, const Occurrence& occurrence);
absl::Status SiteInUse(TemplateId blocking);

}  // namespace yilian::scheduling::errors
