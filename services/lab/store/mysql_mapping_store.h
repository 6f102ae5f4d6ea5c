// Mappings and their queue in the laboratory schema: every method is one transaction or one read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/lab/domain/mapping_store.h"

namespace yilian::lab {

// Thread-safe.
class MysqlMappingStore : public MappingStore {
 public:
  explicit MysqlMappingStore(unit::UnitOfWork& unit_of_work) : unit_of_work_(unit_of_work) {}

  absl::StatusOr<std::vector<Mapping>> List(const MappingsQuery& query,
                                            absl::Time deadline) override;
  absl::StatusOr<std::vector<MappingItem>> ListItems(const MappingItemsQuery& query,
                                                     absl::Time deadline) override;
  absl::StatusOr<std::vector<MappingSuggestion>> Suggest(OrganizationId organization,
                                                         const Term& term,
                                                         absl::Time deadline) override;

 protected:
  absl::StatusOr<std::string> ChangeBytes(const unit::WriteContext& context,
                                          const NewMapping& mapping,
                                          const RespondBytes& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
};

}  // namespace yilian::lab
