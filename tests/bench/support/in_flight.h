// Keeps a fixed number of asynchronous calls going for a while, without a thread each.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {

using Done = std::function<void(grpc::Status)>;

// One call of caller number `caller`; `context` lives until `done`, which it calls once.
using StartCall = std::function<void(int caller, grpc::ClientContext& context, Done done)>;

// One of the callers: a call after the other until `end`.
class InFlight {
 public:
  InFlight(int number, const StartCall& start, absl::Time end, absl::BlockingCounter& running)
      : number_(number), start_(start), end_(end), running_(running) {}

  void Next() {
    begun_ = absl::Now();
    if (begun_ >= end_) {
      running_.DecrementCount();
      return;
    }
    context_ = std::make_unique<grpc::ClientContext>();
    start_(number_, *context_, [this](const grpc::Status& status) {
      milliseconds.push_back(static_cast<float>(absl::ToDoubleMilliseconds(absl::Now() - begun_)));
      if (!status.ok()) ++failed;
      Next();
    });
  }

  std::vector<float> milliseconds;
  int64_t failed = 0;

 private:
  const int number_;
  const StartCall& start_;
  const absl::Time end_;
  absl::BlockingCounter& running_;
  absl::Time begun_;
  std::unique_ptr<grpc::ClientContext> context_;
};

inline Slice KeepInFlight(int callers, absl::Duration duration, const StartCall& start) {
  const absl::Time begun = absl::Now();
  absl::BlockingCounter running(callers);
  std::vector<std::unique_ptr<InFlight>> all;
  for (int i = 0; i < callers; ++i) {
    all.push_back(std::make_unique<InFlight>(i, start, begun + duration, running));
  }
  for (auto& one : all) one->Next();
  running.Wait();
  Slice slice;
  slice.took = absl::Now() - begun;
  for (const auto& one : all) {
    slice.calls += static_cast<int64_t>(one->milliseconds.size());
    slice.failed += one->failed;
    slice.milliseconds.insert(slice.milliseconds.end(), one->milliseconds.begin(),
                              one->milliseconds.end());
  }
  return slice;
}

}  // namespace yilian::bench
