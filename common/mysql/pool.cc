#include "common/mysql/pool.h"

#include <algorithm>
#include <list>
#include <random>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/connection.h"
#include "common/mysql/errors.h"
#include "common/mysql/members.h"
#include "common/mysql/settings.h"

namespace yilian::mysql {
namespace {

constexpr absl::Duration kHealthyFor = absl::Seconds(5);
constexpr absl::Duration kHealthPatience = absl::Seconds(2);

// Connections opened together must not all come of age together.
absl::Duration Jittered(absl::Duration lifetime) {
  thread_local std::minstd_rand random(std::random_device{}());
  return lifetime * std::uniform_real_distribution<double>(0.9, 1.0)(random);
}

// Holds `size` permits; who holds one may own one connection. A permit goes to the longest waiting
// caller, with an idle connection where there is one. Connecting and closing happen outside the
// lock.
class BoundedPool : public Pool {
 public:
  explicit BoundedPool(PoolOptions options)
      : options_(std::move(options)), members_(options_), free_(options_.size) {}

  absl::StatusOr<Lease> Acquire(absl::Time deadline) override {
    std::unique_ptr<Connection> connection;
    {
      absl::MutexLock lock(&mutex_);
      if (!waiters_.empty() || free_ == 0) {
        Waiter waiter;
        const auto at = waiters_.insert(waiters_.end(), &waiter);
        while (!waiter.granted) {
          if (waiter.wake.WaitWithDeadline(&mutex_, deadline) && !waiter.granted) {
            waiters_.erase(at);
            return PoolTimeout();
          }
        }
      } else {
        --free_;
      }
      if (!idle_.empty()) {
        connection = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (connection != nullptr && !Usable(*connection)) connection.reset();
    if (connection == nullptr) {
      absl::StatusOr<std::unique_ptr<Connection>> opened = members_.Open(deadline);
      if (!opened.ok()) {
        ReleasePermit();
        return opened.status();
      }
      connection = *std::move(opened);
      MarkHealthy(absl::Now());
    }
    connection->SetDeadline(deadline);
    return Lease(this, std::move(connection));
  }

  bool Healthy() override {
    {
      absl::MutexLock lock(&mutex_);
      if (absl::Now() - healthy_at_ < kHealthyFor) return true;
    }
    const absl::Time deadline = absl::Now() + kHealthPatience;
    // Twice: the first may be a connection from before the server's restart.
    for (int attempt = 0; attempt < 2; ++attempt) {
      absl::StatusOr<Lease> lease = Acquire(deadline);
      if (!lease.ok()) return false;
      if (!Ping(**lease)) continue;
      MarkHealthy(absl::Now());
      return true;
    }
    return false;
  }

  Stats GetStats() override {
    absl::MutexLock lock(&mutex_);
    const int idle = static_cast<int>(idle_.size());
    return Stats{.open = options_.size - free_ + idle,
                 .idle = idle,
                 .waiting = static_cast<int>(waiters_.size())};
  }

  const PoolOptions& options() const override { return options_; }

 private:
  struct Waiter {
    absl::CondVar wake;
    bool granted = false;
  };

  void Return(std::unique_ptr<Connection> connection) override {
    // A transaction that was left open is rolled back by closing.
    if (connection->in_transaction()) connection->MarkBroken();
    const absl::Time now = absl::Now();
    std::vector<std::unique_ptr<Connection>> dead;  // closed after the lock is gone
    absl::MutexLock lock(&mutex_);
    if (connection->broken()) {
      // Whatever took this one most likely took the idle ones too; a new connection costs less than
      // a failed call.
      dead = std::move(idle_);
      idle_.clear();
      dead.push_back(std::move(connection));
    } else if (now - connection->opened_at() > Jittered(options_.max_lifetime)) {
      dead.push_back(std::move(connection));
    } else {
      connection->TouchUsed(now);
      connection->SetDeadline(absl::InfiniteFuture());
      healthy_at_ = now;
      idle_.push_back(std::move(connection));
    }
    Grant();
  }

  void ReleasePermit() {
    absl::MutexLock lock(&mutex_);
    Grant();
  }

  // Passes one permit on.
  void Grant() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (waiters_.empty()) {
      ++free_;
      return;
    }
    waiters_.front()->granted = true;
    waiters_.front()->wake.Signal();
    waiters_.pop_front();
  }

  bool Usable(Connection& connection) {
    return absl::Now() - connection.used_at() < members_.trusted_idle() ||
           members_.StillGood(connection);
  }

  static bool Ping(Connection& connection) {
    return connection.ExecuteText("mysql.Ping", "DO 1").ok();
  }

  void MarkHealthy(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    healthy_at_ = now;
  }

  const PoolOptions options_;
  Members members_;
  absl::Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Connection>> idle_
      ABSL_GUARDED_BY(mutex_);  // the latest used last, and used first
  std::list<Waiter*> waiters_ ABSL_GUARDED_BY(mutex_);
  absl::Time healthy_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace

Pool::Lease::Lease(Pool* pool, std::unique_ptr<Connection> connection)
    : pool_(pool), connection_(std::move(connection)) {}

Pool::Lease::Lease(Lease&&) noexcept = default;

Pool::Lease& Pool::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    if (connection_ != nullptr) pool_->Return(std::move(connection_));
    pool_ = other.pool_;
    connection_ = std::move(other.connection_);
  }
  return *this;
}

Pool::Lease::~Lease() {
  if (connection_ != nullptr) pool_->Return(std::move(connection_));
}

absl::StatusOr<std::unique_ptr<Pool>> Pool::Open(PoolOptions options) {
  auto pool = std::make_unique<BoundedPool>(std::move(options));
  ASSIGN_OR_RETURN(Lease lease, pool->Acquire(absl::Now() + pool->options().connect_timeout));
  RETURN_IF_ERROR(CheckDurability(*lease));
  return pool;
}

}  // namespace yilian::mysql
