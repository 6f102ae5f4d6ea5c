// Sites and absences in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/template_store.h"
#include "services/scheduling/store/template_upkeep.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlAvailabilityStore : public AvailabilityStore {
 public:
  MysqlAvailabilityStore(unit::UnitOfWork& unit_of_work, const TemplateUpkeep& upkeep)
      : unit_of_work_(unit_of_work), upkeep_(upkeep) {}

  absl::StatusOr<v1::Absence> RecordAbsence(const unit::WriteContext& context,
                                            OrganizationId organization,
                                            PractitionerId practitioner, const Span& time) override;
  absl::StatusOr<v1::Absence> EndAbsence(const unit::WriteContext& context, AbsenceId id,
                                         const Actor& by, const std::string& etag,
                                         std::optional<absl::Time> back_at) override;
  absl::StatusOr<std::vector<Absence>> ListAbsences(const AbsenceFilter& filter,
                                                    const AbsencePosition& after, int limit,
                                                    absl::Time deadline) override;
  absl::StatusOr<v1::Site> DefineSite(const unit::WriteContext& context, const NewSite& wanted,
                                      const std::string& etag) override;
  absl::StatusOr<Site> GetSite(OrganizationId id, absl::Time deadline) override;

 private:
  absl::Status CheckTemplates(mysql::Session& sql, const Site& before, const Site& after,
                              absl::Time now) const;

  unit::UnitOfWork& unit_of_work_;
  const TemplateUpkeep& upkeep_;
};

}  // namespace yilian::scheduling
