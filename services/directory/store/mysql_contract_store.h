// ContractStore on the table contract.
#pragma once

#include "services/directory/domain/contract.h"

namespace yilian::directory {

// Holds nothing of its own: it works in the transactions it is given. Thread-safe.
class MysqlContractStore : public ContractStore {
 public:
  absl::Status Add(unit::Scope& scope, const Contract& contract, const Actor& actor) override;
};

}  // namespace yilian::directory
