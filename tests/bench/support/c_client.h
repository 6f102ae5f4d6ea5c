// The database as a floor uses it: MySQL's C client and nothing around it.
#pragma once

#include <mysql.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ctl/region.h"

namespace yilian::bench {

using Field = std::optional<std::string>;  // NULL is nullopt

// Where a service's schema is, and as whom.
struct DatabaseAccess {
  std::string host;
  unsigned port = 0;
  std::string user;
  std::string password;
  std::string migrator_user;
  std::string migrator_password;
  std::string schema;
  std::string ca_file;

  static absl::StatusOr<DatabaseAccess> Of(const ctl::Region& region, const std::string& service);
};

// One session with the server over TLS, and statements prepared in it. One thread.
class CClient {
 public:
  CClient() : mysql_(mysql_init(nullptr)) {}
  ~CClient();
  CClient(const CClient&) = delete;
  CClient& operator=(const CClient&) = delete;

  absl::Status Open(const DatabaseAccess& access, const std::string& user,
                    const std::string& password);
  absl::Status Text(const std::string& sql);
  absl::StatusOr<std::vector<std::vector<Field>>> Rows(const std::string& sql);

  // Prepares a statement with these values; `fresh` are the indices of those that get a new id each
  // time. Returns its number.
  absl::StatusOr<size_t> Prepare(const std::string& sql, std::vector<Field> values,
                                 std::vector<size_t> fresh);
  // Fetches what it selects, every column as bytes; how many rows there were.
  absl::StatusOr<int> Execute(size_t number);
  // Before Execute: another value.
  void Set(size_t number, size_t at, std::string value) {
    statements_[number].values[at] = std::move(value);
  }
  // After Execute: a column of the last row, as bytes; empty without a row.
  std::string_view Column(size_t number, size_t at) const {
    const Statement& statement = statements_[number];
    return std::string_view(statement.buffers[at]).substr(0, statement.sizes[at]);
  }

 private:
  struct Statement {
    MYSQL_STMT* handle = nullptr;
    std::vector<Field> values;
    std::vector<size_t> fresh;
    std::vector<MYSQL_BIND> binds;
    std::vector<unsigned long> lengths;
    // Of the result; none for a statement that selects nothing.
    std::vector<MYSQL_BIND> columns;
    std::vector<std::string> buffers;
    std::vector<unsigned long> sizes;
    std::vector<my_bool> nulls;
  };

  void BindResult(Statement& statement);

  MYSQL* mysql_;
  std::vector<Statement> statements_;
};

}  // namespace yilian::bench
