#include "common/rpc/server.h"

#include <fmt/format.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_builder.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "common/rpc/admin.h"
#include "common/rpc/channel.h"
#include "common/rpc/checked_files.h"
#include "common/rpc/frame_service.h"
#include "common/rpc/health.h"
#include "common/rpc/keepalive.h"
#include "common/rpc/library_logs.h"
#include "common/rpc/watchdog.h"
#include "common/status/error.h"

namespace yilian::rpc {

using HealthResponse = grpc::health::v1::HealthCheckResponse;

namespace {

// Above the limit a message is still read, so that the refusal can say by how much.
constexpr int kRefusableBytes = 4 * 1024 * 1024;
constexpr int kWatchdogEverySeconds = 5;

absl::Status Refuse(std::string_view reason, std::string_view message) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", reason).Message(message);
}

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("localhost:") ||
         address.starts_with("[::1]:") || address.starts_with("unix:");
}

// Says plainly that a method does not exist; gRPC's own answer has no details.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      Reactor() {
        Finish(status::ToGrpc(
            status::Error(absl::StatusCode::kUnimplemented, "yilian", "METHOD_UNKNOWN")
                .Message("this server has no such method: check service, version and name")));
      }
      void OnDone() override { delete this; }
    };
    return new Reactor;
  }
};

std::shared_ptr<grpc::ServerCredentials> MutualTls(const TlsFiles& files) {
  // Read again every second; a renewed set is served to new connections without a restart.
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key_file, files.certificate_file, files.ca_file, 1);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::string_view TypeOf(const Binding& binding) {
  if (binding.client_streams) return binding.server_streams ? "bidi_stream" : "client_stream";
  return binding.server_streams ? "server_stream" : "unary";
}

}  // namespace

struct Server::State {
  Options options;
  std::unique_ptr<Executor> own_executor;
  Executor* executor = nullptr;
  std::unique_ptr<Frame> frame;
  std::vector<std::string> names;
  std::vector<std::unique_ptr<grpc::Service>> services;
  UnknownMethods unknown;
  HealthState health;
  std::unique_ptr<CheckedFiles> tls;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<grpc::Server> admin;
  int port = 0;
  int admin_port = 0;
  std::unique_ptr<Watchdog> watchdog;
  std::mutex mutex;
  std::condition_variable stop;
  bool stopping = false;
  bool drained = false;
  std::thread housekeeping;

  absl::Status AddServices(std::vector<Dispatch> dispatches);
  absl::Status Listen();
  absl::Status ListenAdmin();
  void KeepHouse();
  void StopHousekeeping();
};

absl::Status Server::State::AddServices(std::vector<Dispatch> dispatches) {
  for (Dispatch& dispatch : dispatches) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(dispatch.service());
    if (descriptor == nullptr) {
      return Refuse(
          "SERVICE_UNKNOWN",
          fmt::format("no proto of this binary declares the service {}", dispatch.service()));
    }
    ASSIGN_OR_RETURN(std::vector<std::unique_ptr<Method>> methods,
                     CompileMethods(*descriptor, dispatch.TakeBindings()));
    for (const auto& method : methods) {
      if (method->policy.audited() && options.audit == nullptr) {
        return Refuse("AUDIT_MISSING",
                      fmt::format("method {} is audited, but the server has no audit log",
                                  method->full_name));
      }
      if (method->writes && options.fingerprint == nullptr) {
        return Refuse("FINGERPRINT_MISSING",
                      fmt::format("method {} writes, but the server has no keys to recognize a "
                                  "repeated request: set `seal_keys_folder`",
                                  method->full_name));
      }
      if (options.observer != nullptr) {
        method->observed =
            options.observer->AddMethod(method->service, method->name, TypeOf(method->binding));
      }
    }
    names.push_back(dispatch.service());
    services.push_back(std::make_unique<FrameService>(*frame, std::move(methods)));
  }
  return absl::OkStatus();
}

absl::Status Server::State::Listen() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, MutualTls(tls->copies()), &port);
  builder.SetMaxReceiveMessageSize(options.max_request_bytes + kRefusableBytes);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kLeastPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // A fixed window instead of one that grows with the link: what a client may have on its way to a
  // handler that is slower than the network stays small.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindowBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kServerKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kServerKeepaliveTimeoutMs);
  // Two processes on one port would each answer some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  for (const auto& service : services) builder.RegisterService(service.get());
  services.push_back(NewHealthService(health));
  builder.RegisterService(services.back().get());
  builder.RegisterCallbackGenericService(&unknown);
  server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return status::Error(absl::StatusCode::kUnavailable, "yilian", "ADDRESS_UNAVAILABLE")
        .Message(
            fmt::format("cannot listen on {}: another process holds the port, or the address is "
                        "not this machine's",
                        options.listen));
  }
  return absl::OkStatus();
}

