// Where a test may kill the process: between the parts of a saga's step.
#pragma once

#include <string_view>

#include "common/saga/saga.h"

namespace yilian::saga {

// Kills this process with SIGKILL when the folder that the environment variable
// YILIAN_SAGA_FAULT_FOLDER names holds a file called "<kind>.<step>.<part>", which is removed
// first: each file kills once. Without the variable, as in every real region, it does nothing.
// Parts: "claimed" (nothing has been done), "called" (the step has done its work outside), and
// "written" (its effect is committed).
void FaultPoint(const Saga& saga, std::string_view part);

}  // namespace yilian::saga
