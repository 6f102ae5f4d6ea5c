// The server around the frame: start-up checks, health, admin port, drain, renewed certificates,
// unknown methods.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpc/channelz/v1/channelz.grpc.pb.h>
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpc/reflection/v1alpha/reflection.grpc.pb.h>
#include <grpcpp/create_channel.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "common/observe/log.h"
#include "common/rpc/watchdog.h"
#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckResponse;
using status::IsOk;
using status::StatusIs;
using ::testing::HasSubstr;

class ServerTest : public ContractTest {
 protected:
  absl::Status StartStatus(rpc::Server::Options options) {
    std::vector<rpc::Dispatch> services;
    services.push_back(service_.NewDispatch());
    return rpc::Server::Start(std::move(options), std::move(services)).status();
  }
  std::shared_ptr<grpc::Channel> Admin() {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->admin_port()),
                               grpc::InsecureChannelCredentials());
  }
  static void SetDeadline(grpc::ClientContext& context) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  }
  HealthCheckResponse::ServingStatus HealthOf(const std::shared_ptr<grpc::Channel>& channel,
                                              const std::string& service) {
    grpc::ClientContext context;
    SetDeadline(context);
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status status = Health::NewStub(channel)->Check(&context, request, &response);
    return status.ok() ? response.status() : HealthCheckResponse::SERVICE_UNKNOWN;
  }
};

TEST_F(ServerTest, UnusableTlsFilesDoNotStart) {
  rpc::Server::Options options = NewOptions();
  chmod(options.tls.key_file.c_str(), 0644);
  absl::Status status = StartStatus(options);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "TLS_FILES_UNUSABLE"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("chmod 600"));

  options = NewOptions();
  options.tls.key_file = pki_.Issue("other", Spiffe("service/other")).key_file;
  EXPECT_THAT(std::string(StartStatus(options).message()), HasSubstr("does not belong"));

  options = NewOptions();
  options.tls = pki_.Issue("old", Spiffe("service/contract"), -absl::Minutes(1));
  EXPECT_THAT(std::string(StartStatus(options).message()), HasSubstr("expired"));

  options = NewOptions();
  options.tls = pki_.Issue("desk", Spiffe("client/desk"));
  EXPECT_THAT(StartStatus(options),
              StatusIs(absl::StatusCode::kFailedPrecondition, "TLS_FILES_UNUSABLE"));
}

TEST_F(ServerTest, TakenPortIsNamed) {
  Start();
  rpc::Server::Options options = NewOptions();
  options.listen = target();
  const absl::Status status = StartStatus(options);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(target()));
}

