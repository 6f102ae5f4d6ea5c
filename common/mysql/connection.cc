#include "common/mysql/connection.h"

#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>

#include <algorithm>
#include <exception>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/driver.h"
#include "common/mysql/observer.h"
#include "common/mysql/settings.h"

namespace yilian::mysql {
namespace {

// The row a ResultSet stands on. The driver's columns count from 1.
class ResultRow : public Row {
 public:
  explicit ResultRow(const sql::ResultSet* result) : result_(result) {}
  bool IsNull(int column) const override { return result_->isNull(column + 1); }
  int64_t Int(int column) const override { return result_->getInt64(column + 1); }
  std::string Text(int column) const override {
    return result_->getString(column + 1).asStdString();
  }
  std::string Bytes(int column) const override {
    return result_->getString(column + 1).asStdString();
  }

 private:
  const sql::ResultSet* result_;
};

void Bind(sql::PreparedStatement* statement, const Values& values) {
  unsigned int index = 0;
  for (const Value& value : values) {
    ++index;
    const Value::Variant& variant = value.get();
    if (const auto* number = std::get_if<int64_t>(&variant)) {
      statement->setInt64(index, *number);
    } else if (const auto* text = std::get_if<std::string>(&variant)) {
      statement->setString(index, *text);
    } else if (const auto* blob = std::get_if<Blob>(&variant)) {
      // Binary-safe on both servers, and unlike setBlob's istream it cannot be found exhausted,
      // which stores NULL.
      statement->setString(index, blob->bytes);
    } else {
      statement->setNull(index, 0);
    }
  }
}

size_t BytesOf(const Values& values) {
  size_t bytes = 0;
  for (const Value& value : values) {
    if (const auto* text = std::get_if<std::string>(&value.get())) bytes += text->size();
    if (const auto* blob = std::get_if<Blob>(&value.get())) bytes += blob->bytes.size();
  }
  return bytes;
}

// Composed statements that are worth keeping: the few shapes that a write of one or two rows has.
constexpr int kComposedCache = 16;
constexpr size_t kComposedBytes = 2048;

// Well below the 16 MiB that both servers and the driver take: beyond it they differ in how they
// fail, and one of the ways is to drop the connection, which would be re-run. Large things are
// stored in rows of 1 MiB.
constexpr size_t kMostBytes = 15 << 20;

constexpr std::string_view kCommit = "mysql.Commit";
constexpr int kNotSent = -1;  // no server and no driver uses this number

// The server has dropped or changed what was prepared.
bool StatementIsStale(int number) { return number == 1243 || number == 1615 || number == 2030; }

// Errors that say nothing against the prepared statement.
bool KeepsStatement(int number) {
  return number == 1062 || number == 1205 || number == 1213 || number == 3572;
}

// Reports to the observer when it goes.
class Observed {
 public:
  explicit Observed(std::string_view name) : observer_(GetQueryObserver()), name_(name) {
    if (observer_ != nullptr) start_ = absl::Now();
  }
  ~Observed() {
    if (observer_ != nullptr) (*observer_)(name_, absl::Now() - start_, ok_);
  }
  void Ok() { ok_ = true; }

 private:
  const QueryObserver* observer_;
  std::string_view name_;
  absl::Time start_;
  bool ok_ = false;
};

}  // namespace

struct Connection::Driver {
  Driver(std::unique_ptr<sql::Connection> open, int cache_size)
      : connection(std::move(open)),
        text(connection->createStatement()),
        cache(connection.get(), cache_size),
        composed(connection.get(), kComposedCache) {}

  std::unique_ptr<sql::Connection> connection;
  std::unique_ptr<sql::Statement> text;
  StatementCache cache;
  StatementCache composed;
};

Connection::Connection(std::unique_ptr<Driver> driver)
    : driver_(std::move(driver)), opened_at_(absl::Now()), used_at_(opened_at_) {}

Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const PoolOptions& options,
                                                             absl::Time deadline) {
  if (options.socket.empty() && options.tls_ca_file.empty()) {
    return WrongSetting("tls_ca_file", "",
                        "set database.tls_ca_file, or connect through a unix socket");
  }
  const absl::Duration patience = deadline - absl::Now();
  if (patience <= absl::ZeroDuration()) return PoolTimeout();
  std::unique_ptr<Driver> driver;
  try {
    driver = std::make_unique<Driver>(Connect(options, patience), options.statement_cache);
  } catch (const sql::SQLException& error) {
    return ConnectError(error.getErrorCode(), error.what(), options.user, options.schema);
  } catch (const std::exception&) {
    return ConnectError(2000, "the driver failed", options.user, options.schema);
  }
  std::unique_ptr<Connection> connection(new Connection(std::move(driver)));
  RETURN_IF_ERROR(ApplySessionSettings(*connection, options));
  return connection;
}

absl::Status Connection::Ready() const {
  if (fault_ != Fault::kNone && (in_transaction_ || broken_)) return fault_status_;
  if (broken_) return StatementError(2013, "", "mysql.Connection");
  if (deadline_ != absl::InfiniteFuture() && absl::Now() >= deadline_) return DeadlinePassed();
  return absl::OkStatus();
}

