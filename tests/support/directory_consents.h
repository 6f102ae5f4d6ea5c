// The directory as far as it is asked for consents: answers as a test says. For
// relationship::Check.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <memory>
#include <string>

#include "yilian/directory/v1/access.grpc.pb.h"

namespace yilian::test_support {

// Listens from its making to its end. Thread-safe.
class DirectoryConsents final : public directory::v1::AccessService::Service {
 public:
  DirectoryConsents() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~DirectoryConsents() override { server_->Shutdown(); }

  std::shared_ptr<grpc::Channel> NewChannel() const {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(port_),
                               grpc::InsecureChannelCredentials());
  }
  void Allow(bool allowed) { allowed_ = allowed; }
  int asked() const { return asked_; }

 private:
  grpc::Status CheckConsent(grpc::ServerContext*, const directory::v1::CheckConsentRequest*,
                            directory::v1::CheckConsentResponse* response) override {
    ++asked_;
    response->set_allowed(allowed_);
    return grpc::Status::OK;
  }

  int port_ = 0;
  std::atomic<bool> allowed_ = false;
  std::atomic<int> asked_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace yilian::test_support
