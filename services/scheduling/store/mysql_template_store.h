// Templates in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/template_store.h"
#include "services/scheduling/store/template_upkeep.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::scheduling {

// Locks in one order: guards of expert, room or device, and site; the template; its sessions; their
// seats. Thread-safe.
class MysqlTemplateStore : public TemplateStore {
 public:
  MysqlTemplateStore(unit::UnitOfWork& unit_of_work, const TemplateUpkeep& upkeep)
      : unit_of_work_(unit_of_work), upkeep_(upkeep) {}

  absl::StatusOr<v1::SessionTemplate> Create(const unit::WriteContext& context,
                                             OrganizationId organization,
                                             const TemplatePlan& plan) override;
  absl::StatusOr<v1::SessionTemplate> Change(const unit::WriteContext& context, TemplateId id,
                                             const Actor& by, const std::string& etag,
                                             const TemplatePlan& plan) override;
  absl::StatusOr<v1::SessionTemplate> End(const unit::WriteContext& context, TemplateId id,
                                          const Actor& by, const std::string& etag,
                                          std::optional<absl::CivilDay> last) override;
  absl::StatusOr<TemplateView> Get(TemplateId id, const Actor& by, absl::Time deadline) override;
  absl::StatusOr<std::vector<TemplateView>> List(const TemplateFilter& filter, TemplateId after,
                                                 int limit, absl::Time deadline) override;
  absl::StatusOr<std::vector<TemplateConflict>> ListConflicts(const ConflictFilter& filter,
                                                              const ConflictPosition& after,
                                                              int limit,
                                                              absl::Time deadline) override;

 private:
  // Refuses a plan that cannot be, with everything that it could run into locked.
  absl::Status GuardAndCheck(mysql::Session& sql, const SessionTemplate& wanted,
                             absl::Time now) const;
  absl::Status CheckOthers(mysql::Session& sql, const SessionTemplate& wanted,
                           const PlanGround& ground, absl::CivilDay today) const;
  absl::Status CheckSessions(mysql::Session& sql, const SessionTemplate& wanted,
                             const PlanGround& ground, absl::Time now) const;
  // The template as it is now, with its event and audit record.
  absl::StatusOr<v1::SessionTemplate> Answer(unit::Scope& scope, const SessionTemplate& made,
                                             int conflicts, std::string_view event) const;
  // After a change: takes back what the plan does not mean any more.
  absl::StatusOr<v1::SessionTemplate> Apply(unit::Scope& scope, const SessionTemplate& after,
                                            std::string_view event) const;

  unit::UnitOfWork& unit_of_work_;
  const TemplateUpkeep& upkeep_;
};

}  // namespace yilian::scheduling
