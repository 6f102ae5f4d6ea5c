#include "services/referral/domain/deadlines.h"

namespace yilian::referral {

absl::Time Deadlines::FirstResponse(Direction direction, Channel channel, Urgency urgency,
                                    absl::Time submitted) const {
  if (direction == Direction::kDown) return submitted + defaults_.down_acknowledgement;
  if (channel == Channel::kGreen) return submitted + defaults_.green_response;
  if (urgency != Urgency::kRoutine) return submitted + defaults_.urgent_response;
  return calendar_.AddWorkingDays(submitted, defaults_.routine_response_days);
}

absl::Time Deadlines::AnswerToReturn(absl::Time returned) const {
  return calendar_.AddWorkingDays(returned, defaults_.returned_answer_days);
}

absl::Time Deadlines::EscalationAt(absl::Time started, absl::Time due, int tier) {
  return due + (due - started) * (0.5 * (tier - 1));
}

}  // namespace yilian::referral
