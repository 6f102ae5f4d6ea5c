// Sessions in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/clinic_rule.h"
#include "services/scheduling/domain/replan.h"
#include "services/scheduling/domain/stores.h"
#include "yilian/scheduling/v1/scheduling.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlSessionStore : public SessionStore {
 public:
  MysqlSessionStore(unit::UnitOfWork& unit_of_work, PatientDirectory& patients, Encoding encoding,
                    const Rules& rules, TemplateRules template_rules)
      : unit_of_work_(unit_of_work),
        patients_(patients),
        encoding_(std::move(encoding)),
        rules_(rules),
        template_rules_(std::move(template_rules)) {}

  absl::StatusOr<v1::Session> Create(const unit::WriteContext& context, const NewSession& offer,
                                     OrganizationId booking_organization) override;
  absl::StatusOr<SessionView> Get(SessionId id, OrganizationId booking_organization,
                                  absl::Time deadline) override;
  absl::StatusOr<SessionPage> Search(const SessionSearch& search, absl::Time deadline) override;

 private:
  // Whoever and whatever the session, planned as offered, needs is guarded, and free; its site is
  // open. EXPERT_OVERLAP, EXPERT_ABSENT, RESOURCE_OVERLAP, OUTSIDE_SITE_HOURS, PUBLIC_HOLIDAY,
  // OUTSIDE_CONSORTIUM.
  absl::Status GuardAndCheck(mysql::Session& sql, const NewSession& offer,
                             const Session& session) const;
  // Leaves out what is not for the patient.
  absl::Status KeepFit(PatientId patient, std::vector<SessionView>& sessions,
                       absl::Time deadline) const;

  unit::UnitOfWork& unit_of_work_;
  PatientDirectory& patients_;
  const Encoding encoding_;
  const Rules rules_;
  const TemplateRules template_rules_;
};

}  // namespace yilian::scheduling
