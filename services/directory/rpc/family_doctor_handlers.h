// The methods of yilian.directory.v1.FamilyDoctorService.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/contract.h"
#include "services/directory/domain/team.h"
#include "yilian/directory/v1/family_doctor.pb.h"

namespace yilian::directory {

// Thread-safe; owned by the service's context.
class FamilyDoctorHandlers {
 public:
  struct Deps {
    unit::UnitOfWork& unit;
    TeamStore& teams;
    ContractStore& contracts;
    const crypto::Sealer& sealer;
  };
  explicit FamilyDoctorHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::Team> CreateTeam(const rpc::Call& call, const v1::CreateTeamRequest& request);
  absl::StatusOr<v1::Team> SetTeamMember(const rpc::Call& call,
                                         const v1::SetTeamMemberRequest& request);
  absl::StatusOr<v1::Team> RemoveTeamMember(const rpc::Call& call,
                                            const v1::RemoveTeamMemberRequest& request);
  absl::StatusOr<v1::Team> GetTeam(const rpc::Call& call, const v1::GetTeamRequest& request);
  absl::StatusOr<v1::ListTeamsResponse> ListTeams(const rpc::Call& call,
                                                  const v1::ListTeamsRequest& request);
  absl::StatusOr<v1::Contract> RenewContract(const rpc::Call& call,
                                             const v1::RenewContractRequest& request);
  absl::StatusOr<v1::Contract> TerminateContract(const rpc::Call& call,
                                                 const v1::TerminateContractRequest& request);
  absl::StatusOr<v1::Contract> GetContract(const rpc::Call& call,
                                           const v1::GetContractRequest& request);
  absl::StatusOr<v1::ListContractsResponse> ListContracts(const rpc::Call& call,
                                                          const v1::ListContractsRequest& request);
  absl::StatusOr<v1::ListTeamContractsResponse> ListTeamContracts(
      const rpc::Call& call, const v1::ListTeamContractsRequest& request);

 private:
  const Deps deps_;
};

// Outlives the server.
rpc::Dispatch Bind(FamilyDoctorHandlers& handlers);

}  // namespace yilian::directory
