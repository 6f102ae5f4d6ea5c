// Where a test may kill the process: between two parts of what must look like one.
#pragma once

#include <functional>
#include <string>

namespace yilian::fault {

// Kills this process with SIGKILL when the folder that the environment variable YILIAN_FAULT_FOLDER
// names holds a file called as the point, which is removed first: each file kills once. Without the
// variable, as in every real region, it does nothing; `name` is not even asked for.
//
//   "<saga>.<step>.claimed", ".called", ".written"  nothing has been done; the step has done its
//   work
//                                                   outside; its effect is committed (common/saga)
//   "<method>.decided", ".committed"                all is written and not committed; committed and
//                                                   not answered (common/unit)
void Point(const std::function<std::string()>& name);

}  // namespace yilian::fault
