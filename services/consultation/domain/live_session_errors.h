// Errors of live sessions: one factory for each reason in yilian.consultation.v1.ErrorReason.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/consultation/domain/errors.h"

namespace yilian::consultation::errors {

absl::Status SessionEnded();
absl::Status WaitingForAdmission();
absl::Status NotAModerator();
absl::Status RemovedFromSession();
absl::Status Muted();
absl::Status ParticipantNotFound();
absl::Status TooManyFrames(int per_second, absl::Duration wait);
absl::Status JoinedElsewhere();
absl::Status TurnUnavailable();

}  // namespace yilian::consultation::errors
