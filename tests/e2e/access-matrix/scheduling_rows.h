// The scene's rows of scheduling.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "tests/e2e/access-matrix/people.h"
#include "tests/e2e/access-matrix/scene.h"

namespace yilian::e2e {

// A template, an absence, an entry of the wait list for `patient`, a rota and a calendar's link.
absl::Status AddSchedulingRows(People& people, const std::string& patient, Scene& scene);

}  // namespace yilian::e2e
