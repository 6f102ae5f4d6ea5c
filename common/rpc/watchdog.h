// Notices when this process's own port no longer answers: after one exhaustion of file descriptors
// gRPC 1.51 never accepts a connection again, while the kernel still completes TCP handshakes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/rpc/certificate.h"

namespace yilian::rpc {

// Owned by the server; one thread calls Look.
class Watchdog {
 public:
  // `listen`: the address as configured; `port`: the one that was bound. `on_dead` is for tests;
  // the default logs and ends the process with exit code 70 so that its supervisor starts it anew.
  Watchdog(const std::string& listen, int port, TlsFiles tls,
           std::function<void()> on_dead = nullptr);
  ~Watchdog();
  // One handshake with the own port; the third failure in a row is the end. Blocks for at most two
  // seconds.
  void Look();

 private:
  bool Answers() const;

  std::string address_;
  int port_;
  const TlsFiles tls_;
  std::function<void()> on_dead_;
  int failures_ = 0;
};

}  // namespace yilian::rpc
