// One MLLP connection: reads a frame, waits for its answers, reads the next. Runs on the listener's
// io thread only.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "services/gateway/mllp/listener.h"

namespace yilian::gateway::mllp {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using TlsStream = asio::ssl::stream<Tcp::socket>;

// What the connections of one listener share. Counters are read by other threads.
struct Shared {
  ListenerOptions options;
  Listener::Admit admit;
  Listener::Handle handle;
  asio::io_context io{1};
  std::unique_ptr<asio::thread_pool> workers;
  std::atomic<int> connections{0};
  std::atomic<int64_t> buffered{0};
  std::atomic<int64_t> refused{0};
  std::atomic<int64_t> broken{0};
  std::atomic<int64_t> abandoned{0};
  bool draining = false;  // io thread only
};

// A connection as the listener sees it.
class ConnectionBase {
 public:
  virtual ~ConnectionBase() = default;
  // Ends it, `now` or as soon as no message of it is with the handler.
  virtual void Drain(bool now) = 0;
};

// Stream: Tcp::socket or TlsStream. Kept alive by the operation that is under way.
template <typename Stream>
class Connection : public ConnectionBase, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(std::shared_ptr<Shared> shared, Stream stream)
      : shared_(std::move(shared)),
        stream_(std::move(stream)),
        framer_(shared_->options.frame),
        timer_(shared_->io) {
    ++shared_->connections;
  }
  ~Connection() override {
    shared_->buffered -= counted_;
    shared_->abandoned += static_cast<int64_t>(framer_.abandoned()) + (framer_.is_inside() ? 1 : 0);
    --shared_->connections;
  }

  void Start(ConnectionIdentity identity);
  void Drain(bool now) override;

 private:
  void Handshake();
  void Admit();
  void Read();
  void Pump();
  bool CountBuffered();
  void Dispatch(Frame frame);
  void Queue(std::string answer);
  void Write();
  void Handled();
  void Arm(absl::Duration timeout);
  void Disarm();
  void Broken();
  void Close();

  std::shared_ptr<Shared> shared_;
  Stream stream_;
  ConnectionIdentity identity_;
  inbound::Peer peer_;
  Framer framer_;
  asio::steady_timer timer_;
  std::array<char, 16 * 1024> buffer_;
  std::string_view pending_;         // of buffer_: read, not yet taken by the framer
  std::deque<std::string> answers_;  // framed, the first one is being written
  uint64_t armed_ = 0;               // how often the timer was armed or disarmed
  int64_t counted_ = 0;              // bytes of this connection in shared_->buffered
  bool timed_ = false;               // the timer runs for the message that is being received
  bool busy_ = false;                // a message is with the handler
  bool closed_ = false;
};

// The SPIFFE URI of the peer's verified certificate; "" when it has none, or several.
std::string SpiffeUriOf(SSL* ssl);

extern template class Connection<Tcp::socket>;
extern template class Connection<TlsStream>;

}  // namespace yilian::gateway::mllp