TEST_F(ServerTest, AdminPortIsLoopbackOnly) {
  rpc::Server::Options options = NewOptions();
  options.admin_listen = "0.0.0.0:0";
  EXPECT_THAT(StartStatus(options),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ADMIN_NOT_LOOPBACK"));
}

TEST_F(ServerTest, UnknownMethodIsUnimplemented) {
  Start();
  EXPECT_THAT(CallRaw("/yilian.contract.v1.ContractService/Nothing", ""),
              StatusIs(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN"));
  EXPECT_THAT(CallRaw("/yilian.contract.v9.ContractService/Echo", ""),
              StatusIs(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN"));
}

TEST_F(ServerTest, ReflectionAndChannelzAreOnTheAdminPortOnly) {
  rpc::Server::Options options = NewOptions();
  options.admin_listen = "127.0.0.1:0";
  Start(std::move(options));
  auto main = rpc::MakeChannel(target(), pki_.Issue("desk", Spiffe("client/desk")),
                               {kRegion, "contract", {}});
  ASSERT_THAT(main, IsOk());
  for (const bool admin : {true, false}) {
    grpc::ClientContext context;
    SetDeadline(context);
    grpc::channelz::v1::GetServersResponse response;
    const grpc::Status status = grpc::channelz::v1::Channelz::NewStub(admin ? Admin() : *main)
                                    ->GetServers(&context, {}, &response);
    EXPECT_EQ(status.error_code(), admin ? grpc::OK : grpc::UNIMPLEMENTED)
        << status.error_message();
    EXPECT_EQ(response.server_size(), admin ? 2 : 0);

    using grpc::reflection::v1alpha::ServerReflection;
    grpc::ClientContext reflect;
    SetDeadline(reflect);
    auto stream =
        ServerReflection::NewStub(admin ? Admin() : *main)->ServerReflectionInfo(&reflect);
    grpc::reflection::v1alpha::ServerReflectionRequest request;
    grpc::reflection::v1alpha::ServerReflectionResponse answer;
    request.set_list_services("");
    stream->Write(request);
    EXPECT_EQ(stream->Read(&answer), admin);
    if (admin) {
      ASSERT_EQ(answer.list_services_response().service_size(), 1);
      EXPECT_EQ(answer.list_services_response().service(0).name(),
                "yilian.contract.v1.ContractService");
      request.set_file_containing_symbol("yilian.contract.v1.ContractService");
      stream->Write(request);
      ASSERT_TRUE(stream->Read(&answer));
      // The file with all it imports.
      EXPECT_EQ(answer.file_descriptor_response().file_descriptor_proto_size(), 5);
      request.set_file_containing_symbol("no.such.Symbol");
      stream->Write(request);
      ASSERT_TRUE(stream->Read(&answer));
      EXPECT_EQ(answer.error_response().error_code(), grpc::NOT_FOUND);
    }
    stream->WritesDone();
    stream->Finish();
  }
}

TEST_F(ServerTest, HealthFollowsTheServicesOwnCheck) {
  std::atomic<bool> healthy{true};
  rpc::Server::Options options = NewOptions();
  options.admin_listen = "127.0.0.1:0";
  options.healthy = [&] { return healthy.load(); };
  Start(std::move(options));
  auto main = rpc::MakeChannel(target(), pki_.Issue("desk", Spiffe("client/desk")),
                               {kRegion, "contract", {}});
  ASSERT_THAT(main, IsOk());
  const std::string name = "yilian.contract.v1.ContractService";
  EXPECT_EQ(HealthOf(*main, name), HealthCheckResponse::SERVING);
  EXPECT_EQ(HealthOf(*main, ""), HealthCheckResponse::SERVING);
  EXPECT_EQ(HealthOf(Admin(), name), HealthCheckResponse::SERVING);
  EXPECT_EQ(HealthOf(Admin(), "no.such.Service"), HealthCheckResponse::SERVICE_UNKNOWN);

  grpc::ClientContext context;
  SetDeadline(context);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(name);
  auto watch = Health::NewStub(*main)->Watch(&context, request);
  HealthCheckResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status(), HealthCheckResponse::SERVING);
  healthy = false;
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status(), HealthCheckResponse::NOT_SERVING);
  healthy = true;
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status(), HealthCheckResponse::SERVING);
  context.TryCancel();
  watch->Finish();
}

TEST_F(ServerTest, DrainLetsRunningCallsEndAndRefusesNewOnes) {
  rpc::Server::Options options = NewOptions();
  options.admin_listen = "127.0.0.1:0";
  Start(std::move(options));
  auto stub = Client();
  service_.CloseGate();
  const std::string token = Token();
  absl::Status running;
  std::jthread call([&] {
    running = rpc::ClientCall(absl::Seconds(30))
                  .WithToken(token)
                  .Invoke(*stub, &Stub::Wait, Text("x"))
                  .status();
  });
  ASSERT_TRUE(service_.AwaitRunning(1));
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  auto reader = stub->Follow(&context, {});
  v1::StreamResponse response;
  ASSERT_TRUE(reader->Read(&response));

  std::jthread drain([&] { server_->Drain(absl::Now() + absl::Seconds(30)); });
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(status::FromGrpc(reader->Finish()),
              StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
  EXPECT_EQ(HealthOf(Admin(), ""), HealthCheckResponse::NOT_SERVING);
  EXPECT_THAT(
      rpc::ClientCall(absl::Seconds(2)).WithToken(token).Invoke(*stub, &Stub::Echo, Text("x")),
      StatusIs(absl::StatusCode::kUnavailable));
  service_.OpenGate();
  call.join();
  drain.join();
  EXPECT_THAT(running, IsOk());
}

TEST_F(ServerTest, WatchersOfHealthDoNotHoldADrainUp) {
  Start();
  auto main = rpc::MakeChannel(target(), pki_.Issue("desk", Spiffe("client/desk")),
                               {kRegion, "contract", {}});
  ASSERT_THAT(main, IsOk());
  grpc::ClientContext context;
  SetDeadline(context);
  auto watch = Health::NewStub(*main)->Watch(&context, {});
  HealthCheckResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  const absl::Time start = absl::Now();
  server_->Drain(start + absl::Seconds(8));
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&seen));
  watch->Finish();
}

TEST_F(ServerTest, DrainCancelsWhatOutlastsItsDeadline) {
  Start();
  auto stub = Client();
  service_.CloseGate();
  const std::string token = Token();
  absl::Status running;
  std::jthread call([&] {
    running = rpc::ClientCall(absl::Seconds(30))
                  .WithToken(token)
                  .Invoke(*stub, &Stub::Wait, Text("x"))
                  .status();
  });
  ASSERT_TRUE(service_.AwaitRunning(1));
  std::jthread drain([&] { server_->Drain(absl::Now() + absl::Milliseconds(200)); });
  // The client is told at the drain's deadline, although the handler still hangs.
  call.join();
  EXPECT_FALSE(running.ok());
  service_.OpenGate();
  drain.join();
}

TEST_F(ServerTest, RenewedCertificateIsServedWithoutARestart) {
  Start();
  ASSERT_THAT(Doctor().Invoke(*Client(), &Stub::Echo, Text("x")), IsOk());
  // The same file with another name: clients that expect the new name get through when it is
  // served.
  pki_.Issue("contract", Spiffe("service/renewed"));
  const rpc::TlsFiles desk = pki_.Issue("desk", Spiffe("client/desk"));
  EXPECT_TRUE(Eventually([&] {
    auto channel = rpc::MakeChannel(target(), desk, {kRegion, "renewed", {}});
    auto stub = v1::ContractService::NewStub(*channel);
    return rpc::ClientCall(absl::Seconds(1)).Invoke(*stub, &Stub::ForAnyone, Text("x")).ok();
  }));
}

TEST_F(ServerTest, BadRenewalIsToldAndTheCertificateBeforeItIsServed) {
  std::atomic<int> told{0};
  std::atomic<int> renewed{0};
  observe::LogCapture log([&](std::string_view line) {
    if (line.find("was not renewed") != line.npos) ++told;
    if (line.find("a renewed certificate is served") != line.npos) ++renewed;
  });
  const rpc::Server::Options options = NewOptions();
  Start(options);
  // Each time new connections, as another client's would be.
  const auto answers = [&] {
    return rpc::ClientCall().Invoke(*Client(), &Stub::ForAnyone, Text("x")).status();
  };

  // The key of another certificate.
  const std::string key = pki_.Issue("other", Spiffe("service/contract")).key_file;
  std::filesystem::rename(key, options.tls.key_file);
  ASSERT_TRUE(Eventually([&] { return told == 1; }));
  // For longer than gRPC's own watcher needs to take what it finds.
  for (const absl::Time end = absl::Now() + absl::Seconds(3); absl::Now() < end;) {
    ASSERT_THAT(answers(), IsOk());
  }
  EXPECT_EQ(told, 1);

  std::filesystem::remove(options.tls.certificate_file);
  ASSERT_TRUE(Eventually([&] { return told >= 2; }));
  EXPECT_THAT(answers(), IsOk());

  pki_.Issue("contract", Spiffe("service/contract"), -absl::Minutes(1));
  ASSERT_TRUE(Eventually([&] { return told >= 3; }));
  EXPECT_THAT(answers(), IsOk());
  EXPECT_EQ(renewed, 0);

  pki_.Issue("contract", Spiffe("service/renewed"));
  ASSERT_TRUE(Eventually([&] { return renewed == 1; }));
  EXPECT_TRUE(Eventually([&] { return !answers().ok(); }));
}

TEST_F(ServerTest, WatchdogNoticesAListenerThatAcceptsNothing) {
  Start();
  int dead = 0;
  rpc::Watchdog alive("127.0.0.1:0", server_->port(), NewOptions().tls, [&] { ++dead; });
  for (int i = 0; i < 4; ++i) alive.Look();
  EXPECT_EQ(dead, 0);

  // A socket that listens and never accepts: TCP handshakes succeed, nobody answers.
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(fd, 16), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  rpc::Watchdog deaf("127.0.0.1:0", ntohs(address.sin_port), NewOptions().tls, [&] { ++dead; });
  deaf.Look();
  deaf.Look();
  EXPECT_EQ(dead, 0);
  deaf.Look();
  EXPECT_EQ(dead, 1);
  close(fd);
}

}  // namespace
}  // namespace yilian::contract
