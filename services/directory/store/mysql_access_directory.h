// AccessDirectory on the tables care_relationship, patient, organization and user_account.
#pragma once

#include <vector>

#include "common/mysql/pool.h"
#include "services/directory/domain/record_access.h"

namespace yilian::directory {

// Thread-safe; `pool` outlives it.
class MysqlAccessDirectory : public AccessDirectory {
 public:
  explicit MysqlAccessDirectory(mysql::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::vector<PatientId>> RecordsOf(PatientId patient, const Actor& actor, bool any,
                                                   absl::Time now, absl::Time deadline) override;
  absl::Status AddNames(std::vector<RecordAccess>& accesses, absl::Time deadline) override;
  absl::StatusOr<std::vector<NamedCareRelationship>> ListCare(const CareQuery& query,
                                                              const Actor& actor, bool any,
                                                              absl::Time now,
                                                              absl::Time deadline) override;

 private:
  mysql::Pool& pool_;
};

}  // namespace yilian::directory
