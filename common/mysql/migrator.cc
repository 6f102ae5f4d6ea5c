#include "common/mysql/migrator.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/mysql/connection.h"
#include "common/mysql/errors.h"
#include "common/mysql/members.h"
#include "common/mysql/transaction.h"
#include "common/status/error.h"

namespace yilian::mysql {
namespace {

// DDL on a big table may run for hours; nothing else runs on this connection.
constexpr absl::Duration kStepLimit = absl::Hours(12);
// The lock lives for 60 s and is renewed three times within.
constexpr absl::Duration kRenewEvery = absl::Seconds(15);
constexpr absl::Duration kAskAgain = absl::Milliseconds(200);
// Longer than a dead migrator's lock lives.
constexpr absl::Duration kLockPatience = absl::Seconds(90);

constexpr Query kCreateTable{
    "mysql.CreateMigrationTable",
    "CREATE TABLE IF NOT EXISTS schema_migration (name VARCHAR(191) NOT NULL PRIMARY KEY, "
    "checksum BINARY(32) NOT NULL, state VARCHAR(16) NOT NULL, "
    "started_at DATETIME(6) NOT NULL, applied_at DATETIME(6) NULL)"};
constexpr Query kCreateLock{
    "mysql.CreateMigrationLock",
    "CREATE TABLE IF NOT EXISTS schema_migration_lock (lock_id TINYINT NOT NULL PRIMARY KEY, "
    "owner BINARY(16) NOT NULL, expires_at DATETIME(6) NOT NULL)"};
constexpr Query kSeedLock{"mysql.SeedMigrationLock",
                          "INSERT IGNORE INTO schema_migration_lock (lock_id, owner, expires_at) "
                          "VALUES (1, ?, '2000-01-01 00:00:00')"};
constexpr Query kTakeLock{"mysql.TakeMigrationLock",
                          "UPDATE schema_migration_lock SET owner = ?, expires_at = "
                          "UTC_TIMESTAMP(6) + INTERVAL 60 SECOND "
                          "WHERE lock_id = 1 AND expires_at <= UTC_TIMESTAMP(6)"};
constexpr Query kRenewLock{
    "mysql.RenewMigrationLock",
    "UPDATE schema_migration_lock SET expires_at = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND "
    "WHERE lock_id = 1 AND owner = ? AND expires_at > UTC_TIMESTAMP(6)"};
constexpr Query kFreeLock{"mysql.FreeMigrationLock",
                          "UPDATE schema_migration_lock SET expires_at = '2000-01-01 00:00:00' "
                          "WHERE lock_id = 1 AND owner = ?"};
constexpr Query kReadApplied{"mysql.ReadMigrations",
                             "SELECT name, checksum, state FROM schema_migration"};
constexpr Query kRecordStart{"mysql.RecordMigrationStart",
                             "INSERT INTO schema_migration (name, checksum, state, started_at) "
                             "VALUES (?, ?, 'STARTED', UTC_TIMESTAMP(6))"};
constexpr Query kRecordEnd{
    "mysql.RecordMigrationEnd",
    "UPDATE schema_migration SET state = 'APPLIED', applied_at = UTC_TIMESTAMP(6) WHERE name = ?"};

struct Record {
  std::string checksum;
  bool applied = false;
};
using Records = std::map<std::string, Record>;

std::string Checksum(const std::string& sql) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(sql.data()), sql.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof(digest));
}

absl::StatusOr<Records> ReadRecords(Session& session) {
  Records records;
  RETURN_IF_ERROR(session.SelectValues(kReadApplied, {}, [&](const Row& row) {
    records[row.Text(0)] = Record{row.Bytes(1), row.Text(2) == "APPLIED"};
    return absl::OkStatus();
  }));
  return records;
}

bool IsError(const absl::Status& status, std::initializer_list<std::string_view> numbers) {
  const auto info = status::InfoOf(status);
  if (!info) return false;
  const auto at = info->metadata().find("error");
  return at != info->metadata().end() &&
         std::find(numbers.begin(), numbers.end(), at->second) != numbers.end();
}

// The row that only one migrator holds, kept alive by a thread with a connection of its own while
// DDL runs.
class MigrationLock {
 public:
  static absl::StatusOr<std::unique_ptr<MigrationLock>> Take(const PoolOptions& options) {
    ASSIGN_OR_RETURN(auto connection, Members(options).Open(absl::Now() + options.connect_timeout));
    std::unique_ptr<MigrationLock> lock(new MigrationLock(std::move(connection)));
    RETURN_IF_ERROR(lock->connection_->Execute(kSeedLock, lock->owner_).status());
    for (const absl::Time until = absl::Now() + kLockPatience; absl::Now() < until;
         absl::SleepFor(kAskAgain)) {
      ASSIGN_OR_RETURN(const int64_t taken, lock->connection_->Execute(kTakeLock, lock->owner_));
      if (taken == 0) continue;
      lock->renewer_ = std::thread([raw = lock.get()] { raw->RenewUntilStopped(); });
      return lock;
    }
    return MigrationLocked();
  }

