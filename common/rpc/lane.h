// In which lane a call waits.
#pragma once

#include <google/protobuf/message.h>

#include "common/rpc/executor.h"
#include "common/rpc/method.h"

namespace yilian::rpc {

// The method's own lane, or the priority lane where the request has a value that asks for it
// (yilian.policy.v1.priority) in a field of its own.
Lane LaneOf(const Method& method, const google::protobuf::Message& request);

}  // namespace yilian::rpc
