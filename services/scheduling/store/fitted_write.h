// A write whose decision may need to know whether a patient is for a clinic.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/domain/clinic_rule.h"

namespace yilian::scheduling {

// Runs `decide` as UnitOfWork does. Where it comes upon a rule whose answer is not there, its
// attempt is undone, the directory is asked, in no transaction, and it is run again: a session
// without a rule costs nothing, and what is repeated is answered from the ledger, unasked. Each
// turn knows more, and the deadline ends it. Errors: as `decide`; UNAVAILABLE (FIT_NOT_CHECKED).
template <typename Response>
absl::StatusOr<Response> RunFitted(
    unit::UnitOfWork& unit_of_work, PatientDirectory& patients, const unit::WriteContext& context,
    const std::function<absl::StatusOr<Response>(unit::Scope&, FitLookup&)>& decide) {
  FitAnswers answers;
  for (;;) {
    FitQuestions open;
    absl::StatusOr<Response> outcome =
        unit_of_work.Run<Response>(context, [&](unit::Scope& scope) -> absl::StatusOr<Response> {
          FitLookup fits(answers);
          absl::StatusOr<Response> decided = decide(scope, fits);
          open = fits.open();
          if (!open.empty()) return errors::FitOpen();
          return decided;
        });
    // Also where the ledger had an answer already, whatever this attempt found open.
    if (outcome.status() != errors::FitOpen()) return outcome;
    RETURN_IF_ERROR(answers.Ask(patients, open, context.deadline));
  }
}

}  // namespace yilian::scheduling
