// Brings the sessions of one template to what its plan says: one run inside one transaction.
#pragma once

#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/outbox/outbox.h"
#include "services/scheduling/domain/encoding.h"
#include "services/scheduling/domain/replan.h"
#include "services/scheduling/domain/template_store.h"
#include "services/scheduling/store/template_rows.h"

namespace yilian::scheduling {

// What a run needs beside the template; outlives it.
struct ReplanParts {
  Encoding encoding;
  TemplateEncoding templates;
  Rules rules;
  TemplateRules template_rules;
};

// Made for one attempt and thrown away. The template's row is locked; before Fill its expert and
// its room or device are guarded. Retract, then Fill or not, then Finish.
class TemplateReplan {
 public:
  TemplateReplan(mysql::Session& sql, const ReplanParts& parts, const SessionTemplate& made,
                 PlanGround ground, absl::Time now)
      : sql_(sql),
        parts_(parts),
        made_(made),
        ground_(std::move(ground)),
        now_(now),
        place_(PlaceOf(made.plan.kind, made.plan.site)),
        travel_(parts.rules.travel) {}

  // Withdraws sessions that the plan does not mean (any more) and on which no seat is taken; the
  // others are conflicts.
  absl::Status Retract();
  // Makes sessions that are missing up to the horizon, at most `limit`. True: there are more.
  absl::StatusOr<bool> Fill(int limit);
  // Stores which conflicts there are now. Returns how many.
  absl::StatusOr<int> Finish();

  // In order; whoever runs it appends them.
  const std::vector<outbox::NewEvent>& events() const { return events_; }

 private:
  absl::Status Look(const StandingSession& standing);
  absl::StatusOr<bool> Withdraw(const StandingSession& standing);
  absl::Status LoadBusy(const Span& window);
  absl::Status Make(const Occurrence& occurrence);
  void Note(absl::CivilDay date, TemplateConflictKind kind, SessionId session, SessionId blocking);
  // Whether a conflict that was there before may be there still, as nobody looked.
  bool Unknown(absl::CivilDay date) const;

  mysql::Session& sql_;
  const ReplanParts& parts_;
  const SessionTemplate& made_;
  const PlanGround ground_;
  const absl::Time now_;
  const OrganizationId place_;  // where the expert has to be

  std::map<absl::CivilDay, SessionId> standing_;
  std::map<absl::CivilDay, TemplateConflict> conflicts_;
  std::vector<BusySpan> expert_busy_;
  std::vector<BusySpan> resource_busy_;
  TravelTimes travel_;
  // Dates before it were looked at by Fill.
  absl::CivilDay filled_before_ = absl::CivilDay::min();
  std::vector<outbox::NewEvent> events_;
};

}  // namespace yilian::scheduling
