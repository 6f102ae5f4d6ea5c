#include "tests/bench/support/sample_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/audit/pending.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"

namespace yilian::bench {

absl::StatusOr<TableRows> RowsOf(CClient& maker, const std::string& schema,
                                 const SampleSource& source) {
  TableRows table{.table = source.table, .fresh = source.fresh};
  ASSIGN_OR_RETURN(const auto columns,
                   maker.Rows(fmt::format(
                       "SELECT column_name FROM information_schema.columns WHERE "
                       "table_schema = '{}' AND table_name = '{}' AND column_name NOT IN ({}) "
                       "AND COALESCE(generation_expression, '') = '' "
                       "ORDER BY ordinal_position",
                       schema, source.table, source.not_yet.empty() ? "''" : source.not_yet)));
  std::string list;
  for (const auto& column : columns) {
    table.columns.push_back(*column[0]);
    list += (list.empty() ? "" : ", ") + *column[0];
  }
  ASSIGN_OR_RETURN(table.rows, maker.Rows(fmt::format("SELECT {} FROM {} WHERE {}", list,
                                                      source.table, source.where)));
  if (!table.rows.empty()) return table;
  return absl::NotFoundError(fmt::format("the sample left no {}", source.table));
}

TableRows PendingRowOf(const std::string& method, const std::string& subject_type) {
  audit::Record record;
  record.occurred_at = absl::Now();
  record.audit_id = base::Uuid::V7();
  record.method = method;
  record.action = audit::Action::kWrite;
  record.peer = "spiffe://yilian.local/client/yilianctl";
  record.user_id = base::Uuid::V7();
  record.organization_id = base::Uuid::V7();
  record.subject_type = subject_type;
  record.subject_id = base::Uuid::V7();
  record.data_subject_id = base::Uuid::V7();
  record.outcome = "OK";
  record.trace_id = std::string(32, '0');
  return {.table = "audit_pending",
          .fresh = {"pending_id"},
          .columns = {"pending_id", "record_count", "records"},
          .rows = {{base::Uuid::V7().ToBytes(), "1", audit::Pack(&record, 1)}}};
}

Insert InsertOf(const TableRows& table) {
  std::string columns;
  std::string row;
  for (const std::string& column : table.columns) {
    columns += (columns.empty() ? "" : ", ") + column;
    row += row.empty() ? "(?" : ", ?";
  }
  Insert insert;
  std::string rows;
  for (const auto& one : table.rows) {
    rows += (rows.empty() ? "" : ", ") + row + ")";
    for (size_t i = 0; i < one.size(); ++i) {
      const bool anew =
          std::find(table.fresh.begin(), table.fresh.end(), table.columns[i]) != table.fresh.end();
      if (anew && one[i]) insert.fresh.push_back(insert.values.size());
      insert.values.push_back(one[i]);
    }
  }
  insert.sql = fmt::format("INSERT INTO {} ({}) VALUES {}", table.table, columns, rows);
  return insert;
}

}  // namespace yilian::bench
