// The machinery under every streaming call: one reactor for server, client and bidirectional
// streams, on raw bytes.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/executor.h"
#include "common/rpc/frame.h"

namespace yilian::rpc {

// Most messages that wait for a slow reader.
inline constexpr int kStreamQueue = 64;
// Time a reader has to take the last message before the stream is cancelled.
inline constexpr absl::Duration kStreamGrace = absl::Seconds(5);

// Holds itself until gRPC is done with it; handlers share it and may keep it longer, it then
// refuses to write. Thread-safe. No thread is held while it idles.
class StreamCore final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public Executor::Task,
                         public std::enable_shared_from_this<StreamCore> {
 public:
  // Takes the call through the frame; the returned reactor belongs to itself.
  static StreamCore* Open(Frame& frame, const Method& method, grpc::CallbackServerContext& context);

  // See ServerStream.
  bool Write(grpc::ByteBuffer message);
  int pending() const;
  void OnDrained(std::function<void()> callback);
  void Post(std::function<void()> work);
  void OnEnd(std::function<void()> callback);
  void Finish(const absl::Status& status);

  // For methods whose client streams: each message, checked, one at a time on the executor; the
  // next is read when the callback has returned. Set inside the handler.
  void OnMessage(std::function<void(std::unique_ptr<google::protobuf::Message>)> callback);
  void OnHalfClose(std::function<void()> callback);

  void EndForDrain();
  void Sweep(absl::Time now);

 private:
  StreamCore(Frame& frame, const Method& method, grpc::CallbackServerContext& context);

  void Run() override;
  void Drop() override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Begin();
  void Admit();
  void Handle(const std::shared_ptr<StreamCore>& self);
  void Deliver();
  void ReadNext();
  void End(absl::Status status, bool drop_queue);
  void EndLocked(absl::Status status, bool drop_queue);
  // Starts the next write, or finishes; lets go of the lock.
  void Pump(std::unique_lock<std::mutex>& lock);

  Frame& frame_;
  const Method& method_;
  grpc::CallbackServerContext& context_;
  FrameCall call_;
  grpc::ByteBuffer incoming_;  // one read at a time
  grpc::ByteBuffer outgoing_;  // the message being written

  mutable std::mutex mutex_;
  std::deque<grpc::ByteBuffer> queue_;
  bool opened_ = false;  // the handler has run
  bool held_ = false;    // nothing leaves before the audit record is durable
  bool writing_ = false;
  bool ending_ = false;    // no more messages are taken
  bool finished_ = false;  // Finish was called at gRPC
  bool done_ = false;      // gRPC is done with us
  absl::Status final_;
  absl::Time ending_since_;
  std::function<void()> on_drained_;
  std::function<void()> on_end_;
  std::function<void(std::unique_ptr<google::protobuf::Message>)> on_message_;
  std::function<void()> on_half_close_;
  std::shared_ptr<StreamCore> self_;    // until OnDone
  std::shared_ptr<StreamCore> queued_;  // while the executor has us
};

}  // namespace yilian::rpc
