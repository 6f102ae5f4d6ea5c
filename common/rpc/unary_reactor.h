// One unary call: checked on the gRPC thread, run on the executor, answered when its audit records
// are durable.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "common/rpc/executor.h"
#include "common/rpc/frame.h"

namespace yilian::rpc {

// Belongs to itself; deleted when gRPC is done with it.
class UnaryReactor final : public grpc::ServerUnaryReactor, public Executor::Task {
 public:
  static grpc::ServerUnaryReactor* Open(Frame& frame, const Method& method,
                                        grpc::CallbackServerContext& context,
                                        const grpc::ByteBuffer& request,
                                        grpc::ByteBuffer& response);

 private:
  UnaryReactor(Frame& frame, const Method& method, grpc::CallbackServerContext& context,
               grpc::ByteBuffer& response)
      : context_(context), response_(response), call_(frame, method, context) {}

  void Begin(const grpc::ByteBuffer& request);
  void Run() override;
  void Drop() override;
  // Records and answers. `this` may be gone on return.
  void Answer(absl::Status outcome);
  void Send(const absl::Status& outcome);
  void OnDone() override { delete this; }

  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& response_;
  FrameCall call_;
};

}  // namespace yilian::rpc
