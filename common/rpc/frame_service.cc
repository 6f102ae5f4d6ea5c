#include "common/rpc/frame_service.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>

#include <utility>

#include "common/rpc/stream_core.h"
#include "common/rpc/unary_reactor.h"

namespace yilian::rpc {

FrameService::FrameService(Frame& frame, std::vector<std::unique_ptr<Method>> methods)
    : methods_(std::move(methods)) {
  using grpc::ByteBuffer;
  using grpc::internal::RpcMethod;
  using grpc::internal::RpcServiceMethod;
  for (int i = 0; i < static_cast<int>(methods_.size()); ++i) {
    const Method& method = *methods_[i];
    const bool streams = method.binding.client_streams || method.binding.server_streams;
    // A server stream is a bidirectional one whose client sends once: on the wire they are the
    // same.
    AddMethod(new RpcServiceMethod(method.full_name.c_str(),
                                   streams ? RpcMethod::BIDI_STREAMING : RpcMethod::NORMAL_RPC,
                                   nullptr));
    if (streams) {
      MarkMethodRawCallback(i, new grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
                                   [&frame, &method](grpc::CallbackServerContext* context) {
                                     return StreamCore::Open(frame, method, *context);
                                   }));
    } else {
      MarkMethodRawCallback(
          i, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                 [&frame, &method](grpc::CallbackServerContext* context, const ByteBuffer* request,
                                   ByteBuffer* response) {
                   return UnaryReactor::Open(frame, method, *context, *request, *response);
                 }));
    }
  }
}

}  // namespace yilian::rpc
