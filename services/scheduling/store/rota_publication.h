// Makes the visits of one rota into sessions: one run inside one transaction.
#pragma once

#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/store/rota_rows.h"
#include "services/scheduling/store/template_replan.h"

namespace yilian::scheduling {

// Made for one attempt and thrown away. The rota's row and those of its line are locked. Takes the
// guards of all its experts, then the sessions that stand, then their seats; appends its events.
class RotaPublication {
 public:
  RotaPublication(unit::Scope& scope, const ReplanParts& parts, const rota::RotaEncoding& encoding,
                  RotaRow row)
      : scope_(scope),
        sql_(scope.sql()),
        parts_(parts),
        encoding_(encoding),
        row_(std::move(row)),
        rota_(row_.rota) {}

  // ROTA_BROKEN: a visit breaks a rule, and nothing is made.
  absl::StatusOr<rota::Published> Run();

  // After Run.
  const rota::Rota& rota() const { return rota_; }

 private:
  absl::Status GuardExperts();
  absl::Status Replace(RotaId before);
  // Sessions that the plan has not: withdrawn, or kept as they are booked.
  absl::Status ClearStanding();
  absl::StatusOr<SessionId> Make(const rota::Visit& visit);
  RotaSession LinkOf(const rota::Visit& visit, SessionId session) const;
  absl::Status MakeAll();
  absl::Status Save();

  unit::Scope& scope_;
  mysql::Session& sql_;
  const ReplanParts& parts_;
  const rota::RotaEncoding& encoding_;
  const RotaRow row_;
  rota::Rota rota_;

  rota::Asked asked_;
  rota::Planned planned_;
  rota::Known known_;
  rota::Published published_;
};

}  // namespace yilian::scheduling
