// The handlers of ContractService, with the levers that tests pull.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/dispatch.h"
#include "common/rpc/executor.h"
#include "tests/contract/contract.pb.h"

namespace yilian::contract {

// Outlives the server. Thread-safe.
class TestService {
 public:
  using Call = rpc::Call;
  template <typename Response>
  using Stream = std::shared_ptr<rpc::ServerStream<Response>>;
  template <typename Request, typename Response>
  using Bidi = std::shared_ptr<rpc::BidiStream<Request, Response>>;

  rpc::Dispatch NewDispatch();

  // Wait blocks its thread while the gate is closed.
  void CloseGate();
  void OpenGate();
  // False when fewer than `count` handlers of Wait run within ten seconds.
  bool AwaitRunning(int count);
  // Each Wait, Urgent takes as long.
  void set_work(absl::Duration work) { work_ns_ = absl::ToInt64Nanoseconds(work); }
  void FailNext(int times) { failures_ = times; }

  int handled() const { return handled_; }
  int attempts() const { return attempts_; }
  // Streams of Follow that their client left or that ended otherwise.
  int ended() const { return ended_; }
  int open_follows() const { return open_follows_; }
  // What Flood's Write said no to.
  int refused_writes() const { return refused_writes_; }
  // Most messages that Follow saw waiting.
  int most_pending() const { return most_pending_; }

 private:
  absl::StatusOr<v1::EchoResponse> Echo(const Call& call, const v1::EchoRequest& request);
  absl::StatusOr<v1::EchoResponse> Wait(const Call& call, const v1::EchoRequest& request);
  absl::StatusOr<v1::EchoResponse> Urgent(const Call& call, const v1::EchoRequest& request);
  absl::StatusOr<v1::WriteResponse> Write(const Call& call, const v1::WriteRequest& request);
  absl::StatusOr<v1::EchoResponse> ReadRecord(const Call& call, const v1::EchoRequest& request);
  absl::StatusOr<v1::EchoResponse> CheckRules(const Call& call, const v1::RulesRequest& request);
  absl::StatusOr<v1::EchoResponse> Flaky(const Call& call, const v1::EchoRequest& request);
  absl::Status Follow(const Call& call, const v1::StreamRequest& request,
                      Stream<v1::StreamResponse> stream);
  absl::Status Flood(const Call& call, const v1::StreamRequest& request,
                     Stream<v1::StreamResponse> stream);
  absl::Status Chat(const Call& call, Bidi<v1::EchoRequest, v1::EchoResponse> stream);
  absl::Status Collect(const Call& call, Bidi<v1::EchoRequest, v1::EchoResponse> stream);
  absl::Status CollectRecord(const Call& call, Bidi<v1::EchoRequest, v1::EchoResponse> stream);
  absl::Status Fetch(const Call& call, const v1::StreamRequest& request,
                     Stream<v1::StreamResponse> stream);
  void Work() const;

  absl::Mutex mutex_;
  bool gate_open_ ABSL_GUARDED_BY(mutex_) = true;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<int64_t> work_ns_{0};
  std::atomic<int> failures_{0};
  std::atomic<int> handled_{0};
  std::atomic<int> attempts_{0};
  std::atomic<int> ended_{0};
  std::atomic<int> open_follows_{0};
  std::atomic<int> refused_writes_{0};
  std::atomic<int> most_pending_{0};
};

}  // namespace yilian::contract
