// For tests: what stands in for the frame around a Feed. A stream that records, and a gRPC server
// that serves EventFeed to real clients.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/outbox/feed.h"
#include "common/rpc/call.h"
#include "common/rpc/server_stream.h"
#include "common/status/error.h"
#include "yilian/event/v1/event.grpc.pb.h"

namespace yilian::outbox {

// A call by this caller; the feed looks at nothing else.
class TestCall : public rpc::Call {
 public:
  explicit TestCall(rpc::Caller caller) : caller_(std::move(caller)) {}
  static TestCall OfService() {
    rpc::Caller caller;
    caller.service = "scheduling";
    return TestCall(caller);
  }
  static TestCall OfOrganization(const base::Uuid& organization) {
    rpc::Caller caller;
    caller.system = "his";
    caller.organization_id = organization;
    return TestCall(caller);
  }
  const rpc::Caller& caller() const override { return caller_; }
  absl::Time deadline() const override { return absl::InfiniteFuture(); }
  std::string_view method() const override { return "/yilian.event.v1.EventFeed/Stream"; }
  std::string_view traceparent() const override { return ""; }
  std::string_view token() const override { return ""; }
  const unit::WriteContext& write_context() const override { return context_; }
  void Subject(std::string, const base::Uuid&, const base::Uuid&) const override {}

 private:
  rpc::Caller caller_;
  unit::WriteContext context_;
};

// Keeps what is written until Take; thread-safe.
class QueuedStream : public rpc::ServerStream<event::v1::StreamResponse> {
 public:
  bool Write(event::v1::StreamResponse message) override {
    absl::MutexLock lock(&mutex_);
    if (over_ || finished_) return false;
    most_pending_ = std::max(most_pending_, static_cast<int>(queue_.size()) + 1);
    queue_.push_back(std::move(message));
    return true;
  }
  int pending() const override {
    absl::MutexLock lock(&mutex_);
    return static_cast<int>(queue_.size());
  }
  void OnDrained(std::function<void()> callback) override {
    absl::MutexLock lock(&mutex_);
    on_drained_ = std::move(callback);
  }
  void OnDone(std::function<void()> callback) override {
    absl::MutexLock lock(&mutex_);
    on_done_ = std::move(callback);
  }
  void Finish(const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    finished_ = true;
    status_ = status;
  }

  // The next message, as the wire takes it; nullopt when there is none.
  std::optional<event::v1::StreamResponse> Take() {
    std::function<void()> drained;
    std::optional<event::v1::StreamResponse> message;
    {
      absl::MutexLock lock(&mutex_);
      if (queue_.empty()) return std::nullopt;
      message = std::move(queue_.front());
      queue_.pop_front();
      if (queue_.empty()) drained = on_drained_;
    }
    if (drained != nullptr) drained();
    return message;
  }
  // Until there is a message or the feed has ended the stream.
  void Await(absl::Duration patience) {
    absl::MutexLock lock(&mutex_);
    auto ready = [this]()
                     ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !queue_.empty() || finished_; };
    mutex_.AwaitWithTimeout(absl::Condition(&ready), patience);
  }
  // The client goes away.
  void End() {
    std::function<void()> done;
    {
      absl::MutexLock lock(&mutex_);
      over_ = true;
      done = std::exchange(on_done_, nullptr);
    }
    if (done != nullptr) done();
  }
  bool finished() const {
    absl::MutexLock lock(&mutex_);
    return finished_;
  }
  absl::Status status() const {
    absl::MutexLock lock(&mutex_);
    return status_;
  }
  int most_pending() const {
    absl::MutexLock lock(&mutex_);
    return most_pending_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::deque<event::v1::StreamResponse> queue_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> on_drained_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> on_done_ ABSL_GUARDED_BY(mutex_);
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  int most_pending_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

// Serves a feed on a port of 127.0.0.1, without certificates; every caller is a service.
class FeedServer : public event::v1::EventFeed::Service {
 public:
  // Port 0: any that is free.
  explicit FeedServer(Feed& feed, int port = 0) : feed_(feed) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FeedServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

  int port() const { return port_; }
  std::shared_ptr<grpc::Channel> NewChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  grpc::Status Stream(grpc::ServerContext* context, const event::v1::StreamRequest* request,
                      grpc::ServerWriter<event::v1::StreamResponse>* writer) override {
    auto stream = std::make_shared<QueuedStream>();
    const absl::Status begun = feed_.Stream(TestCall::OfService(), *request, stream);
    if (!begun.ok()) return status::ToGrpc(begun);
    while (!context->IsCancelled() && !stream->finished()) {
      stream->Await(absl::Milliseconds(20));
      const auto message = stream->Take();
      if (message && !writer->Write(*message)) break;
    }
    stream->End();
    return status::ToGrpc(stream->status());
  }

 private:
  Feed& feed_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace yilian::outbox
