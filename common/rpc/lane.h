// In which lane a call waits, and with whom it takes turns.
#pragma once

#include <google/protobuf/message.h>

#include "common/rpc/executor.h"
#include "common/rpc/method.h"

namespace yilian::rpc {

// The method's own lane, or the priority lane where the request has a value that asks for it
// (yilian.policy.v1.priority) in a field of its own.
Lane LaneOf(const Method& method, const google::protobuf::Message& request);

// What the call comes for: its value of the field that says so (yilian.policy.v1.turns); 0:
// nothing.
TurnKey TurnOf(const google::protobuf::Message& request);

}  // namespace yilian::rpc
