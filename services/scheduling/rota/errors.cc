#include "services/scheduling/rota/errors.h"

#include <fmt/format.h>

#include "common/status/errors_of.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

}  // namespace

absl::Status RotaNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such rota, or none of your organization")
      .Chinese("没有该下沉排班表，或不属于您的机构");
}

absl::Status RotaCommandNotAvailable(std::string_view command, std::string_view state) {
  return kError(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE")
      .Message(fmt::format("{} is not possible for a rota in state {}", command, state))
      .Chinese(fmt::format("下沉排班表当前状态 {} 不能执行 {}", state, command))
      .Meta("command", command)
      .Meta("state", state);
}

absl::Status RotaBroken(size_t count, const std::vector<BrokenVisit>& first) {
  status::Error error = kError(StatusCode::kFailedPrecondition, "ROTA_BROKEN");
  error
      .Message(fmt::format("{} rule(s) are broken by the rota's visits, so no session was made; "
                           "CheckRota lists all, EditRota mends them",
                           count))
      .Chinese(
          fmt::format("排班表有 {} 处不符合规则，未生成任何出诊；请用 CheckRota 查看并修改", count))
      .Meta("violations", std::to_string(count));
  for (const BrokenVisit& one : first) error.Precondition(one.rule, one.visit, one.detail);
  return error;
}

}  // namespace yilian::scheduling::errors
