// A proto service as gRPC sees it: every method goes through the frame.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

#include "common/rpc/frame.h"
#include "common/rpc/method.h"

namespace yilian::rpc {

// Owns its methods; outlives the gRPC server it is registered at. Registers them as generated code
// does, but on raw bytes: a request that cannot be read is then answered by us (gRPC 1.51 would say
// UNIMPLEMENTED).
class FrameService final : public grpc::Service {
 public:
  FrameService(Frame& frame, std::vector<std::unique_ptr<Method>> methods);

 private:
  std::vector<std::unique_ptr<Method>> methods_;
};

}  // namespace yilian::rpc
