// A service's gRPC server: mutual TLS outside, the method frame inside, an admin port for operators
// beside it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/token.h"
#include "common/rpc/certificate.h"
#include "common/rpc/dispatch.h"
#include "common/rpc/executor.h"
#include "common/rpc/frame.h"
#include "common/rpc/observer.h"
#include "common/rpc/revocation.h"

namespace yilian::rpc {

// Owned by main (or a test). Start, Drain and the destructor belong to one thread; the rest is
// thread-safe.
class Server {
 public:
  struct Options {
    std::string listen;        // "127.0.0.1:7101"; port 0: any free one, see port()
    std::string admin_listen;  // loopback or unix:path; empty: none
    std::string region;        // trust domain of every SPIFFE URI
    TlsFiles tls;
    Executor::Options admission;
    // Shared with a service whose streams post work; null: the server makes its own from
    // `admission`. Outlives the server.
    Executor* executor = nullptr;
    // A greater message is refused with REQUEST_TOO_LARGE, one beyond that by 4 MiB by gRPC itself.
    int max_request_bytes = 4 * 1024 * 1024;
    // None of these is owned; each outlives the server.
    const crypto::TokenVerifier* tokens = nullptr;  // null: nobody can sign in here
    const RevocationList* revocations = nullptr;
    CallObserver* observer = nullptr;
    const base::Clock* clock = &base::SystemClock();
    AuditSink audit;                 // required when a method is audited
    RequestFingerprint fingerprint;  // required when a method writes
    // Asked once a second, on a thread of the server's: false turns health to NOT_SERVING, true
    // back. Must not block long.
    std::function<bool()> healthy;
    // Ends the process when its own port no longer answers, so that the supervisor starts it anew.
    bool watchdog = true;
  };

  // A running server. FAILED_PRECONDITION with the remedy: TLS files unusable, a method without
  // handler or policy, an admin address that is not loopback; UNAVAILABLE: the address cannot be
  // bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Options options,
                                                       std::vector<Dispatch> services);
  ~Server();  // Drain with one second, unless it has been drained

  int port() const;
  int admin_port() const;
  Executor& executor();
  int open_streams() const;
  // Turns health to NOT_SERVING, refuses new calls, ends long streams with UNAVAILABLE (DRAINING),
  // waits for running calls until `deadline` and cancels what is left.
  void Drain(absl::Time deadline);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace yilian::rpc
