// A directory for which nobody cares for anybody but whom the local projection says; for tests.
#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>

#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::lab {

class StrictDirectory final : public directory::v1::DirectoryService::Service {
 public:
  StrictDirectory() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~StrictDirectory() override { server_->Shutdown(); }
  std::shared_ptr<grpc::Channel> NewChannel() const {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(port_),
                               grpc::InsecureChannelCredentials());
  }

 private:
  grpc::Status CheckCareRelationship(grpc::ServerContext*,
                                     const directory::v1::CheckCareRelationshipRequest*,
                                     directory::v1::CheckCareRelationshipResponse*) override {
    return grpc::Status::OK;
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace yilian::lab
