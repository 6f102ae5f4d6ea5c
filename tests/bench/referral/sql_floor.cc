#include "tests/bench/referral/sql_floor.h"

#include <fmt/format.h>
#include <mysql.h>

#include <cstring>
#include <optional>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/mysql/connection.h"
#include "common/mysql/pool.h"

namespace yilian::bench {
namespace {

// One table that a submission writes to: its rows, as text or bytes, and what a new row needs anew.
struct TableRows {
  std::string table;
  std::string fresh_column;  // gets a new id
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};

std::string Hex(const base::Uuid& id) {
  std::string hex;
  for (const char c : id.ToString()) {
    if (c != '-') hex += c;
  }
  return hex;
}

absl::Status Failed(std::string_view what, const char* error) {
  return absl::InternalError(fmt::format("{}: {}", what, error));
}

}  // namespace

struct SqlFloor::Template {
  std::string host;
  unsigned port = 0;
  std::string user;
  std::string password;
  std::string migrator_user;
  std::string migrator_password;
  std::string schema;
  std::string ca_file;
  std::string patient;       // bytes
  std::string organization;  // bytes
  std::vector<TableRows> tables;
};

// One session with the server, and the statements of a submission prepared in it. One thread.
class SqlFloor::Connection {
 public:
  explicit Connection(const Template& what) : template_(what), mysql_(mysql_init(nullptr)) {}
  ~Connection() {
    for (Statement& statement : statements_) mysql_stmt_close(statement.handle);
    mysql_close(mysql_);
  }

