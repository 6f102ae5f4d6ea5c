#include "services/scheduling/jobs/directory_events.h"

#include <cmath>
#include <optional>

#include "common/base/status_macros.h"
#include "common/relationship/merges.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/store/calendar_rows.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/travel_rows.h"
#include "yilian/directory/v1/account.pb.h"
#include "yilian/directory/v1/catalog.pb.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::scheduling {
namespace {

absl::Status Register(mysql::Session& sql, const directory::v1::Organization& registered,
                      absl::Time now) {
  Organization organization{.tier = static_cast<Tier>(registered.tier())};
  ASSIGN_OR_RETURN(organization.id, OrganizationId::Parse(registered.organization_id()));
  if (!registered.consortium_id().empty()) {
    ASSIGN_OR_RETURN(organization.consortium, OrganizationId::Parse(registered.consortium_id()));
  }
  return SaveOrganization(sql, organization, now);
}

absl::Status Locate(mysql::Session& sql, const directory::v1::OrganizationLocation& located) {
  ASSIGN_OR_RETURN(const OrganizationId site, OrganizationId::Parse(located.organization_id()));
  // Within what the directory takes: -180 to 180 degrees.
  return SaveSitePlace(
      sql, site,
      {.longitude_e6 = static_cast<int32_t>(std::lround(located.longitude() * 1e6)),
       .latitude_e6 = static_cast<int32_t>(std::lround(located.latitude() * 1e6))});
}

absl::Status Close(mysql::Session& sql, const directory::v1::AccountClosed& closed) {
  ASSIGN_OR_RETURN(const UserId user, UserId::Parse(closed.user_id()));
  return SaveAccountEnd(sql, user, base::Uuid(), OrganizationId(),
                        wire::ToTime(closed.closed_at()));
}

absl::Status SetEnd(mysql::Session& sql, const directory::v1::AffiliationEndSet& set) {
  ASSIGN_OR_RETURN(const UserId user, UserId::Parse(set.user_id()));
  ASSIGN_OR_RETURN(const base::Uuid affiliation, base::Uuid::Parse(set.affiliation_id()));
  ASSIGN_OR_RETURN(const OrganizationId organization, OrganizationId::Parse(set.organization_id()));
  return SaveAccountEnd(sql, user, affiliation, organization, wire::ToTime(set.ends_at()));
}

}  // namespace

std::vector<std::string> DirectoryEventTypes() {
  return {"OrganizationRegistered", "OrganizationLocated", "PatientsMerged",
          "PatientsUnmerged",       "AccountClosed",       "AffiliationEndSet"};
}

absl::Status ApplyDirectoryEvent(mysql::Session& sql, const event::v1::Event& event,
                                 const Upkeep& upkeep, absl::Time now) {
  directory::v1::OrganizationRegistered registered;
  if (event.payload().UnpackTo(&registered)) return Register(sql, registered.organization(), now);
  directory::v1::OrganizationLocated located;
  if (event.payload().UnpackTo(&located)) return Locate(sql, located.location());
  directory::v1::AccountClosed closed;
  if (event.payload().UnpackTo(&closed)) return Close(sql, closed);
  directory::v1::AffiliationEndSet end;
  if (event.payload().UnpackTo(&end)) return SetEnd(sql, end);
  ASSIGN_OR_RETURN(const std::optional<relationship::SubjectMerge> merge,
                   relationship::MergeOf(event));
  return merge ? upkeep.Merge(sql, *merge, now) : absl::OkStatus();
}

}  // namespace yilian::scheduling
