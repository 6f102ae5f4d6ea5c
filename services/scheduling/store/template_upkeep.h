// What happens to the sessions of templates without a caller, and what every change of a template
// ends with.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/outbox/outbox.h"
#include "services/scheduling/store/template_replan.h"

namespace yilian::scheduling {

// Timer kind: of a template. There is one for as long as the template may have sessions to make.
inline constexpr std::string_view kTemplateTimer = "scheduling.Template";

// Sessions that one run makes: with 500 seats each half a second of statements, far from the time
// that a timer has, and holds that expire wait no longer for their turn.
inline constexpr int kSessionsAtOnce = 8;

// Every method works in the caller's transaction. Thread-safe: immutable.
class TemplateUpkeep {
 public:
  explicit TemplateUpkeep(ReplanParts parts) : parts_(std::move(parts)) {}

  // Brings the sessions of the template to its plan, up to the horizon, and sets its next look. An
  // outage is caught up by the first run after it: what is missing is made, whenever it was due.
  // Two runs at once make each session once: the template's row is locked, and
  // uq_session__template_id_template_date holds whatever else happens.
  absl::Status Run(mysql::Session& sql, TemplateId id, absl::Time now) const;

  // Takes back what the plan does not mean; the template's row is locked. The job makes what is
  // missing: its timer is due at once. Returns how many conflicts there are, appends to `events`.
  absl::StatusOr<int> Retract(mysql::Session& sql, const SessionTemplate& made, absl::Time now,
                              std::vector<outbox::NewEvent>& events) const;

  // Site and holidays of a plan, without absences.
  absl::StatusOr<PlanGround> GroundOf(mysql::Session& sql, const TemplatePlan& plan) const;

  const ReplanParts& parts() const { return parts_; }

 private:
  absl::StatusOr<PlanGround> GroundNow(mysql::Session& sql, const SessionTemplate& made,
                                       absl::Time now) const;

  const ReplanParts parts_;
};

// Guards the plan's expert and its room or device.
absl::Status GuardPlan(mysql::Session& sql, const TemplatePlan& plan);
// The job looks at the template at `at`.
absl::Status SetTemplateTimer(mysql::Session& sql, TemplateId id, absl::Time at);

}  // namespace yilian::scheduling
