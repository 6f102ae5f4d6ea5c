#include "services/scheduling/jobs/directory_names.h"

#include "common/base/status_macros.h"
#include "services/scheduling/store/calendar_rows.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::scheduling {
namespace {

absl::Status Save(mysql::Session& sql, const std::string& id, const std::string& name,
                  absl::Time now) {
  ASSIGN_OR_RETURN(const base::Uuid subject, base::Uuid::Parse(id));
  return SaveDirectoryName(sql, subject, name, now);
}

}  // namespace

std::vector<std::string> DirectoryNameTypes() {
  return {"OrganizationRegistered", "DepartmentRegistered", "PractitionerRegistered"};
}

absl::Status ApplyDirectoryName(mysql::Session& sql, const event::v1::Event& event,
                                absl::Time now) {
  directory::v1::OrganizationRegistered organization;
  if (event.payload().UnpackTo(&organization)) {
    const directory::v1::Organization& one = organization.organization();
    return Save(sql, one.organization_id(), one.name(), now);
  }
  directory::v1::DepartmentRegistered department;
  if (event.payload().UnpackTo(&department)) {
    return Save(sql, department.department().department_id(), department.department().name(), now);
  }
  directory::v1::PractitionerRegistered practitioner;
  if (event.payload().UnpackTo(&practitioner)) {
    const directory::v1::Practitioner& one = practitioner.practitioner();
    return Save(sql, one.practitioner_id(), one.name(), now);
  }
  return absl::OkStatus();
}

}  // namespace yilian::scheduling
