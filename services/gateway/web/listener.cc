#include "services/gateway/web/listener.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <thread>

#include "common/base/status_macros.h"

namespace yilian::gateway::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Error = boost::system::error_code;
using Tcp = asio::ip::tcp;

// What the connections of one listener share.
struct Shared {
  ListenerOptions options;
  Listener::Handle handle;
  asio::io_context io{1};
  std::unique_ptr<asio::thread_pool> workers;
  std::atomic<int> connections{0};
};

// Kept alive by the operation that is under way. Runs on the io thread but for the handler.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Shared> shared, Tcp::socket socket)
      : shared_(std::move(shared)), stream_(std::move(socket)) {
    ++shared_->connections;
  }
  ~Connection() { --shared_->connections; }

  void Read() {
    parser_.header_limit(static_cast<uint32_t>(shared_->options.header_bytes));
    parser_.body_limit(0);
    stream_.expires_after(absl::ToChronoMilliseconds(shared_->options.read_timeout));
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](const Error& error, size_t) {
                              if (!error) self->Handle();
                            });
  }

 private:
  void Handle() {
    const auto& asked = parser_.get();
    head_ = asked.method() == http::verb::head;
    if (!head_ && asked.method() != http::verb::get) {
      Write({.status = 405, .headers = {{"Allow", "GET, HEAD"}}});
      return;
    }
    Request request{.target = std::string(asked.target())};
    const auto lines = asked.equal_range(http::field::if_none_match);
    for (auto line = lines.first; line != lines.second; ++line) {
      if (!request.if_none_match.empty()) request.if_none_match += ',';
      request.if_none_match += std::string(line->value());
    }
    stream_.expires_never();  // the handler has a deadline of its own
    asio::post(*shared_->workers, [self = shared_from_this(), request = std::move(request)] {
      Response response = self->shared_->handle(request);
      asio::post(self->shared_->io, [self, response = std::move(response)]() mutable {
        self->Write(std::move(response));
      });
    });
  }

  void Write(Response response) {
    answer_.emplace();
    answer_->result(static_cast<unsigned>(response.status));
    for (const auto& [name, value] : response.headers) answer_->set(name, value);
    answer_->keep_alive(false);
    const bool bodiless = response.status == 304 || response.status == 204;
    const size_t length = response.body.size();
    // HEAD tells the length of what GET would answer.
    if (!head_ && !bodiless) answer_->body() = std::move(response.body);
    if (!bodiless) answer_->content_length(length);
    stream_.expires_after(absl::ToChronoMilliseconds(shared_->options.write_timeout));
    serializer_.emplace(*answer_);
    const auto written = [self = shared_from_this()](const Error& error, size_t) {
      Error ignored;
      if (!error) self->stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
    };
    if (head_) {
      http::async_write_header(stream_, *serializer_, written);
    } else {
      http::async_write(stream_, *serializer_, written);
    }
  }

  const std::shared_ptr<Shared> shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  bool head_ = false;
  std::optional<http::response<http::string_body>> answer_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
};

class BeastListener : public Listener {
 public:
  explicit BeastListener(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)), acceptor_(shared_->io), pause_(shared_->io) {}

  ~BeastListener() override {
    if (!thread_.joinable()) return;
    asio::post(shared_->io, [this] {
      Error ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    // Handlers end by their deadlines; an answer that is being written is not waited for.
    shared_->workers->join();
    shared_->io.stop();
    thread_.join();
  }

  absl::Status Open() {
    const std::string& address = shared_->options.address;
    const size_t colon = address.rfind(':');
    if (colon == std::string::npos) {
      return absl::FailedPreconditionError(fmt::format("HTTP: {} is no host:port", address));
    }
    Error error;
    Tcp::resolver resolver(shared_->io);
    const auto endpoints =
        resolver.resolve(address.substr(0, colon), address.substr(colon + 1), error);
    if (!error && !endpoints.empty()) {
      const Tcp::endpoint endpoint = *endpoints.begin();
      acceptor_.open(endpoint.protocol(), error);
      if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
      if (!error) acceptor_.bind(endpoint, error);
      if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error || endpoints.empty()) {
      return absl::FailedPreconditionError(fmt::format("HTTP: {}: {}", address, error.message()));
    }
    port_ = acceptor_.local_endpoint().port();
    shared_->workers = std::make_unique<asio::thread_pool>(shared_->options.workers);
    Accept();
    thread_ = std::thread([this] { shared_->io.run(); });
    return absl::OkStatus();
  }

  int port() const override { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](const Error& error, Tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) {
        // Out of file descriptors, most likely: wait for some to come back instead of giving up.
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([this](const Error& cancelled) {
          if (!cancelled) Accept();
        });
        return;
      }
      if (shared_->connections < shared_->options.connections) {
        std::make_shared<Connection>(shared_, std::move(socket))->Read();
      }
      Accept();
    });
  }

  const std::shared_ptr<Shared> shared_;
  Tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(ListenerOptions options, Handle handle) {
  auto shared = std::make_shared<Shared>();
  shared->options = std::move(options);
  shared->handle = std::move(handle);
  auto listener = std::make_unique<BeastListener>(std::move(shared));
  RETURN_IF_ERROR(listener->Open());
  return listener;
}

}  // namespace yilian::gateway::web