absl::Status Connection::Fail(int number, std::string_view text, std::string_view name) {
  absl::Status status = StatementError(number, text, name);
  last_error_ = number;
  fault_ = FaultOf(number);
  if (fault_ == Fault::kConnectionLost || fault_ == Fault::kUnusable) broken_ = true;
  if (fault_ != Fault::kNone) fault_status_ = status;
  return status;
}

template <typename Work>
absl::Status Connection::Guard(std::string_view name, const Work& work) {
  if (absl::Status ready = Ready(); !ready.ok()) return ready;
  Observed observed(name);
  absl::Status status;
  const bool doubtful = doubt_after_ < absl::InfiniteDuration() && name != kCommit;
  const absl::Time begun = doubtful ? absl::Now() : absl::InfinitePast();
  try {
    status = work();
  } catch (const sql::SQLException& error) {
    return Fail(error.getErrorCode(), error.what(), name);
  } catch (const std::exception& error) {
    return Fail(2000, "the driver failed", name);
  }
  if (doubtful && absl::Now() - begun > doubt_after_) return Fail(2013, "", name);
  if (status.ok()) observed.Ok();
  return status;
}

namespace {

// Runs `work` with a prepared statement; once more when a cached one turns out stale, which no
// result has come of.
template <typename Work>
absl::Status WithStatement(StatementCache& cache, const Query& query, bool keep,
                           const Values& values, const Work& work) {
  if (BytesOf(values) > kMostBytes) return TooManyBytes(query.name, kMostBytes);
  for (bool again = false;; again = true) {
    StatementCache::Use use(&cache, query, keep);
    if (use->parameters != values.size()) {
      return WrongParameterCount(query.name, values.size(), use->parameters);
    }
    try {
      Bind(use->statement.get(), values);
      return work(use->statement.get());
    } catch (const sql::SQLException& error) {
      if (!KeepsStatement(error.getErrorCode())) use.Forget();
      if (again || !StatementIsStale(error.getErrorCode())) throw;
    }
  }
}

}  // namespace

absl::StatusOr<int64_t> Connection::ExecuteValues(const Query& query, const Values& values) {
  int64_t matched = 0;
  RETURN_IF_ERROR(Guard(query.name, [&] {
    return WithStatement(driver_->cache, query, true, values,
                         [&](sql::PreparedStatement* statement) {
                           matched = statement->executeUpdate();
                           return absl::OkStatus();
                         });
  }));
  return matched;
}

absl::StatusOr<int64_t> Connection::ExecuteComposed(std::string_view name, const std::string& sql,
                                                    const Values& values) {
  int64_t matched = 0;
  RETURN_IF_ERROR(Guard(name, [&] {
    return WithStatement(driver_->composed, Query{name, sql}, sql.size() <= kComposedBytes, values,
                         [&](sql::PreparedStatement* statement) {
                           matched = statement->executeUpdate();
                           return absl::OkStatus();
                         });
  }));
  return matched;
}

absl::Status Connection::SelectValues(const Query& query, const Values& values, RowCallback row) {
  return Guard(query.name, [&] {
    return WithStatement(driver_->cache, query, true, values,
                         [&](sql::PreparedStatement* statement) {
                           // The whole result is in memory: leaving early needs no draining, and
                           // `row` may run other statements.
                           const std::unique_ptr<sql::ResultSet> result(statement->executeQuery());
                           const ResultRow current(result.get());
                           while (result->next()) RETURN_IF_ERROR(row(current));
                           return absl::OkStatus();
                         });
  });
}

absl::Status Connection::ExecuteText(std::string_view name, const std::string& sql) {
  return Guard(name, [&] {
    driver_->text->execute(sql);
    return absl::OkStatus();
  });
}

absl::Status Connection::SelectText(std::string_view name, const std::string& sql,
                                    RowCallback row) {
  return Guard(name, [&] {
    const std::unique_ptr<sql::ResultSet> result(driver_->text->executeQuery(sql));
    const ResultRow current(result.get());
    while (result->next()) RETURN_IF_ERROR(row(current));
    return absl::OkStatus();
  });
}

absl::Status Connection::Begin() {
  fault_ = Fault::kNone;
  commit_outcome_unknown_ = false;
  RETURN_IF_ERROR(ExecuteText("mysql.Begin", "START TRANSACTION"));
  in_transaction_ = true;
  return absl::OkStatus();
}

absl::Status Connection::Commit() {
  RETURN_IF_ERROR(Ready());
  last_error_ = kNotSent;
  // A statement, not the driver's commit(), which never reports failure.
  absl::Status status = ExecuteText(kCommit, "COMMIT");
  if (status.ok()) {
    in_transaction_ = false;
    return status;
  }
  commit_outcome_unknown_ = last_error_ != kNotSent && !CommitSurelyRolledBack(last_error_);
  if (commit_outcome_unknown_) broken_ = true;
  return status;
}

absl::Status Connection::Rollback() {
  if (!in_transaction_) return absl::OkStatus();
  in_transaction_ = false;
  fault_ = Fault::kNone;
  // The server rolls back what a closed connection leaves behind.
  if (broken_) return absl::OkStatus();
  const absl::Time deadline = std::exchange(deadline_, absl::InfiniteFuture());
  absl::Status status = ExecuteText("mysql.Rollback", "ROLLBACK");
  deadline_ = deadline;
  if (!status.ok()) broken_ = true;
  return status;
}

}  // namespace yilian::mysql
