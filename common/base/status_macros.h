// RETURN_IF_ERROR and ASSIGN_OR_RETURN: errors are values and travel up by return.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define YILIAN_CONCAT_INNER(a, b) a##b
#define YILIAN_CONCAT(a, b) YILIAN_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expr)                           \
  do {                                                  \
    if (absl::Status status_ = (expr); !status_.ok()) { \
      return status_;                                   \
    }                                                   \
  } while (false)

#define ASSIGN_OR_RETURN(lhs, expr) \
  YILIAN_ASSIGN_OR_RETURN(YILIAN_CONCAT(status_or_, __LINE__), lhs, expr)

#define YILIAN_ASSIGN_OR_RETURN(tmp, lhs, expr) \
  auto tmp = (expr);                            \
  if (!tmp.ok()) return tmp.status();           \
  lhs = *std::move(tmp)
