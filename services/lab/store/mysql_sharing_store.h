// Sensitive codes and grants.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/unit/unit_of_work.h"
#include "services/lab/domain/sharing_store.h"

namespace yilian::lab {

// Thread-safe.
class MysqlSharingStore : public SharingStore {
 public:
  explicit MysqlSharingStore(unit::UnitOfWork& unit_of_work) : unit_of_work_(unit_of_work) {}

  absl::StatusOr<std::vector<StoredSensitiveCode>> List(const SensitiveCodesQuery& query,
                                                        absl::Time deadline) override;
  absl::StatusOr<std::vector<SensitiveGrant>> GrantsOf(PatientId patient,
                                                       OrganizationId organization,
                                                       absl::Time deadline) override;
  absl::StatusOr<ClassSet> GrantedTo(PatientId patient, OrganizationId organization,
                                     absl::Time deadline) override;

 protected:
  absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, const SensitiveCode& code, const std::string& etag,
      const wire::RespondBytes<StoredSensitiveCode>& respond) override;
  absl::StatusOr<std::string> GrantBytes(
      const unit::WriteContext& context, const NewGrant& grant,
      const wire::RespondBytes<SensitiveGrant>& respond) override;
  absl::StatusOr<std::string> RevokeBytes(
      const unit::WriteContext& context, GrantId id, OrganizationId by,
      const wire::RespondBytes<SensitiveGrant>& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
};

}  // namespace yilian::lab
