// Takes MLLP connections and hands each message to a handler: any number of connections, no thread
// for each.
//
// One thread moves bytes; a pool of workers runs the handler, which blocks. A connection has at
// most one message with the handler and at most one being received, so its messages are answered in
// order and a fast sender is slowed down by TCP.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/domain/inbound/sender.h"
#include "services/gateway/domain/mllp/framer.h"

namespace yilian::gateway::mllp {

// PEM files; read again when they change, for connections made from then on.
struct TlsOptions {
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
};

struct ListenerOptions {
  std::string address;            // "10.1.2.3:2575", port 0 for any free one
  std::optional<TlsOptions> tls;  // unset: plain TCP
  FrameLimits frame;
  int connections = 1000;  // more are closed at once
  int workers = 8;         // messages handled at the same time
  // Bytes of unfinished messages over all connections; the connection that would go beyond it is
  // closed.
  int64_t buffered_bytes = 256 * 1000 * 1000;
  absl::Duration handshake_timeout = absl::Seconds(10);
  absl::Duration idle_timeout = absl::Minutes(30);    // between messages
  absl::Duration message_timeout = absl::Minutes(5);  // from a message's first byte to its last
  absl::Duration write_timeout = absl::Seconds(30);   // for the peer to take an answer
};

// What a connection proved of its other end.
struct ConnectionIdentity {
  std::string address;     // IP, without the port
  std::string spiffe_uri;  // of the client certificate; "" on plain TCP
};

struct ListenerStats {
  int connections = 0;
  int64_t buffered_bytes = 0;
  int64_t refused_connections = 0;  // too many, not admitted, or a failed handshake
  int64_t broken_connections = 0;   // not MLLP, too slow, or over the byte limit
  int64_t abandoned_messages = 0;   // begun and never ended
};

// Thread-safe.
class Listener {
 public:
  // Who is at the other end; nullopt: the connection is closed without a word. Must not block.
  using Admit = std::function<std::optional<inbound::Peer>(const ConnectionIdentity&)>;
  // Handles a message on a worker thread; `answer` may be called any number of times until it
  // returns.
  using Handle = std::function<void(const inbound::Peer&, const Frame&,
                                    const std::function<void(std::string)>& answer)>;

  // FAILED_PRECONDITION names the address or the file that cannot be used, and why.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(ListenerOptions options, Admit admit,
                                                         Handle handle);
  virtual ~Listener() = default;  // drains

  virtual int port() const = 0;
  // Takes no more messages; those with the handler are finished and answered, for at most `limit`.
  // Idempotent.
  virtual void Drain(absl::Duration limit) = 0;
  virtual ListenerStats stats() const = 0;
};

}  // namespace yilian::gateway::mllp
