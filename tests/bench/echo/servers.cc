#include "tests/bench/echo/servers.h"

#include <fmt/format.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_builder.h>

#include <cstdio>
#include <iostream>

#include "common/crypto/jwt.h"
#include "common/observe/frame_observer.h"
#include "common/rpc/server.h"
#include "tests/bench/echo/echo.grpc.pb.h"

namespace yilian::bench {
namespace {

class BareEcho final : public v1::EchoService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const v1::EchoRequest* request,
                                 v1::EchoResponse* response) override {
    response->set_text(request->text());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class Handlers {
 public:
  absl::StatusOr<v1::EchoResponse> Echo(const rpc::Call&, const v1::EchoRequest& request) {
    v1::EchoResponse response;
    response.set_text(request.text());
    return response;
  }
};

std::shared_ptr<grpc::ServerCredentials> BareTls(const rpc::TlsFiles& files) {
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          files.key_file, files.certificate_file, files.ca_file, 1));
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

int Serve(const Setup& setup) {
  const rpc::TlsFiles files{setup.folder + "/ca.pem", setup.folder + "/echo.pem",
                            setup.folder + "/echo.key"};
  BareEcho bare;
  int bare_port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", BareTls(files), &bare_port);
  builder.RegisterService(&bare);
  const std::unique_ptr<grpc::Server> bare_server = builder.BuildAndStart();

  crypto::JwtVerifier::Options keys;
  keys.public_keys_folder = setup.folder + "/tokens";
  keys.issuer = "yilian.directory";
  keys.audience = "yilian";
  auto verifier = crypto::JwtVerifier::Open(keys, base::SystemClock());
  observe::Metrics metrics;
  observe::FrameObserver observer(metrics);
  rpc::RevocationList revocations;
  for (int i = 0; i < 100; ++i) revocations.Revoke(base::Uuid::V7(), absl::Now());
  Handlers handlers;
  rpc::Dispatch dispatch("yilian.bench.v1.EchoService");
  dispatch.Unary("Echo", &handlers, &Handlers::Echo)
      .Unary("EchoQueued", &handlers, &Handlers::Echo);
  std::vector<rpc::Dispatch> services;
  services.push_back(std::move(dispatch));
  rpc::Server::Options options;
  options.listen = "127.0.0.1:0";
  options.region = setup.region;
  options.tls = files;
  options.tokens = verifier.ok() ? verifier->get() : nullptr;
  options.revocations = &revocations;
  options.observer = &observer;
  auto server = rpc::Server::Start(std::move(options), std::move(services));
  if (bare_server == nullptr || !verifier.ok() || !server.ok()) {
    fmt::print(stderr, "cannot serve: {}\n", server.status().ToString());
    return 1;
  }
  fmt::print("{} {}\n", bare_port, (*server)->port());
  std::fflush(stdout);
  // The parent's end of the pipe closes when it is done, or dies.
  std::string line;
  std::getline(std::cin, line);
  (*server)->Drain(absl::Now() + absl::Seconds(1));
  bare_server->Shutdown(absl::ToChronoTime(absl::Now()));
  return 0;
}

}  // namespace yilian::bench
