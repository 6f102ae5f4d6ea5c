#include "services/scheduling/jobs/directory_events.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/relationship/merges.h"
#include "services/scheduling/store/party_rows.h"
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

}  // namespace

std::vector<std::string> DirectoryEventTypes() {
  return {"OrganizationRegistered", "PatientsMerged", "PatientsUnmerged"};
}

absl::Status ApplyDirectoryEvent(mysql::Session& sql, const event::v1::Event& event,
                                 const Upkeep& upkeep, absl::Time now) {
  directory::v1::OrganizationRegistered registered;
  if (event.payload().UnpackTo(&registered)) return Register(sql, registered.organization(), now);
  ASSIGN_OR_RETURN(const std::optional<relationship::SubjectMerge> merge,
                   relationship::MergeOf(event));
  return merge ? upkeep.Merge(sql, *merge, now) : absl::OkStatus();
}

}  // namespace yilian::scheduling
