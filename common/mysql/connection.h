// One session with the server. Leased from the pool; the driver stays behind this header.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/errors.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"

namespace yilian::mysql {

// Owned by the pool or a lease; one thread at a time. Outside Begin ... Commit every statement
// commits itself.
class Connection : public Session {
 public:
  // Connects, applies the session's settings and checks that they took. Waits until `deadline` at
  // most.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const PoolOptions& options,
                                                          absl::Time deadline);
  ~Connection() override;

  absl::StatusOr<int64_t> ExecuteValues(const Query& query, const Values& values) override;
  absl::Status SelectValues(const Query& query, const Values& values, RowCallback row) override;
  absl::StatusOr<int64_t> ExecuteComposed(std::string_view name, const std::string& sql,
                                          const Values& values) override;

  // A statement without parameters and without a result, as text: DDL, and what cannot be prepared.
  absl::Status ExecuteText(std::string_view name, const std::string& sql);
  // A read without parameters, as text: SHOW, SELECT @@...
  absl::Status SelectText(std::string_view name, const std::string& sql, RowCallback row);

  // After a deadlock, a lock wait or a lost connection the transaction is dead: until Rollback
  // every statement and Commit return that same error, so that nothing commits by itself behind the
  // caller's back.
  absl::Status Begin();
  // When it fails, commit_outcome_unknown() tells whether the transaction may have been stored all
  // the same.
  absl::Status Commit();
  absl::Status Rollback();
  bool commit_outcome_unknown() const { return commit_outcome_unknown_; }

  // What the last failed statement asks for; kNone again after Begin or Rollback.
  Fault fault() const { return fault_; }
  const absl::Status& fault_status() const { return fault_status_; }
  // Never to be used again; the pool closes it.
  bool broken() const { return broken_; }
  void MarkBroken() { broken_ = true; }
  bool in_transaction() const { return in_transaction_; }
  // Statements are refused from then on. The pool sets it with each lease.
  void SetDeadline(absl::Time deadline) { deadline_ = deadline; }
  // A statement that took longer counts as lost, though it was answered. COMMIT does not.
  void SetDoubtAfter(absl::Duration limit) { doubt_after_ = limit; }

  absl::Time opened_at() const { return opened_at_; }
  absl::Time used_at() const { return used_at_; }
  void TouchUsed(absl::Time now) { used_at_ = now; }

 private:
  struct Driver;  // the driver's connection and the cached statements
  explicit Connection(std::unique_ptr<Driver> driver);

  absl::Status Ready() const;
  // Runs `work`, which may throw the driver's exceptions, and turns them into an error.
  template <typename Work>
  absl::Status Guard(std::string_view name, const Work& work);
  absl::Status Fail(int number, std::string_view text, std::string_view name);

  std::unique_ptr<Driver> driver_;
  absl::Time deadline_ = absl::InfiniteFuture();
  absl::Duration doubt_after_ = absl::InfiniteDuration();
  absl::Time opened_at_;
  absl::Time used_at_;
  Fault fault_ = Fault::kNone;
  absl::Status fault_status_;
  int last_error_ = 0;
  bool in_transaction_ = false;
  bool commit_outcome_unknown_ = false;
  bool broken_ = false;
};

}  // namespace yilian::mysql
