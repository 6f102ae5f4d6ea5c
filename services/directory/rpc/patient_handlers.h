// The methods of yilian.directory.v1.DirectoryService about patients.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/contract.h"
#include "services/directory/domain/patient.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class PatientHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    PatientStore& patients;
    ContractStore& contracts;
  };
  explicit PatientHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::RegisterPatientResponse> RegisterPatient(
      const rpc::Call& call, const v1::RegisterPatientRequest& request);
  absl::StatusOr<v1::Patient> GetPatient(const rpc::Call& call,
                                         const v1::GetPatientRequest& request);
  absl::StatusOr<v1::Patient> FindPatient(const rpc::Call& call,
                                          const v1::FindPatientRequest& request);
  absl::StatusOr<v1::Patient> MergePatients(const rpc::Call& call,
                                            const v1::MergePatientsRequest& request);
  absl::StatusOr<v1::CheckCareRelationshipResponse> CheckCareRelationship(
      const rpc::Call& call, const v1::CheckCareRelationshipRequest& request);
  absl::StatusOr<v1::Contract> CreateContract(const rpc::Call& call,
                                              const v1::CreateContractRequest& request);

 private:
  // The patient as an organization sees them, after a write: the ledger of request ids keeps only
  // the id of who was written, because nothing in it is encrypted.
  absl::StatusOr<v1::Patient> Written(const rpc::Call& call, const std::string& patient_id,
                                      OrganizationId organization);

  const Deps deps_;
};

}  // namespace yilian::directory
