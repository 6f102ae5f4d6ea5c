#include "tests/bench/echo/callers.h"

#include <atomic>
#include <mutex>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"

namespace yilian::bench {
namespace {

// One call after the other until the end of the slice.
class Caller {
 public:
  Caller(v1::EchoService::Stub& stub, const Side& side, absl::Time end,
         absl::BlockingCounter& running)
      : stub_(stub), side_(side), end_(end), running_(running) {
    request_.set_referral_id("0193f2c4-7b1e-7c3a-8a54-0123456789ab");
    request_.set_text("A township doctor asks for a bed in the county hospital.");
  }

  void Next() {
    start_ = absl::Now();
    if (start_ >= end_) {
      running_.DecrementCount();
      return;
    }
    context_ = std::make_unique<grpc::ClientContext>();
    side_.prepare(*context_);
    const auto done = [this](const grpc::Status& status) {
      milliseconds.push_back(static_cast<float>(absl::ToDoubleMilliseconds(absl::Now() - start_)));
      if (!status.ok()) ++failed;
      Next();
    };
    if (side_.queued) {
      stub_.async()->EchoQueued(context_.get(), &request_, &response_, done);
    } else {
      stub_.async()->Echo(context_.get(), &request_, &response_, done);
    }
  }

  std::vector<float> milliseconds;
  int64_t failed = 0;

 private:
  v1::EchoService::Stub& stub_;
  const Side& side_;
  const absl::Time end_;
  absl::BlockingCounter& running_;
  absl::Time start_;
  std::unique_ptr<grpc::ClientContext> context_;
  v1::EchoRequest request_;
  v1::EchoResponse response_;
};

}  // namespace

Slice Measure(const Side& side, int in_flight, absl::Duration duration) {
  std::vector<std::unique_ptr<v1::EchoService::Stub>> stubs;
  for (const auto& channel : side.channels) stubs.push_back(v1::EchoService::NewStub(channel));
  const absl::Time start = absl::Now();
  absl::BlockingCounter running(in_flight);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < in_flight; ++i) {
    callers.push_back(
        std::make_unique<Caller>(*stubs[i % stubs.size()], side, start + duration, running));
  }
  for (auto& caller : callers) caller->Next();
  running.Wait();
  Slice slice;
  slice.took = absl::Now() - start;
  for (const auto& caller : callers) {
    slice.calls += static_cast<int64_t>(caller->milliseconds.size());
    slice.failed += caller->failed;
    slice.milliseconds.insert(slice.milliseconds.end(), caller->milliseconds.begin(),
                              caller->milliseconds.end());
  }
  return slice;
}

}  // namespace yilian::bench
