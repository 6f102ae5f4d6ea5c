#include "tests/bench/referral/read_floor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_builder.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/synchronization/mutex.h"
#include "common/base/uuid.h"
#include "services/referral/store/queries.h"
#include "tests/bench/echo/echo.grpc.pb.h"
#include "tests/bench/support/c_client.h"

namespace yilian::bench {
namespace {

// The default of service.database.pool_size (common/config/config.proto).
constexpr int kPoolSize = 32;

// Hands each call to one of the threads with a session, as the service does.
class ReadingEcho final : public v1::EchoService::CallbackService {
 public:
  ~ReadingEcho() override {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status Start(const DatabaseAccess& access, int threads) {
    for (int i = 0; i < threads; ++i) {
      clients_.push_back(std::make_unique<CClient>());
      CClient& client = *clients_.back();
      if (auto opened = client.Open(access, access.user, access.password); !opened.ok()) {
        return opened;
      }
      const auto prepared =
          client.Prepare(std::string(referral::queries::kGet.sql), {std::string(16, '\0')}, {});
      if (!prepared.ok()) return prepared.status();
      threads_.emplace_back([this, &client] { Loop(client); });
    }
    return absl::OkStatus();
  }

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const v1::EchoRequest* request,
                                 v1::EchoResponse* response) override {
    auto* reactor = context->DefaultReactor();
    absl::MutexLock lock(&mutex_);
    queue_.push_back({request, response, reactor});
    return reactor;
  }

 private:
  struct Item {
    const v1::EchoRequest* request;
    v1::EchoResponse* response;
    grpc::ServerUnaryReactor* reactor;
  };

  void Loop(CClient& client) {
    while (true) {
      Item item{};
      {
        absl::MutexLock lock(&mutex_);
        const auto ready = [this] { return stopping_ || !queue_.empty(); };
        mutex_.Await(absl::Condition(&ready));
        if (queue_.empty()) return;
        item = queue_.front();
        queue_.pop_front();
      }
      const auto id = base::Uuid::Parse(item.request->referral_id());
      client.Set(0, 0, id.value_or(base::Uuid()).ToBytes());
      const auto rows = client.Execute(0);
      item.response->set_text(item.request->text());
      const bool read = rows.ok() && *rows == 1;
      item.reactor->Finish(read ? grpc::Status::OK
                                : grpc::Status(grpc::StatusCode::NOT_FOUND, "no such referral"));
    }
  }

  absl::Mutex mutex_;
  bool stopping_ = false;
  std::deque<Item> queue_;
  std::vector<std::unique_ptr<CClient>> clients_;
  std::vector<std::thread> threads_;
};

int HandlerThreads(const ctl::Region& region) {
  const auto configured = [&](const char* key) {
    const auto value = region.ConfigValue("referral", key);
    int number = 0;
    return value.ok() && absl::SimpleAtoi(*value, &number) ? number : 0;
  };
  const int threads = configured("service.admission.threads");
  const int pool_size = configured("service.database.pool_size");
  return threads > 0 ? threads : (pool_size > 0 ? pool_size : kPoolSize) * 3 / 4;
}

}  // namespace

int ServeReads(const std::string& pki, const std::string& region_folder) {
  const ctl::Region region(region_folder);
  const auto access = DatabaseAccess::Of(region, "referral");
  ReadingEcho service;
  const absl::Status started =
      access.ok() ? service.Start(*access, HandlerThreads(region)) : access.status();
  if (!started.ok()) {
    fmt::print(stderr, "cannot serve reads: {}\n", started.ToString());
    return 1;
  }
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions options(std::make_shared<tls::FileWatcherCertificateProvider>(
      pki + "/echo.key", pki + "/echo.pem", pki + "/ca.pem", 1));
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", tls::TlsServerCredentials(options), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  fmt::print("{}\n", port);
  std::fflush(stdout);
  // The parent's end of the pipe closes when it is done, or dies.
  std::string line;
  std::getline(std::cin, line);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

ReadServerProcess::ReadServerProcess(const std::string& pki, const std::string& region) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) std::abort();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    execl("/proc/self/exe", "yilian-bench", "--serve-reads", pki.c_str(), region.c_str(), nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  stop_ = in[1];
  std::FILE* ports = fdopen(out[0], "r");
  if (std::fscanf(ports, "%d", &port) != 1) port = 0;
  std::fclose(ports);
}

ReadServerProcess::~ReadServerProcess() {
  close(stop_);
  waitpid(pid_, nullptr, 0);
}

}  // namespace yilian::bench
