// Callers that keep a fixed number of calls in flight, without a thread each.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/echo/echo.grpc.pb.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {

// What distinguishes the measured side from its floor.
struct Side {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  std::function<void(grpc::ClientContext&)> prepare;  // deadline, token ...
  bool queued = false;                                // EchoQueued instead of Echo
};

// Keeps `in_flight` calls going for `duration`, spread over the channels.
Slice Measure(const Side& side, int in_flight, absl::Duration duration);

}  // namespace yilian::bench
