// The events of templates, sites and absences, with who may see them.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "common/outbox/outbox.h"
#include "services/scheduling/domain/template_store.h"

namespace yilian::scheduling::events {

inline constexpr std::string_view kTemplateCreated = "SessionTemplateCreated";
inline constexpr std::string_view kTemplateChanged = "SessionTemplateChanged";
inline constexpr std::string_view kTemplateEnded = "SessionTemplateEnded";
inline constexpr std::string_view kConflictFound = "TemplateConflictFound";
inline constexpr std::string_view kConflictResolved = "TemplateConflictResolved";
inline constexpr std::string_view kAbsenceRecorded = "AbsenceRecorded";
inline constexpr std::string_view kAbsenceEnded = "AbsenceEnded";

// For the organization that offers the sessions and the one where they take place.
outbox::NewEvent TemplateChanged(std::string_view type, const TemplateView& view,
                                 const TemplateEncoding& encoding, absl::Time now);
// For the organization that offers the sessions.
outbox::NewEvent ConflictChanged(std::string_view type, const SessionTemplate& made,
                                 const TemplateConflict& conflict, const TemplateEncoding& encoding,
                                 absl::Time now);
// As the session's SessionCreated.
outbox::NewEvent SessionWithdrawn(const Session& session, absl::CivilDay date, absl::Time now);
// For the organization whose sessions it is about.
outbox::NewEvent AbsenceChanged(std::string_view type, const Absence& absence,
                                const TemplateEncoding& encoding, absl::Time now);
// For the site.
outbox::NewEvent SiteDefined(const Site& site, const TemplateEncoding& encoding, absl::Time now);

}  // namespace yilian::scheduling::events
