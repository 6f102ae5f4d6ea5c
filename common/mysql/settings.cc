#include "common/mysql/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "common/base/status_macros.h"
#include "common/mysql/errors.h"

namespace yilian::mysql {
namespace {

constexpr std::string_view kName = "mysql.Settings";
constexpr std::string_view kSqlMode =
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_"
    "ZERO,"
    "NO_ENGINE_SUBSTITUTION";
// A lock is held for the milliseconds of a transaction; who waits longer meets a stuck one and
// should run again.
constexpr absl::Duration kLockWait = absl::Seconds(3);

absl::StatusOr<std::vector<std::string>> ReadOne(Connection& connection, const std::string& sql,
                                                 int columns) {
  std::vector<std::string> values(columns);
  RETURN_IF_ERROR(connection.SelectText(kName, sql, [&](const Row& row) {
    for (int i = 0; i < columns; ++i) values[i] = row.Text(i);
    return absl::OkStatus();
  }));
  return values;
}

absl::Status Expect(std::string_view setting, const std::string& is, std::string_view want,
                    std::string_view remedy) {
  if (is == want) return absl::OkStatus();
  return WrongSetting(setting, is, remedy);
}

}  // namespace

absl::Status ApplySessionSettings(Connection& connection, const PoolOptions& options) {
  ASSIGN_OR_RETURN(const auto version, ReadOne(connection, "SELECT VERSION()", 1));
  const bool mariadb = version[0].find("MariaDB") != std::string::npos;
  const int64_t milliseconds = absl::ToInt64Milliseconds(options.statement_timeout);
  const std::string limit =
      mariadb ? fmt::format("max_statement_time={}.{:03}", milliseconds / 1000, milliseconds % 1000)
              : fmt::format("max_execution_time={}", milliseconds);
  const int64_t lock_wait = std::max<int64_t>(
      1, absl::ToInt64Seconds(std::min(kLockWait, options.statement_timeout - absl::Seconds(1))));
  const std::string_view isolation =
      mariadb ? "@@session.tx_isolation" : "@@session.transaction_isolation";

  RETURN_IF_ERROR(connection.ExecuteText(kName, "SET NAMES utf8mb4"));
  RETURN_IF_ERROR(connection.ExecuteText(
      kName,
      fmt::format("SET SESSION sql_mode='{}', SESSION time_zone='+00:00', SESSION autocommit=1, "
                  "SESSION innodb_lock_wait_timeout={}, SESSION {}",
                  kSqlMode, lock_wait, limit)));
  RETURN_IF_ERROR(
      connection.ExecuteText(kName, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));

  ASSIGN_OR_RETURN(
      const auto is,
      ReadOne(
          connection,
          fmt::format(
              "SELECT @@session.time_zone, {}, @@session.character_set_client, "
              "@@session.autocommit, "
              "@@session.sql_mode LIKE '%STRICT_TRANS_TABLES%', @@session.character_set_connection",
              isolation),
          6));
  constexpr std::string_view kProxy =
      "something between Yilian and the server changes session settings; remove it";
  RETURN_IF_ERROR(Expect("time_zone", is[0], "+00:00", kProxy));
  RETURN_IF_ERROR(Expect("transaction_isolation", is[1], "READ-COMMITTED", kProxy));
  RETURN_IF_ERROR(Expect("character_set_client", is[2], "utf8mb4", kProxy));
  RETURN_IF_ERROR(Expect("autocommit", is[3], "1", kProxy));
  RETURN_IF_ERROR(Expect("sql_mode has STRICT_TRANS_TABLES", is[4], "1", kProxy));
  RETURN_IF_ERROR(Expect("character_set_connection", is[5], "utf8mb4", kProxy));
  if (!options.socket.empty()) return absl::OkStatus();

  std::string cipher;
  RETURN_IF_ERROR(
      connection.SelectText(kName, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", [&](const Row& row) {
        cipher = row.Text(1);
        return absl::OkStatus();
      }));
  if (!cipher.empty()) return absl::OkStatus();
  return WrongSetting("Ssl_cipher", "",
                      "the link to the database is not encrypted; give the server a certificate");
}

absl::Status CheckDurability(Connection& connection) {
  ASSIGN_OR_RETURN(const auto is,
                   ReadOne(connection,
                           "SELECT @@global.innodb_flush_log_at_trx_commit, @@global.log_bin, "
                           "@@global.sync_binlog",
                           3));
  RETURN_IF_ERROR(
      Expect("innodb_flush_log_at_trx_commit", is[0], "1",
             "set innodb_flush_log_at_trx_commit = 1 in the server's configuration and restart it; "
             "otherwise a crash loses acknowledged writes"));
  if (is[1] == "0") return absl::OkStatus();
  return Expect("sync_binlog", is[2], "1",
                "set sync_binlog = 1 in the server's configuration and restart it; otherwise a "
                "crash leaves binary "
                "log and data apart");
}

absl::StatusOr<bool> TakesWrites(Connection& connection) {
  // Of MySQL's two switches the stronger one sets the weaker one too.
  ASSIGN_OR_RETURN(const auto is, ReadOne(connection, "SELECT @@global.read_only", 1));
  return is[0] == "0";
}

}  // namespace yilian::mysql