  absl::Status Open(const std::string& user, const std::string& password) {
    mysql_options(mysql_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_ssl_set(mysql_, nullptr, nullptr, template_.ca_file.c_str(), nullptr, nullptr);
    if (mysql_real_connect(mysql_, template_.host.c_str(), user.c_str(), password.c_str(),
                           template_.schema.c_str(), template_.port, nullptr, 0) == nullptr) {
      return Failed("connect", mysql_error(mysql_));
    }
    RETURN_IF_ERROR(Text("SET time_zone = '+00:00'"));
    return Text("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  }

  absl::Status Text(const std::string& sql) {
    return mysql_real_query(mysql_, sql.data(), sql.size()) == 0 ? absl::OkStatus()
                                                                 : Failed(sql, mysql_error(mysql_));
  }

  // Rows as text; NULL is nullopt.
  absl::StatusOr<std::vector<std::vector<std::optional<std::string>>>> Rows(
      const std::string& sql) {
    RETURN_IF_ERROR(Text(sql));
    MYSQL_RES* result = mysql_store_result(mysql_);
    if (result == nullptr) return Failed(sql, mysql_error(mysql_));
    std::vector<std::vector<std::optional<std::string>>> rows;
    while (MYSQL_ROW row = mysql_fetch_row(result)) {
      const unsigned long* lengths = mysql_fetch_lengths(result);
      auto& fields = rows.emplace_back();
      for (unsigned i = 0; i < mysql_num_fields(result); ++i) {
        fields.push_back(row[i] == nullptr ? std::nullopt
                                           : std::optional(std::string(row[i], lengths[i])));
      }
    }
    mysql_free_result(result);
    return rows;
  }

  absl::Status Prepare() {
    RETURN_IF_ERROR(
        Add("SELECT 1 FROM relationship WHERE data_subject_id = ? AND organization_id = ? "
            "AND started_at <= ? AND (ends_at IS NULL OR ends_at > ?) LIMIT 1",
            {template_.patient, template_.organization, "2100-01-01", "2100-01-01"}, {}));
    for (const TableRows& table : template_.tables) {
      std::string columns;
      std::string row;
      for (const std::string& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + column;
        row += row.empty() ? "(?" : ", ?";
      }
      std::string rows;
      std::vector<std::optional<std::string>> values;
      std::vector<size_t> fresh;
      for (const auto& one : table.rows) {
        rows += (rows.empty() ? "" : ", ") + row + ")";
        for (size_t i = 0; i < one.size(); ++i) {
          if (table.columns[i] == table.fresh_column) fresh.push_back(values.size());
          values.push_back(one[i]);
        }
      }
      RETURN_IF_ERROR(
          Add(fmt::format("INSERT INTO floor_{} ({}) VALUES {}", table.table, columns, rows),
              std::move(values), std::move(fresh)));
    }
    return absl::OkStatus();
  }

  // One submission: the relationship is checked, then one transaction writes all.
  absl::Status Submit() {
    RETURN_IF_ERROR(Execute(statements_[0]));
    RETURN_IF_ERROR(Text("START TRANSACTION"));
    for (size_t i = 1; i < statements_.size(); ++i) RETURN_IF_ERROR(Execute(statements_[i]));
    return Text("COMMIT");
  }

 private:
  struct Statement {
    MYSQL_STMT* handle = nullptr;
    std::vector<std::optional<std::string>> values;
    std::vector<size_t> fresh;  // indices of new ids
    std::vector<MYSQL_BIND> binds;
    std::vector<unsigned long> lengths;
    bool selects = false;
  };

  absl::Status Add(const std::string& sql, std::vector<std::optional<std::string>> values,
                   std::vector<size_t> fresh) {
    Statement& statement = statements_.emplace_back();
    statement.handle = mysql_stmt_init(mysql_);
    statement.values = std::move(values);
    statement.fresh = std::move(fresh);
    statement.selects = sql.starts_with("SELECT");
    if (mysql_stmt_prepare(statement.handle, sql.data(), sql.size()) != 0) {
      return Failed(sql, mysql_stmt_error(statement.handle));
    }
    return absl::OkStatus();
  }

  absl::Status Execute(Statement& statement) {
    for (const size_t at : statement.fresh) statement.values[at] = base::Uuid::V7().ToBytes();
    statement.binds.assign(statement.values.size(), MYSQL_BIND{});
    statement.lengths.resize(statement.values.size());
    for (size_t i = 0; i < statement.values.size(); ++i) {
      MYSQL_BIND& bind = statement.binds[i];
      auto& value = statement.values[i];
      if (!value) {
        bind.buffer_type = MYSQL_TYPE_NULL;
        continue;
      }
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = value->data();
      statement.lengths[i] = value->size();
      bind.length = &statement.lengths[i];
    }
    if (mysql_stmt_bind_param(statement.handle, statement.binds.data()) != 0 ||
        mysql_stmt_execute(statement.handle) != 0) {
      return Failed("execute", mysql_stmt_error(statement.handle));
    }
    if (statement.selects) {
      mysql_stmt_store_result(statement.handle);
      mysql_stmt_free_result(statement.handle);
    }
    return absl::OkStatus();
  }

  const Template& template_;
  MYSQL* mysql_;
  std::vector<Statement> statements_;
};

SqlFloor::SqlFloor() : template_(std::make_unique<Template>()) {}
SqlFloor::~SqlFloor() = default;

absl::StatusOr<std::unique_ptr<SqlFloor>> SqlFloor::Make(const ctl::Region& region,
                                                         const std::string& referral_id,
                                                         int threads) {
  std::unique_ptr<SqlFloor> floor(new SqlFloor());
  Template& what = *floor->template_;
  ASSIGN_OR_RETURN(what.host, region.ConfigValue("referral", "service.database.host"));
  ASSIGN_OR_RETURN(const std::string port, region.ConfigValue("referral", "service.database.port"));
  if (!absl::SimpleAtoi(port, &what.port)) return absl::InvalidArgumentError("no port");
  ASSIGN_OR_RETURN(what.user, region.ConfigValue("referral", "service.database.user"));
  ASSIGN_OR_RETURN(what.migrator_user,
                   region.ConfigValue("referral", "service.database.migrator_user"));
  ASSIGN_OR_RETURN(what.schema, region.ConfigValue("referral", "service.database.schema"));
  ASSIGN_OR_RETURN(what.ca_file, region.ConfigValue("referral", "service.database.tls_ca_file"));
  ASSIGN_OR_RETURN(what.password, region.Secret("db/referral"));
  ASSIGN_OR_RETURN(what.migrator_password, region.Secret("db/referral_migrator"));
  ASSIGN_OR_RETURN(const base::Uuid id, base::Uuid::Parse(referral_id));

  Connection maker(what);
  RETURN_IF_ERROR(maker.Open(what.migrator_user, what.migrator_password));
  const std::string same = fmt::format("= X'{}'", Hex(id));
  struct Source {
    const char* table;
    const char* fresh;
    std::string where;
    std::string not_yet;  // columns that are filled in later, by others
  };
  const std::vector<Source> sources = {
      {"referral", "referral_id", "referral_id " + same, ""},
      {"timer", "aggregate_id", "aggregate_id " + same, ""},
      {"outbox", "event_id", "aggregate_id " + same, "'outbox_id', 'position'"},
      {"audit_entry", "audit_id", "subject_id " + same, "'position', 'chain_hash'"},
      {"idempotency_ledger", "request_id", "1 = 1 ORDER BY created_at DESC LIMIT 1", ""},
  };
  for (const Source& source : sources) {
    RETURN_IF_ERROR(
        maker.Text(fmt::format("CREATE TABLE IF NOT EXISTS floor_{0} LIKE {0}", source.table)));
    TableRows table{.table = source.table, .fresh_column = source.fresh};
    ASSIGN_OR_RETURN(
        const auto columns,
        maker.Rows(fmt::format(
            "SELECT column_name FROM information_schema.columns WHERE "
            "table_schema = '{}' AND table_name = '{}' AND column_name NOT IN ({}) "
            "ORDER BY ordinal_position",
            what.schema, source.table, source.not_yet.empty() ? "''" : source.not_yet)));
    std::string list;
    for (const auto& column : columns) {
      table.columns.push_back(*column[0]);
      list += (list.empty() ? "" : ", ") + *column[0];
    }
    ASSIGN_OR_RETURN(table.rows, maker.Rows(fmt::format("SELECT {} FROM {} WHERE {}", list,
                                                        source.table, source.where)));
    if (table.rows.empty())
      return absl::NotFoundError(fmt::format("the sample left no {}", source.table));
    what.tables.push_back(std::move(table));
  }
  ASSIGN_OR_RETURN(const auto parties,
                   maker.Rows("SELECT patient_id, referring_organization_id FROM referral WHERE "
                              "referral_id " +
                              same));
  what.patient = *parties[0][0];
  what.organization = *parties[0][1];

  for (int i = 0; i < threads; ++i) {
    auto connection = std::make_unique<Connection>(what);
    RETURN_IF_ERROR(connection->Open(what.user, what.password));
    RETURN_IF_ERROR(connection->Prepare());
    floor->connections_.push_back(std::move(connection));
  }
  return floor;
}

Slice SqlFloor::Run(absl::Duration duration) {
  const absl::Time begun = absl::Now();
  std::vector<Slice> slices(connections_.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < connections_.size(); ++i) {
    threads.emplace_back([this, i, &slices, until = begun + duration] {
      for (absl::Time start = absl::Now(); start < until;) {
        if (!connections_[i]->Submit().ok()) ++slices[i].failed;
        const absl::Time end = absl::Now();
        slices[i].milliseconds.push_back(
            static_cast<float>(absl::ToDoubleMilliseconds(end - start)));
        ++slices[i].calls;
        start = end;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Slice all;
  all.took = absl::Now() - begun;
  for (const Slice& slice : slices) {
    all.calls += slice.calls;
    all.failed += slice.failed;
    all.milliseconds.insert(all.milliseconds.end(), slice.milliseconds.begin(),
                            slice.milliseconds.end());
  }
  return all;
}

}  // namespace yilian::bench
