#include "common/mysql/errors.h"

#include <fmt/format.h>

#include "common/status/error.h"

namespace yilian::mysql {
namespace {

using status::Error;

constexpr std::string_view kDomain = "yilian";

// Texts that name tables, columns, keys or accounts, but never a value a caller sent.
bool TextIsSafe(int number) {
  switch (number) {
    case 1005:  // cannot create table
    case 1044:  // access denied to schema
    case 1045:  // access denied
    case 1046:  // no schema selected
    case 1048:  // column cannot be null
    case 1049:  // unknown schema
    case 1050:  // table exists
    case 1054:  // unknown column
    case 1060:  // duplicate column
    case 1061:  // duplicate key name
    case 1064:  // syntax; shows statement text, which holds placeholders
    case 1091:  // cannot drop
    case 1105:  // packet too large, among others
    case 1136:  // column count
    case 1142:  // command denied
    case 1143:  // column command denied
    case 1146:  // no such table
    case 1153:  // packet too large
    case 1305:  // no such routine
    case 1364:  // no default
    case 1406:  // data too long for column
    case 1451:  // row is referenced
    case 1452:  // row to reference is missing
      return true;
    default:
      return number >= 2000 && number < 3000;  // the client's own
  }
}

std::string Describe(int number, std::string_view server_text) {
  if (TextIsSafe(number)) return fmt::format("error {}: {}", number, server_text);
  return fmt::format("error {}", number);
}

Error Base(absl::StatusCode code, std::string_view reason, int number, std::string_view query) {
  Error error(code, kDomain, reason);
  error.Meta("query", query).Meta("error", std::to_string(number));
  return error;
}

}  // namespace

Fault FaultOf(int number) {
  switch (number) {
    case 1020:  // record changed since it was read
    case 1205:  // lock wait: the server rolled back the statement only
    case 1213:  // deadlock: the server rolled back everything
    case 3101:  // group replication refused the transaction
    case 3572:  // NOWAIT found a lock
      return Fault::kRerun;
    case 1053:  // shutdown in progress
    case 1152:  // aborted connection
    case 1158:  // network errors, as the server words them
    case 1159:
    case 1160:
    case 1161:
    case 1927:  // connection was killed
    case 2002:
    case 2003:
    case 2006:
    case 2013:
    case 2026:  // the same over TLS: reset, or ended without a goodbye, as a killed server does
    case 2055:
    case 4031:  // disconnected because of inactivity
      return Fault::kConnectionLost;
    case 1290:  // read-only or super-read-only
    case 1792:  // read-only transaction
    case 1836:  // read-only mode
    case 3032:  // offline mode: the member has left its group
    case 3100:  // group replication could not ask the group before the commit
    case 2000:  // unknown client error
    case 2008:  // client out of memory
    case 2014:  // commands out of sync
    case 2027:  // malformed packet
      return Fault::kUnusable;
    default:
      return Fault::kNone;
  }
}

bool CommitSurelyRolledBack(int number) { return number == 1213 || number == 3101; }

std::string KeyOfDuplicate(std::string_view server_text) {
  // The last occurrence: the duplicate value, quoted before it, may contain the same words.
  constexpr std::string_view kMarker = "for key '";
  const size_t at = server_text.rfind(kMarker);
  if (at == std::string_view::npos) return "";
  std::string_view key = server_text.substr(at + kMarker.size());
  key = key.substr(0, key.find('\''));
  if (const size_t dot = key.rfind('.'); dot != std::string_view::npos) key.remove_prefix(dot + 1);
  return std::string(key);
}

absl::Status StatementError(int number, std::string_view server_text, std::string_view query) {
  switch (FaultOf(number)) {
    case Fault::kRerun:
      return Base(absl::StatusCode::kAborted, "CONTENTION", number, query)
          .Message(fmt::format("{} met a competing transaction; try again", query));
    case Fault::kConnectionLost:
      return Base(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", number, query)
          .Message(fmt::format("{} lost its connection to the database", query));
    case Fault::kUnusable:
      if (number == 1290 || number == 1792 || number == 1836 || number == 3032 || number == 3100) {
        return Base(absl::StatusCode::kUnavailable, "DATABASE_READ_ONLY", number, query)
            .Message(fmt::format("{} reached a database member that takes no writes", query));
      }
      break;
    case Fault::kNone:
      break;
  }
  switch (number) {
    case 1062:
    case 1586:  // the same, for some multi-row statements
      return Base(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY", number, query)
          .Meta("key", KeyOfDuplicate(server_text))
          .Message(
              fmt::format("{} met a row with the same key {}", query, KeyOfDuplicate(server_text)));
    case 1969:  // MariaDB
    case 3024:  // MySQL
      return Base(absl::StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT", number, query)
          .Message(fmt::format("{} ran longer than a statement may", query));
    case 1040:  // too many connections
    case 1203:
    case 1226:
      return Base(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", number, query)
          .Message("the database takes no more connections");
    default:
      return Base(absl::StatusCode::kInternal, "DATABASE_ERROR", number, query)
          .Message(fmt::format("{} failed with {}", query, Describe(number, server_text)));
  }
}

absl::Status ConnectError(int number, std::string_view server_text, std::string_view user,
                          std::string_view schema) {
  switch (number) {
    case 1044:
    case 1045:
    case 1698:  // access denied by an authentication plugin
      return Base(absl::StatusCode::kFailedPrecondition, "DATABASE_ACCESS_DENIED", number,
                  "connect")
          .Message(fmt::format(
              "the database refuses user {} on schema {}: check user, password file and grants",
              user, schema));
    case 1049:
      return Base(absl::StatusCode::kFailedPrecondition, "DATABASE_NO_SCHEMA", number, "connect")
          .Message(fmt::format("the database has no schema {}: create it, then grant it to {}",
                               schema, user));
    case 2026:
      return Base(absl::StatusCode::kUnavailable, "DATABASE_TLS", number, "connect")
          .Message(fmt::format(
              "no TLS with the database: {}; check tls_ca_file and that the server's certificate "
              "names its host",
              server_text));
    default:
      return Base(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", number, "connect")
          .Message(
              fmt::format("cannot connect to the database: {}", Describe(number, server_text)));
  }
}

absl::Status PoolTimeout() {
  return Error(absl::StatusCode::kDeadlineExceeded, kDomain, "POOL_TIMEOUT")
      .Message("no connection to the database was free before the deadline");
}

absl::Status NoWritableMember() {
  return Error(absl::StatusCode::kUnavailable, kDomain, "DATABASE_READ_ONLY")
      .Message(
          "no member of the database's group takes writes: they are choosing a primary, or "
          "the group has lost its majority");
}

absl::Status DeadlinePassed() {
  return Error(absl::StatusCode::kDeadlineExceeded, kDomain, "DEADLINE_PASSED")
      .Message("the deadline passed before the statement was sent");
}

absl::Status CommitUnknown(std::string_view transaction) {
  return Error(absl::StatusCode::kUnavailable, kDomain, "COMMIT_UNKNOWN")
      .Meta("transaction", transaction)
      .Message(fmt::format("the answer to COMMIT of {} was lost; send the same request_id again",
                           transaction));
}

absl::Status WrongSetting(std::string_view setting, std::string_view is, std::string_view remedy) {
  return Error(absl::StatusCode::kFailedPrecondition, kDomain, "DATABASE_SETTING")
      .Meta("setting", setting)
      .Precondition("DATABASE_SETTING", setting, remedy)
      .Message(fmt::format("the database has {} = '{}': {}", setting, is, remedy));
}

absl::Status SchemaOutdated(std::string_view migration) {
  return Error(absl::StatusCode::kFailedPrecondition, kDomain, "SCHEMA_OUTDATED")
      .Meta("migration", migration)
      .Message(fmt::format("the schema lacks migration {}: run this binary with --migrate first",
                           migration));
}

absl::Status MigrationChanged(std::string_view migration) {
  return Error(absl::StatusCode::kFailedPrecondition, kDomain, "MIGRATION_CHANGED")
      .Meta("migration", migration)
      .Message(fmt::format(
          "migration {} was applied with another content than this binary has: restore the file "
          "and put the change into a new migration",
          migration));
}

absl::Status MigrationLocked() {
  return Error(absl::StatusCode::kAborted, kDomain, "MIGRATION_LOCKED")
      .Message("another migrator holds the schema's lock; a dead one's expires within 60 s");
}

absl::Status WrongParameterCount(std::string_view query, size_t given, size_t wanted) {
  return Error(absl::StatusCode::kInternal, kDomain, "DATABASE_ERROR")
      .Meta("query", query)
      .Message(fmt::format("{} was given {} values and takes {}", query, given, wanted));
}

absl::Status TooManyBytes(std::string_view query, size_t most) {
  return Error(absl::StatusCode::kInternal, kDomain, "DATABASE_ERROR")
      .Meta("query", query)
      .Message(
          fmt::format("{} was given more than {} bytes: store them in rows of 1 MiB", query, most));
}

}  // namespace yilian::mysql
