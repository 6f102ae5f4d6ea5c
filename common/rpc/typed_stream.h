// ServerStream and BidiStream of one response type over StreamCore.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/rpc/bidi_stream.h"
#include "common/rpc/method.h"
#include "common/rpc/server_stream.h"
#include "common/rpc/stream_core.h"

namespace yilian::rpc {

// Interface is ServerStream<Response> or BidiStream<Request, Response>. When the last holder lets
// go of it, the stream ends with OK after what is queued.
template <typename Interface, typename Response>
class TypedStream : public Interface {
 public:
  explicit TypedStream(std::shared_ptr<StreamCore> core) : core_(std::move(core)) {}
  ~TypedStream() override { core_->Finish(absl::OkStatus()); }

  bool Write(Response message) override { return core_->Write(Serialize(message)); }
  int pending() const override { return core_->pending(); }
  void OnDrained(std::function<void()> callback) override { core_->OnDrained(std::move(callback)); }
  void Post(std::function<void()> work) override { core_->Post(std::move(work)); }
  void OnDone(std::function<void()> callback) override { core_->OnEnd(std::move(callback)); }
  void Finish(const absl::Status& status) override { core_->Finish(status); }

 protected:
  const std::shared_ptr<StreamCore> core_;
};

template <typename Request, typename Response>
class TypedBidiStream final : public TypedStream<BidiStream<Request, Response>, Response> {
 public:
  using TypedStream<BidiStream<Request, Response>, Response>::TypedStream;

  void OnMessage(std::function<void(const Request&)> callback) override {
    this->core_->OnMessage(
        [callback = std::move(callback)](std::unique_ptr<google::protobuf::Message> message) {
          callback(static_cast<const Request&>(*message));
        });
  }
  void OnHalfClose(std::function<void()> callback) override {
    this->core_->OnHalfClose(std::move(callback));
  }
};

}  // namespace yilian::rpc
