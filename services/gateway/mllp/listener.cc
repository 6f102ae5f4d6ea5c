#include "services/gateway/mllp/listener.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "services/gateway/mllp/connection.h"

namespace yilian::gateway::mllp {
namespace {

using Error = boost::system::error_code;
using SslContext = asio::ssl::context;

absl::Status Unusable(std::string_view what, const Error& error) {
  return absl::FailedPreconditionError(fmt::format("MLLP: {}: {}", what, error.message()));
}

// TLS 1.2 or later, with a client certificate of the region's CA.
absl::StatusOr<std::shared_ptr<SslContext>> MakeContext(const TlsOptions& tls) {
  auto context = std::make_shared<SslContext>(SslContext::tls_server);
  Error error;
  context->set_options(
      SslContext::default_workarounds | SslContext::no_tlsv1 | SslContext::no_tlsv1_1, error);
  context->load_verify_file(tls.ca_file, error);
  if (error) return Unusable(tls.ca_file, error);
  context->use_certificate_chain_file(tls.certificate_file, error);
  if (error) return Unusable(tls.certificate_file, error);
  context->use_private_key_file(tls.key_file, SslContext::pem, error);
  if (error) return Unusable(tls.key_file, error);
  context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, error);
  if (error) return Unusable("client certificates", error);
  // Sessions are not resumed: each connection shows its certificate.
  SSL_CTX_set_session_cache_mode(context->native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context->native_handle(), 0);
  return context;
}

// Changes when one of the files is written or replaced.
std::string Fingerprint(const TlsOptions& tls) {
  std::string text;
  for (const std::string& file : {tls.ca_file, tls.certificate_file, tls.key_file}) {
    struct stat status = {};
    ::stat(file.c_str(), &status);
    text += fmt::format("{}.{}.{};", status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return text;
}

class AsioListener : public Listener {
 public:
  AsioListener(std::shared_ptr<Shared> shared, std::shared_ptr<SslContext> tls,
               std::string fingerprint)
      : shared_(std::move(shared)),
        tls_(std::move(tls)),
        fingerprint_(std::move(fingerprint)),
        acceptor_(shared_->io),
        pause_(shared_->io),
        work_(asio::make_work_guard(shared_->io)) {}
  ~AsioListener() override { Drain(absl::Seconds(20)); }

  absl::Status Open();
  int port() const override { return port_; }
  void Drain(absl::Duration limit) override;
  ListenerStats stats() const override {
    return {shared_->connections, shared_->buffered, shared_->refused, shared_->broken,
            shared_->abandoned};
  }

 private:
  void Accept();
  void Take(Tcp::socket socket);
  template <typename Stream>
  void Serve(Stream stream, std::string address);
  void ReloadTls();
  void EndConnections(bool now);

  const std::shared_ptr<Shared> shared_;
  std::shared_ptr<SslContext> tls_;
  std::string fingerprint_;
  std::chrono::steady_clock::time_point looked_at_{};
  Tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::weak_ptr<ConnectionBase>> connections_;
  int port_ = 0;
  std::thread thread_;
  std::once_flag drained_;
};

absl::Status AsioListener::Open() {
  const std::string& address = shared_->options.address;
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return absl::FailedPreconditionError(fmt::format("MLLP: {} is no host:port", address));
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  Error error;
  Tcp::resolver resolver(shared_->io);
  const auto endpoints = resolver.resolve(host, address.substr(colon + 1), error);
  if (error || endpoints.empty()) return Unusable(address, error);
  const Tcp::endpoint endpoint = *endpoints.begin();
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Unusable(address, error);
  port_ = acceptor_.local_endpoint().port();
  shared_->workers = std::make_unique<asio::thread_pool>(shared_->options.workers);
  Accept();
  thread_ = std::thread([this] { shared_->io.run(); });
  return absl::OkStatus();
}

void AsioListener::Accept() {
  acceptor_.async_accept([this](const Error& error, Tcp::socket socket) {
    if (shared_->draining || error == asio::error::operation_aborted) return;
    if (error) {
      // Out of file descriptors, most likely: wait for some to come back instead of giving up.
      pause_.expires_after(std::chrono::milliseconds(100));
      pause_.async_wait([this](const Error& cancelled) {
        if (!cancelled) Accept();
      });
      return;
    }
    Take(std::move(socket));
    Accept();
  });
}

void AsioListener::Take(Tcp::socket socket) {
  Error error;
  const Tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;
  if (shared_->connections >= shared_->options.connections) {
    ++shared_->refused;
    return;  // closes it
  }
  socket.set_option(Tcp::no_delay(true), error);
  socket.set_option(asio::socket_base::keep_alive(true), error);
  if (!tls_) {
    Serve(std::move(socket), peer.address().to_string());
    return;
  }
  ReloadTls();
  Serve(TlsStream(std::move(socket), *tls_), peer.address().to_string());
}

template <typename Stream>
void AsioListener::Serve(Stream stream, std::string address) {
  if (connections_.size() > 2 * static_cast<size_t>(shared_->connections) + 16) {
    std::erase_if(connections_, [](const auto& one) { return one.expired(); });
  }
  auto connection = std::make_shared<Connection<Stream>>(shared_, std::move(stream));
  connections_.push_back(connection);
  connection->Start({std::move(address), ""});
}

// At most once a second. A pair of files that does not fit leaves the old one in use.
void AsioListener::ReloadTls() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_ < std::chrono::seconds(1)) return;
  looked_at_ = now;
  std::string fingerprint = Fingerprint(*shared_->options.tls);
  if (fingerprint == fingerprint_) return;
  absl::StatusOr<std::shared_ptr<SslContext>> context = MakeContext(*shared_->options.tls);
  if (!context.ok()) return;
  tls_ = *std::move(context);
  fingerprint_ = std::move(fingerprint);
}

void AsioListener::EndConnections(bool now) {
  asio::post(shared_->io, [this, now] {
    shared_->draining = true;
    Error ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& one : connections_) {
      if (const auto connection = one.lock()) connection->Drain(now);
    }
  });
}

void AsioListener::Drain(absl::Duration limit) {
  std::call_once(drained_, [&] {
    if (!thread_.joinable()) return;
    EndConnections(false);
    const absl::Time until = absl::Now() + limit;
    while (shared_->connections > 0 && absl::Now() < until) absl::SleepFor(absl::Milliseconds(5));
    // Handlers that are still running end by their own deadlines; their answers go nowhere.
    if (shared_->connections > 0) EndConnections(true);
    shared_->workers->join();
    // The thread ends when nothing is left to be done: every connection has let go of itself then.
    work_.reset();
    thread_.join();
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(ListenerOptions options, Admit admit,
                                                          Handle handle) {
  auto shared = std::make_shared<Shared>();
  shared->options = std::move(options);
  shared->admit = std::move(admit);
  shared->handle = std::move(handle);
  std::shared_ptr<SslContext> tls;
  std::string fingerprint;
  if (shared->options.tls) {
    fingerprint = Fingerprint(*shared->options.tls);
    ASSIGN_OR_RETURN(tls, MakeContext(*shared->options.tls));
  }
  auto listener =
      std::make_unique<AsioListener>(std::move(shared), std::move(tls), std::move(fingerprint));
  RETURN_IF_ERROR(listener->Open());
  return listener;
}

}  // namespace yilian::gateway::mllp
