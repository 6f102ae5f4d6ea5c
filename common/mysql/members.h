// The servers that a schema may be on: one, or the members of a Group Replication group, of which
// one takes writes at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "common/mysql/pool.h"

namespace yilian::mysql {

// Thread-safe.
class Members {
 public:
  // `options.host` with commas names members, `host:port` each; without, it is the only server and
  // is taken as it is.
  explicit Members(PoolOptions options);

  // A connection to the server that takes writes. Where it was found last is asked first, and each
  // one has its part of the time. UNAVAILABLE DATABASE_READ_ONLY when members answer and none takes
  // writes: they are choosing a primary, or lost their majority.
  absl::StatusOr<std::unique_ptr<Connection>> Open(absl::Time deadline);

  // How long a connection that lay idle is good without being asked.
  absl::Duration trusted_idle() const { return trusted_idle_; }
  // Whether it still leads to the server that takes writes.
  bool StillGood(Connection& connection) const;

 private:
  struct Address {
    std::string host;
    int port = 0;
    bool operator==(const Address&) const = default;
  };

  const PoolOptions options_;
  absl::Duration trusted_idle_;
  absl::Mutex mutex_;
  std::vector<Address> addresses_ ABSL_GUARDED_BY(mutex_);  // the last that took writes first
};

}  // namespace yilian::mysql
