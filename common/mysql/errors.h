// The one place that knows what MySQL's and MariaDB's error numbers mean for a caller.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace yilian::mysql {

// What an error number asks of whoever runs the statement.
enum class Fault {
  kNone,            // the statement failed; session and transaction live on
  kRerun,           // deadlock or lock wait: roll back and run the whole decision again
  kConnectionLost,  // the session is gone; before COMMIT run again on another, at COMMIT the
                    // outcome is unknown
  kUnusable,  // the server refuses writes or the session is out of step: throw the connection away
};
Fault FaultOf(int number);

// True when a failed COMMIT certainly left nothing behind. Any other failure of COMMIT is an
// unknown outcome.
bool CommitSurelyRolledBack(int number);

// The error for the caller, domain `yilian`: DUPLICATE_KEY (metadata `key`), CONTENTION,
// STATEMENT_TIMEOUT, DATABASE_UNAVAILABLE, DATABASE_READ_ONLY, DATABASE_ERROR. Metadata `query` and
// `error`. The server's text is passed on only for numbers whose text never quotes a stored value.
absl::Status StatementError(int number, std::string_view server_text, std::string_view query);

// The same for a failed connect: a wrong password, schema or certificate is FAILED_PRECONDITION and
// names the remedy.
absl::Status ConnectError(int number, std::string_view server_text, std::string_view user,
                          std::string_view schema);

// "uq_seat" from the server's text of error 1062; MySQL puts the table's name before it, MariaDB
// does not.
std::string KeyOfDuplicate(std::string_view server_text);

absl::Status PoolTimeout();
// No member of the group takes writes at the moment.
absl::Status NoWritableMember();  // DEADLINE_EXCEEDED, POOL_TIMEOUT: no connection was free in time
absl::Status DeadlinePassed();    // DEADLINE_EXCEEDED, DEADLINE_PASSED: not even sent
absl::Status CommitUnknown(std::string_view transaction);  // UNAVAILABLE, COMMIT_UNKNOWN
// FAILED_PRECONDITION, DATABASE_SETTING: the server or session lacks what durability rests on.
absl::Status WrongSetting(std::string_view setting, std::string_view is, std::string_view remedy);
absl::Status SchemaOutdated(std::string_view migration);  // FAILED_PRECONDITION, SCHEMA_OUTDATED
absl::Status MigrationChanged(
    std::string_view migration);  // FAILED_PRECONDITION, MIGRATION_CHANGED
absl::Status
MigrationLocked();  // ABORTED, MIGRATION_LOCKED: another migrator holds or took the lock
absl::Status WrongParameterCount(std::string_view query, size_t given,
                                 size_t wanted);  // INTERNAL, a bug of ours

absl::Status TooManyBytes(std::string_view query,
                          size_t most);  // INTERNAL: chunk what may be large

}  // namespace yilian::mysql
