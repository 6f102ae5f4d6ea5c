// yilian.directory.v1.DirectoryService: which method is whose.
#pragma once

#include "common/rpc/dispatch.h"
#include "services/directory/rpc/organization_handlers.h"
#include "services/directory/rpc/patient_handlers.h"

namespace yilian::directory {

// Both outlive the server.
rpc::Dispatch Bind(OrganizationHandlers& organizations, PatientHandlers& patients);

}  // namespace yilian::directory
