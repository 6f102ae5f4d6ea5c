// Connections to one schema, shared by the threads of a service.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"

namespace yilian::mysql {

// Where and how to connect. Filled from the service's config (common/config/common.proto,
// DatabaseConfig).
struct PoolOptions {
  std::string host;  // empty with `socket`; "a:3306,b:3306": members of a group (members.h)
  int port = 3306;
  std::string socket;  // path of a unix socket; no TLS is asked for then
  std::string user;
  std::string password;
  std::string schema;
  std::string tls_ca_file;  // PEM; required unless `socket` is set
  int size = 8;             // connections; also the executor's thread count
  absl::Duration max_lifetime = absl::Minutes(30);
  absl::Duration connect_timeout = absl::Seconds(3);
  absl::Duration statement_timeout =
      absl::Seconds(10);      // server-side; the socket read timeout lies 2 s above
  int statement_cache = 128;  // prepared statements kept a connection
};

class Connection;  // connection.h; the driver's own types stay behind it

// Thread-safe. Waiting callers are served in the order they came, until their deadline.
class Pool {
 public:
  // Connects once and asserts what durability rests on: strict sql_mode, READ COMMITTED, UTC,
  // utf8mb4, innodb_flush_log_at_trx_commit = 1 (and sync_binlog = 1 where there is a binary log),
  // a TLS cipher unless on a socket. FAILED_PRECONDITION names the setting and the remedy.
  static absl::StatusOr<std::unique_ptr<Pool>> Open(PoolOptions options);
  virtual ~Pool() = default;

  // A connection for the life of the lease; DEADLINE_EXCEEDED when none was free in time,
  // UNAVAILABLE when the server cannot be reached. Broken connections are thrown away on return,
  // never handed out again.
  class Lease {
   public:
    Lease(Pool* pool, std::unique_ptr<Connection> connection);
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) noexcept;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };
  virtual absl::StatusOr<Lease> Acquire(absl::Time deadline) = 0;

  // True when a connection answered within the last 5 s or answers now; for the health service.
  virtual bool Healthy() = 0;

  struct Stats {
    int open = 0;
    int idle = 0;
    int waiting = 0;
  };
  virtual Stats GetStats() = 0;

  virtual const PoolOptions& options() const = 0;

 protected:
  friend class Lease;
  virtual void Return(std::unique_ptr<Connection> connection) = 0;
};

}  // namespace yilian::mysql
