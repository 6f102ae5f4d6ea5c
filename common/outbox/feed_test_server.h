// For tests: what stands in for the frame around a Feed. A stream that records, and a gRPC server
// that serves EventFeed to real clients.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/outbox/feed.h"
#include "common/status/error.h"
#include "tests/support/queued_stream.h"  // lint:allow(include-layer) only tests include this header
#include "tests/support/test_call.h"  // lint:allow(include-layer) only tests include this header
#include "yilian/event/v1/event.grpc.pb.h"

namespace yilian::outbox {

using test_support::TestCall;

// The feed looks at nothing but the caller.
inline TestCall CallOfService() { return TestCall({.service = "scheduling"}); }
inline TestCall CallOfOrganization(const base::Uuid& organization) {
  return TestCall({.system = "his", .organization_id = organization});
}

using QueuedStream = test_support::QueuedStream<event::v1::StreamResponse>;

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
    const absl::Status begun = feed_.Stream(CallOfService(), *request, stream);
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
