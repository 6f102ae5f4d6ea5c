#include "services/consultation/domain/live_session_errors.h"

#include <fmt/format.h>

#include "common/status/errors_of.h"

namespace yilian::consultation::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

}  // namespace

absl::Status SessionEnded() {
  return kError(StatusCode::kFailedPrecondition, "SESSION_ENDED")
      .Message("the live session is over, or its consultation is; ListTranscript reads it")
      .Chinese("实时会诊已结束，可查阅会诊实录");
}

absl::Status WaitingForAdmission() {
  return kError(StatusCode::kFailedPrecondition, "WAITING_FOR_ADMISSION")
      .Message("you are in the waiting room until a moderator admits you")
      .Chinese("您在等候室，请等待主持人准入");
}

absl::Status NotAModerator() {
  return kError(StatusCode::kPermissionDenied, "NOT_A_MODERATOR")
      .Message("only a moderator does this: who opened the session, or the expert")
      .Chinese("仅主持人（发起人或会诊专家）可执行该操作");
}

absl::Status RemovedFromSession() {
  return kError(StatusCode::kPermissionDenied, "REMOVED_FROM_SESSION")
      .Message("a moderator removed you from this live session")
      .Chinese("您已被主持人移出本次实时会诊");
}

absl::Status Muted() {
  return kError(StatusCode::kFailedPrecondition, "MUTED")
      .Message("a moderator muted you; raise a hand to ask for the word")
      .Chinese("您已被主持人禁言，可举手申请发言");
}

absl::Status ParticipantNotFound() {
  return kError(StatusCode::kNotFound, "PARTICIPANT_NOT_FOUND")
      .Message("nobody of that id is in the session, or in its waiting room, as the act needs it")
      .Chinese("会诊或等候室中没有该参与者");
}

absl::Status TooManyFrames(int per_second, absl::Duration wait) {
  return kError(StatusCode::kResourceExhausted, "TOO_MANY_FRAMES")
      .Message(
          fmt::format("at most {} of these a second; send it again a little later", per_second))
      .Chinese(fmt::format("每秒最多 {} 条，请稍后重发", per_second))
      .Meta("per_second", fmt::to_string(per_second))
      .RetryAfter(wait);
}

absl::Status JoinedElsewhere() {
  return kError(StatusCode::kAborted, "JOINED_ELSEWHERE")
      .Message("you joined this session again, by another connection, and this one gave way")
      .Chinese("您已在其他连接加入本次会诊，此连接已断开");
}

absl::Status TurnUnavailable() {
  return kError(StatusCode::kFailedPrecondition, "TURN_UNAVAILABLE")
      .Message("the region has no TURN server: connect directly, or have `live.turn_urls` set")
      .Chinese("本区域未配置 TURN 中继服务");
}

}  // namespace yilian::consultation::errors
