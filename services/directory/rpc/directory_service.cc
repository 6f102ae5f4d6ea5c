#include "services/directory/rpc/directory_service.h"

namespace yilian::directory {

rpc::Dispatch Bind(OrganizationHandlers& organizations, PatientHandlers& patients) {
  rpc::Dispatch dispatch("yilian.directory.v1.DirectoryService");
  dispatch.Unary("CreateOrganization", &organizations, &OrganizationHandlers::CreateOrganization)
      .Unary("GetOrganization", &organizations, &OrganizationHandlers::GetOrganization)
      .Unary("ListOrganizations", &organizations, &OrganizationHandlers::ListOrganizations)
      .Unary("CreateDepartment", &organizations, &OrganizationHandlers::CreateDepartment)
      .Unary("ListDepartments", &organizations, &OrganizationHandlers::ListDepartments)
      .Unary("CreatePractitioner", &organizations, &OrganizationHandlers::CreatePractitioner)
      .Unary("GetPractitioner", &organizations, &OrganizationHandlers::GetPractitioner)
      .Unary("CreateUser", &organizations, &OrganizationHandlers::CreateUser)
      .Unary("RegisterPatient", &patients, &PatientHandlers::RegisterPatient)
      .Unary("GetPatient", &patients, &PatientHandlers::GetPatient)
      .Unary("FindPatient", &patients, &PatientHandlers::FindPatient)
      .Unary("MergePatients", &patients, &PatientHandlers::MergePatients)
      .Unary("CheckCareRelationship", &patients, &PatientHandlers::CheckCareRelationship)
      .Unary("CreateContract", &patients, &PatientHandlers::CreateContract);
  return dispatch;
}

}  // namespace yilian::directory