absl::Status Server::State::ListenAdmin() {
  if (options.admin_listen.empty()) return absl::OkStatus();
  if (!IsLoopback(options.admin_listen)) {
    return Refuse("ADMIN_NOT_LOOPBACK",
                  fmt::format("admin_listen {} is not loopback: the admin port is plaintext",
                              options.admin_listen));
  }
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.admin_listen, grpc::InsecureServerCredentials(), &admin_port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  services.push_back(NewHealthService(health));
  builder.RegisterService(services.back().get());
  for (auto& service : NewAdminServices(names)) {
    builder.RegisterService(service.get());
    services.push_back(std::move(service));
  }
  admin = builder.BuildAndStart();
  if (admin == nullptr || (admin_port == 0 && !options.admin_listen.starts_with("unix:"))) {
    return status::Error(absl::StatusCode::kUnavailable, "yilian", "ADDRESS_UNAVAILABLE")
        .Message(
            fmt::format("cannot listen on the admin address {}: another process holds the port",
                        options.admin_listen));
  }
  return absl::OkStatus();
}

void Server::State::KeepHouse() {
  std::unique_lock lock(mutex);
  for (int second = 0; !stopping; ++second) {
    lock.unlock();
    const bool serving = options.healthy == nullptr || options.healthy();
    frame->Sweep();
    tls->Look(options.clock->Now());
    if (watchdog != nullptr && second % kWatchdogEverySeconds == kWatchdogEverySeconds - 1) {
      watchdog->Look();
    }
    lock.lock();
    if (!frame->draining()) {
      health.SetAll(serving ? HealthResponse::SERVING : HealthResponse::NOT_SERVING);
    }
    stop.wait_for(lock, std::chrono::seconds(1), [this] { return stopping; });
  }
}

void Server::State::StopHousekeeping() {
  {
    std::lock_guard lock(mutex);
    stopping = true;
  }
  stop.notify_all();
  if (housekeeping.joinable()) housekeeping.join();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options,
                                                      std::vector<Dispatch> services) {
  RouteLibraryLogs();
  if (options.region.empty()) {
    return Refuse("REGION_MISSING", "set `region`: the trust domain of the certificates");
  }
  ASSIGN_OR_RETURN(const std::string self, CheckTlsFiles(options.tls, options.clock->Now()));
  ASSIGN_OR_RETURN(const Caller own, ParseSpiffe(self, options.region));
  if (own.service.empty()) {
    return Refuse(
        "TLS_FILES_UNUSABLE",
        fmt::format("a server's certificate names spiffe://{}/service/<name>, this one {}",
                    options.region, self));
  }
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  const Options& set = state->options;
  if (set.executor == nullptr) state->own_executor = std::make_unique<Executor>(set.admission);
  state->executor = set.executor != nullptr ? set.executor : state->own_executor.get();
  Frame::Options frame;
  frame.identity = {set.region, set.tls.ca_file, set.tokens, set.revocations, set.clock};
  frame.audit = set.audit;
  frame.observer = set.observer;
  frame.executor = state->executor;
  frame.max_request_bytes = static_cast<size_t>(set.max_request_bytes);
  frame.fingerprint = set.fingerprint;
  state->frame = std::make_unique<Frame>(std::move(frame));
  RETURN_IF_ERROR(state->AddServices(std::move(services)));
  state->health.Set("", HealthResponse::NOT_SERVING);
  for (const std::string& name : state->names) state->health.Set(name, HealthResponse::NOT_SERVING);
  std::unique_ptr<Server> server(new Server(std::move(state)));
  State& running = *server->state_;
  ASSIGN_OR_RETURN(running.tls, CheckedFiles::Open(set.tls, set.clock->Now()));
  RETURN_IF_ERROR(running.Listen());
  RETURN_IF_ERROR(running.ListenAdmin());
  if (running.options.watchdog && running.port > 0) {
    running.watchdog =
        std::make_unique<Watchdog>(running.options.listen, running.port, running.options.tls);
  }
  running.health.SetAll(running.options.healthy == nullptr || running.options.healthy()
                            ? HealthResponse::SERVING
                            : HealthResponse::NOT_SERVING);
  running.housekeeping = std::thread([&running] { running.KeepHouse(); });
  return server;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { Drain(absl::Now() + absl::Seconds(1)); }

int Server::port() const { return state_->port; }
int Server::admin_port() const { return state_->admin_port; }
Executor& Server::executor() { return *state_->executor; }
int Server::open_streams() const { return state_->frame->open_streams(); }

void Server::Drain(absl::Time deadline) {
  State& state = *state_;
  if (std::exchange(state.drained, true)) return;
  {
    std::lock_guard lock(state.mutex);  // so that housekeeping does not say SERVING once more
    state.health.SetAll(HealthResponse::NOT_SERVING);
    state.health.End();
    state.frame->Drain();
  }
  if (state.server != nullptr) state.server->Shutdown(absl::ToChronoTime(deadline));
  state.StopHousekeeping();
  if (state.admin != nullptr) state.admin->Shutdown(absl::ToChronoTime(absl::Now()));
}

}  // namespace yilian::rpc
