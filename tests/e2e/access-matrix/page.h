// The matrix for people to read.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "tests/e2e/access-matrix/policy_half.h"
#include "tests/e2e/access-matrix/row_half.h"

namespace yilian::e2e {

// Markdown: who may call what, and what was answered for rows.
absl::Status WritePage(const std::string& path, const PolicyHalf& policy, const RowHalf& rows);

}  // namespace yilian::e2e
