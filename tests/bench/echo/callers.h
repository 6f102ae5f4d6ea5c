// Callers that keep a fixed number of calls in flight, without a thread each.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/echo/echo.grpc.pb.h"

namespace yilian::bench {

struct Slice {
  int64_t calls = 0;
  int64_t failed = 0;
  absl::Duration took;
  std::vector<float> milliseconds;  // of each call
};

// What distinguishes the measured side from its floor.
struct Side {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  std::function<void(grpc::ClientContext&)> prepare;  // deadline, token ...
  bool queued = false;                                // EchoQueued instead of Echo
};

// Keeps `in_flight` calls going for `duration`, spread over the channels.
Slice Measure(const Side& side, int in_flight, absl::Duration duration);

}  // namespace yilian::bench
