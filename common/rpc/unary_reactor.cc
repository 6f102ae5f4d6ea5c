#include "common/rpc/unary_reactor.h"

#include <utility>

#include "common/rpc/lane.h"
#include "common/status/error.h"

namespace yilian::rpc {

grpc::ServerUnaryReactor* UnaryReactor::Open(Frame& frame, const Method& method,
                                             grpc::CallbackServerContext& context,
                                             const grpc::ByteBuffer& request,
                                             grpc::ByteBuffer& response) {
  auto* reactor = new UnaryReactor(frame, method, context, response);
  reactor->Begin(request);
  return reactor;
}

void UnaryReactor::Begin(const grpc::ByteBuffer& request) {
  if (absl::Status status = call_.Open(); !status.ok()) return Answer(std::move(status));
  grpc::ByteBuffer bytes = request;  // shares the slices
  if (absl::Status status = call_.ReadRequest(bytes); !status.ok())
    return Answer(std::move(status));
  const Method& method = call_.policy_method();
  if (method.policy.inline_()) return Run();
  Frame& frame = call_.frame();
  const google::protobuf::Message& message = *call_.request();
  absl::Status status =
      frame.executor().Submit(LaneOf(method, message), call_.deadline(), this, TurnOf(message));
  if (!status.ok()) Answer(std::move(status));
}

void UnaryReactor::Run() {
  call_.Dequeued();
  // The caller has gone while the call waited: nobody reads the answer.
  if (context_.IsCancelled()) return Send(absl::CancelledError("the client has gone"));
  Answer(call_.Run(
      [this] { return call_.policy_method().binding.unary(call_, *call_.request(), &response_); }));
}

void UnaryReactor::Drop() {
  call_.Dequeued();
  Send(status::Error(absl::StatusCode::kDeadlineExceeded, "yilian", "DEADLINE_EXCEEDED")
           .Message("the deadline passed before a handler thread was free"));
}

void UnaryReactor::Answer(absl::Status outcome) {
  if (!call_.MustRecord(outcome)) return Send(outcome);
  call_.Record(std::move(outcome), [this](const absl::Status& answer) { Send(answer); });
}

void UnaryReactor::Send(const absl::Status& outcome) {
  call_.Finished(outcome);
  Finish(status::ToGrpc(outcome));
}

}  // namespace yilian::rpc
