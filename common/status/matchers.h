// Matchers that let a test read like a sentence: EXPECT_THAT(result, StatusIs(kAborted,
// "ETAG_STALE")).
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "absl/status/statusor.h"
#include "common/status/error.h"

namespace yilian::status {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

MATCHER_P(StatusIs, code, "has the code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

MATCHER_P2(StatusIs, code, reason,
           "has the code " + absl::StatusCodeToString(code) + " and the reason " + reason) {
  *result_listener << StatusOf(arg).ToString() << ", reason " << ReasonOf(StatusOf(arg));
  return StatusOf(arg).code() == code && ReasonOf(StatusOf(arg)) == reason;
}

}  // namespace yilian::status
