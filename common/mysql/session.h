// What can be done in one session with the server, inside a transaction or outside.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/query.h"
#include "common/mysql/value.h"

namespace yilian::mysql {

using Values = std::vector<Value>;
using RowCallback = absl::FunctionRef<absl::Status(const Row&)>;

// What both a plain connection (autocommit: for single reads) and a Transaction can do. One thread
// at a time.
class Session {
 public:
  virtual ~Session() = default;

  // Runs a prepared statement and returns the number of rows it matched (CLIENT_FOUND_ROWS: also
  // those it left as they were). A duplicate key is ALREADY_EXISTS with reason DUPLICATE_KEY and
  // metadata `key`.
  virtual absl::StatusOr<int64_t> ExecuteValues(const Query& query, const Values& values) = 0;
  // Calls `row` for each row of the result; the first error it returns ends the read and comes
  // back.
  virtual absl::Status SelectValues(const Query& query, const Values& values, RowCallback row) = 0;
  // A statement whose text was composed (multi-row INSERT, CASE lists). Short ones have a small
  // cache of their own, so that the many shapes push no named query out. Only numbers, placeholders
  // and constants may be composed into `sql`.
  virtual absl::StatusOr<int64_t> ExecuteComposed(std::string_view name, const std::string& sql,
                                                  const Values& values) = 0;

  template <typename... Args>
  absl::StatusOr<int64_t> Execute(const Query& query, Args&&... args) {
    return ExecuteValues(query, Values{Value(std::forward<Args>(args))...});
  }
  // Rows as a vector; `make` turns a row into T or StatusOr<T>.
  template <typename T, typename Make, typename... Args>
  absl::StatusOr<std::vector<T>> SelectAll(const Query& query, const Make& make, Args&&... args) {
    std::vector<T> all;
    absl::Status status = SelectValues(query, Values{Value(std::forward<Args>(args))...},
                                       [&](const Row& row) -> absl::Status {
                                         absl::StatusOr<T> one = make(row);
                                         if (!one.ok()) return one.status();
                                         all.push_back(*std::move(one));
                                         return absl::OkStatus();
                                       });
    if (!status.ok()) return status;
    return all;
  }
  // The first row or nullopt.
  template <typename T, typename Make, typename... Args>
  absl::StatusOr<std::optional<T>> SelectOne(const Query& query, const Make& make, Args&&... args) {
    std::optional<T> found;
    absl::Status status = SelectValues(query, Values{Value(std::forward<Args>(args))...},
                                       [&](const Row& row) -> absl::Status {
                                         if (found) return absl::OkStatus();
                                         absl::StatusOr<T> one = make(row);
                                         if (!one.ok()) return one.status();
                                         found = *std::move(one);
                                         return absl::OkStatus();
                                       });
    if (!status.ok()) return status;
    return found;
  }
};

}  // namespace yilian::mysql
