// ContractStore on the table contract.
#pragma once

#include <vector>

#include "common/mysql/pool.h"
#include "services/directory/domain/contract.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlContractStore : public ContractStore {
 public:
  explicit MysqlContractStore(mysql::Pool& pool) : pool_(pool) {}

  absl::Status Add(unit::Scope& scope, const Contract& contract, const Actor& actor) override;
  absl::StatusOr<Contract> Renew(unit::Scope& scope, const RenewContract& command,
                                 const Actor& actor) override;
  absl::StatusOr<std::vector<Contract>> Terminate(unit::Scope& scope, ContractId id,
                                                  int64_t version, TerminationReason reason,
                                                  const Actor& actor) override;
  absl::StatusOr<Contract> Get(ContractId id, const Actor& actor, absl::Time now,
                               absl::Time deadline) override;
  absl::StatusOr<std::vector<Contract>> ListOf(PatientId patient, const Actor& actor,
                                               absl::Time now, absl::Time deadline) override;
  absl::StatusOr<std::vector<Contract>> ListOf(const TeamContractsQuery& query, const Actor& actor,
                                               absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

}  // namespace yilian::directory
