// Reading centres and their members in the consultation schema: every method is one transaction or
// one read.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/consultation/domain/centre_encoding.h"
#include "services/consultation/domain/reading_centre_store.h"

namespace yilian::consultation {

// Thread-safe.
class MysqlReadingCentreStore : public ReadingCentreStore {
 public:
  MysqlReadingCentreStore(unit::UnitOfWork& unit_of_work, CentreEncoding encoding)
      : unit_of_work_(unit_of_work), encoding_(std::move(encoding)) {}

  absl::StatusOr<ReadingCentre> Get(CentreId id, absl::Time deadline) override;
  absl::StatusOr<std::optional<ReadingCentre>> CentreFor(OrganizationId organization, Kind kind,
                                                         absl::Time deadline) override;
  absl::StatusOr<std::vector<ReadingCentre>> List(OrganizationId organization, CentreId after,
                                                  int limit, absl::Time deadline) override;
  absl::StatusOr<std::vector<ReadingMember>> ListMembers(CentreId centre, PractitionerId after,
                                                         int limit, absl::Time deadline) override;
  absl::StatusOr<ReadingCounts> Count(CentreId centre, absl::Time deadline) override;

 protected:
  absl::StatusOr<std::string> DefineBytes(
      const unit::WriteContext& context, OrganizationId organization, CentreId centre,
      const std::string& etag, const CentrePlan& plan,
      const wire::RespondBytes<ReadingCentre>& respond) override;
  absl::StatusOr<std::string> ChangeMemberBytes(
      const unit::WriteContext& context, OrganizationId organization, CentreId centre,
      PractitionerId practitioner, const std::optional<std::string>& etag,
      const DecideMember& decide, const wire::RespondBytes<ReadingMember>& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
  const CentreEncoding encoding_;
};

}  // namespace yilian::consultation
