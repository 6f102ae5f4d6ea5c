// What all calls of a server share, and the steps that every call goes through before its handler.
#pragma once

#include <grpcpp/server_context.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/audit/record.h"
#include "common/rpc/call.h"
#include "common/rpc/executor.h"
#include "common/rpc/identity.h"
#include "common/rpc/method.h"
#include "common/rpc/observer.h"

namespace yilian::rpc {

// Makes the record of a read durable, then calls `done` (audit::ReadLog::Append).
using AuditSink = std::function<void(audit::Record record, std::function<void(absl::Status)> done)>;
// Keyed digests of a request, 32 bytes each, by the key in use first (crypto::Fingerprints::Of).
using RequestFingerprint = std::function<std::vector<std::string>(std::string_view content)>;

// Longest deadline that is kept; a longer one is cut to it.
inline constexpr absl::Duration kLongestCall = absl::Minutes(10);

// Owned by the server; outlives every call. Thread-safe.
class Frame {
 public:
  struct Options {
    IdentityResolver::Options identity;
    AuditSink audit;                   // may be empty when no method is audited
    CallObserver* observer = nullptr;  // may be null
    Executor* executor = nullptr;
    size_t max_request_bytes = 4 * 1024 * 1024;
    RequestFingerprint fingerprint;  // may be empty when no method writes
  };
  explicit Frame(Options options)
      : identities_(options.identity),
        audit_(std::move(options.audit)),
        observer_(options.observer),
        executor_(*options.executor),
        max_request_bytes_(options.max_request_bytes),
        fingerprint_(std::move(options.fingerprint)) {}
  ~Frame();  // waits for work of streams that handler threads still hold

  IdentityResolver& identities() { return identities_; }
  const AuditSink& audit() const { return audit_; }
  CallObserver* observer() const { return observer_; }
  Executor& executor() { return executor_; }
  size_t max_request_bytes() const { return max_request_bytes_; }
  const RequestFingerprint& fingerprint() const { return fingerprint_; }

  // From here on new calls are refused (UNAVAILABLE, DRAINING) and open streams end.
  void Drain();
  bool draining() const { return draining_.load(std::memory_order_relaxed); }
  // Ends streams whose caller is no longer valid and those that do not take their last messages.
  // Once a second.
  void Sweep();

  void Add(const std::shared_ptr<StreamCore>& stream);
  void Remove(StreamCore* stream);
  int open_streams() const;
  // Brackets work of a stream on a handler thread: it may outlast the call, but not the frame.
  void WorkBegins();
  void WorkEnds();

 private:
  std::vector<std::shared_ptr<StreamCore>> Streams() const;

  IdentityResolver identities_;
  const AuditSink audit_;
  CallObserver* const observer_;
  Executor& executor_;
  const size_t max_request_bytes_;
  const RequestFingerprint fingerprint_;
  std::atomic<bool> draining_{false};
  mutable std::mutex mutex_;
  absl::flat_hash_set<StreamCore*> streams_;
  std::condition_variable work_ended_;
  int work_ = 0;
};

// One call inside the frame; part of its reactor.
class FrameCall final : public Call {
 public:
  FrameCall(Frame& frame, const Method& method, grpc::CallbackServerContext& context);
  ~FrameCall() override;

  // Deadline, identity, policy. Not OK: the answer.
  absl::Status Open();
  // Reads and checks one request message. Not OK: the answer.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Read(grpc::ByteBuffer& bytes) const;
  // Also keeps the message as the call's request, which handler and write_context use.
  absl::Status ReadRequest(grpc::ByteBuffer& bytes);
  const google::protobuf::Message* request() const { return request_.get(); }

  // Runs a handler under the observer's scope; what it throws becomes INTERNAL.
  absl::Status Run(const std::function<absl::Status()>& handler) const;
  // Whether the outcome leaves audit records that must be durable first.
  bool MustRecord(const absl::Status& outcome) const;
  // Makes durable what the call must leave behind (subjects read, or the refusal), then calls
  // `done` on some thread with the answer, which is `outcome` unless the records could not be
  // written. At once when there is nothing to record.
  void Record(absl::Status outcome, std::function<void(absl::Status)> done);
  // Counts the call; before the answer leaves.
  void Finished(const absl::Status& outcome);
  void Dequeued() { dequeued_ = absl::Now(); }

  Frame& frame() const { return frame_; }
  const Method& policy_method() const { return method_; }
  // Whether the caller may still be served, for calls that stay open.
  absl::Status Recheck() const;

  const Caller& caller() const override;
  absl::Time deadline() const override { return deadline_; }
  std::string_view method() const override { return method_.full_name; }
  std::string_view traceparent() const override { return traceparent_; }
  std::string_view token() const override;
  const unit::WriteContext& write_context() const override;
  void Subject(std::string type, const base::Uuid& id,
               const base::Uuid& data_subject) const override;

 private:
  struct SubjectRead {
    std::string type;
    base::Uuid id;
    base::Uuid data_subject;
  };
  absl::Status TakeDeadline();
  absl::Status Authorize() const;
  audit::Record NewRecord(audit::Action action, std::string outcome) const;
  std::vector<audit::Record> RecordsFor(const absl::Status& outcome) const;

  Frame& frame_;
  const Method& method_;
  grpc::CallbackServerContext& context_;
  const absl::Time arrived_;
  const std::chrono::steady_clock::time_point arrived_steady_ = std::chrono::steady_clock::now();
  absl::Time dequeued_;
  absl::Time deadline_ = absl::InfiniteFuture();
  std::shared_ptr<const Identity> identity_;
  std::string traceparent_;
  std::string_view authorization_;
  std::unique_ptr<google::protobuf::Message> request_;
  mutable std::optional<unit::WriteContext> write_;
  mutable std::vector<SubjectRead> subjects_;
};

}  // namespace yilian::rpc
