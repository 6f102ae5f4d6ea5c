// What one real call left in the tables, so that a floor writes the same rows.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/support/c_client.h"

namespace yilian::bench {

// Rows of one table, as text or bytes, and what a new row needs anew.
struct TableRows {
  std::string table;
  std::vector<std::string> fresh;  // columns that get a new id
  std::vector<std::string> columns;
  std::vector<std::vector<Field>> rows;
};

// Where a call's rows are found afterwards.
struct SampleSource {
  const char* table;
  std::vector<std::string> fresh;
  std::string where;
  std::string not_yet;  // columns that are filled in later, by others
};

// NOT_FOUND when the sample left none.
absl::StatusOr<TableRows> RowsOf(CClient& maker, const std::string& schema,
                                 const SampleSource& source);

// The journal's row as a write inserts it: the chainer takes a sample's own away.
TableRows PendingRowOf(const std::string& method, const std::string& subject_type);

// The statement that writes such rows.
struct Insert {
  std::string sql;
  std::vector<Field> values;
  std::vector<size_t> fresh;
};
Insert InsertOf(const TableRows& table);

}  // namespace yilian::bench
