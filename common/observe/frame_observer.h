// Metrics, log lines and the log's trace of every call that the frame serves. A service hands one
// to rpc::Server::Options::observer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/observe/grpc_metrics.h"
#include "common/observe/metrics.h"
#include "common/rpc/observer.h"

namespace yilian::observe {

// Answers are logged by outcome: faults of ours as errors, overload and spent deadlines as
// warnings, refusals as information, success only at debug level (the audit trail has every access
// to patients' data). At most 100 such lines a second are written: under overload a log must not be
// what breaks. Outlives the server; thread-safe.
class FrameObserver : public rpc::CallObserver {
 public:
  explicit FrameObserver(Metrics& metrics);

  void* AddMethod(std::string_view service, std::string_view method,
                  std::string_view type) override;
  void Started(void* method) override;
  void Finished(void* method, const rpc::Call& call, const rpc::CallEnd& end) override;
  void MessageReceived(void* method) override;
  void MessageSent(void* method) override;
  void EnterHandler(const rpc::Call& call) override;
  void LeaveHandler() override;

 private:
  // False when this second has had its share of lines.
  bool MayLog();

  Metrics& metrics_;
  Histogram& queued_;
  Counter& unlogged_;
  std::vector<std::unique_ptr<GrpcMethodMetrics>> methods_;  // filled before the server starts
  std::atomic<int64_t> second_{0};
  std::atomic<int> lines_{0};
};

}  // namespace yilian::observe
