// Templates, sites and absences between the wire and the domain. Field rules were checked by the
// frame; what is left to fail is an id's text.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "services/scheduling/domain/template_store.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::scheduling::convert {

v1::SessionTemplate ToProto(const TemplateView& view);
v1::TemplateConflict ToProto(const TemplateConflict& conflict);
v1::Absence ToProto(const Absence& absence);
v1::Site ToProto(const Site& site);
// The four, as the stores take them.
TemplateEncoding TemplateStoreEncoding();

// Exceptions by date; without a site where none is named.
absl::StatusOr<TemplatePlan> ToDomain(const v1::TemplatePlan& plan);
absl::StatusOr<NewSite> ToDomain(const v1::DefineSiteRequest& request);
// "": nothing.
std::optional<absl::CivilDay> ToOptionalDay(const std::string& text);

}  // namespace yilian::scheduling::convert