  ~MigrationLock() {
    {
      absl::MutexLock guard(&mutex_);
      stop_ = true;
    }
    if (!renewer_.joinable()) return;
    renewer_.join();
    // Where this fails, the lock expires.
    connection_->Execute(kFreeLock, owner_).IgnoreError();
  }

  // Before each step: another migrator may have taken over while this process was stopped.
  absl::Status StillMine() {
    absl::MutexLock guard(&mutex_);
    ASSIGN_OR_RETURN(const int64_t renewed, connection_->Execute(kRenewLock, owner_));
    return renewed == 1 ? absl::OkStatus() : MigrationLocked();
  }

 private:
  explicit MigrationLock(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)), owner_(base::Uuid::V7()) {}

  void RenewUntilStopped() {
    absl::MutexLock guard(&mutex_);
    while (!mutex_.AwaitWithTimeout(absl::Condition(&stop_), kRenewEvery)) {
      connection_->Execute(kRenewLock, owner_).IgnoreError();
    }
  }

  std::unique_ptr<Connection> connection_;
  const base::Uuid owner_;
  absl::Mutex mutex_;
  bool stop_ = false;
  std::thread renewer_;
};

// The server takes one statement a call: without the semicolon and the line breaks a file ends
// with.
std::string Statement(const std::string& sql) {
  const size_t last = sql.find_last_not_of(" \t\r\n;");
  return last == std::string::npos ? "" : sql.substr(0, last + 1);
}

absl::Status Apply(Connection& connection, const Migration& migration, bool interrupted) {
  const std::string checksum = Checksum(migration.sql);
  if (!interrupted) {
    RETURN_IF_ERROR(connection.Execute(kRecordStart, migration.name, Blob{checksum}).status());
  }
  absl::Status done = connection.ExecuteText("mysql.Migration", Statement(migration.sql));
  // DDL commits by itself: a migrator that was killed behind it has left the effect without its
  // record.
  if (interrupted && IsError(done, {"1050", "1060", "1061", "1091"})) done = absl::OkStatus();
  RETURN_IF_ERROR(done);
  return connection.Execute(kRecordEnd, migration.name).status();
}

}  // namespace

absl::Status Migrate(const PoolOptions& options, const std::vector<Migration>& migrations,
                     const std::function<void(const std::string&)>& progress) {
  PoolOptions patient = options;
  patient.statement_timeout = kStepLimit;
  ASSIGN_OR_RETURN(auto connection, Members(patient).Open(absl::Now() + options.connect_timeout));
  RETURN_IF_ERROR(connection->ExecuteText(kCreateTable.name, std::string(kCreateTable.sql)));
  RETURN_IF_ERROR(connection->ExecuteText(kCreateLock.name, std::string(kCreateLock.sql)));
  ASSIGN_OR_RETURN(auto lock, MigrationLock::Take(options));
  ASSIGN_OR_RETURN(const Records records, ReadRecords(*connection));
  // All checksums before the first step: a refused schema stays as it was.
  for (const Migration& migration : migrations) {
    const auto record = records.find(migration.name);
    if (record != records.end() && record->second.checksum != Checksum(migration.sql)) {
      return MigrationChanged(migration.name);
    }
  }
  for (const Migration& migration : migrations) {
    const auto record = records.find(migration.name);
    if (record != records.end() && record->second.applied) continue;
    RETURN_IF_ERROR(lock->StillMine());
    const absl::Time start = absl::Now();
    RETURN_IF_ERROR(Apply(*connection, migration, record != records.end()));
    if (progress) {
      progress(fmt::format("{} applied in {} ms", migration.name,
                           absl::ToInt64Milliseconds(absl::Now() - start)));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(Pool& pool, const std::vector<Migration>& migrations) {
  Records records;
  absl::Status read =
      RunRead(pool, absl::Now() + pool.options().connect_timeout, [&](Session& session) {
        absl::StatusOr<Records> found = ReadRecords(session);
        if (!found.ok()) return found.status();
        records = *std::move(found);
        return absl::OkStatus();
      });
  // 1146: no such table, so nobody ever migrated this schema.
  if (!read.ok() && !IsError(read, {"1146"})) return read;
  for (const Migration& migration : migrations) {
    const auto record = records.find(migration.name);
    if (record == records.end() || !record->second.applied) return SchemaOutdated(migration.name);
    if (record->second.checksum != Checksum(migration.sql)) return MigrationChanged(migration.name);
  }
  return absl::OkStatus();
}

}  // namespace yilian::mysql
