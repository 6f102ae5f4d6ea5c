#include "tests/bench/support/c_client.h"

#include <fmt/format.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"

namespace yilian::bench {
namespace {

// Of one column of a result: what is longer is cut, the server sends it all the same.
constexpr size_t kColumnBytes = 4096;

absl::Status Failed(std::string_view what, const char* error) {
  return absl::InternalError(fmt::format("{}: {}", what, error));
}

}  // namespace

absl::StatusOr<DatabaseAccess> DatabaseAccess::Of(const ctl::Region& region,
                                                  const std::string& service) {
  DatabaseAccess access;
  const auto value = [&](const char* key) {
    return region.ConfigValue(service, fmt::format("service.database.{}", key));
  };
  ASSIGN_OR_RETURN(access.host, value("host"));
  ASSIGN_OR_RETURN(const std::string port, value("port"));
  if (!absl::SimpleAtoi(port, &access.port)) return absl::InvalidArgumentError("no port");
  ASSIGN_OR_RETURN(access.user, value("user"));
  ASSIGN_OR_RETURN(access.migrator_user, value("migrator_user"));
  ASSIGN_OR_RETURN(access.schema, value("schema"));
  ASSIGN_OR_RETURN(access.ca_file, value("tls_ca_file"));
  ASSIGN_OR_RETURN(access.password, region.Secret("db/" + service));
  ASSIGN_OR_RETURN(access.migrator_password, region.Secret(fmt::format("db/{}_migrator", service)));
  return access;
}

CClient::~CClient() {
  for (Statement& statement : statements_) mysql_stmt_close(statement.handle);
  mysql_close(mysql_);
}

absl::Status CClient::Open(const DatabaseAccess& access, const std::string& user,
                           const std::string& password) {
  mysql_options(mysql_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_ssl_set(mysql_, nullptr, nullptr, access.ca_file.c_str(), nullptr, nullptr);
  if (mysql_real_connect(mysql_, access.host.c_str(), user.c_str(), password.c_str(),
                         access.schema.c_str(), access.port, nullptr, 0) == nullptr) {
    return Failed("connect", mysql_error(mysql_));
  }
  RETURN_IF_ERROR(Text("SET time_zone = '+00:00'"));
  return Text("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
}

absl::Status CClient::Text(const std::string& sql) {
  return mysql_real_query(mysql_, sql.data(), sql.size()) == 0 ? absl::OkStatus()
                                                               : Failed(sql, mysql_error(mysql_));
}

absl::StatusOr<std::vector<std::vector<Field>>> CClient::Rows(const std::string& sql) {
  RETURN_IF_ERROR(Text(sql));
  MYSQL_RES* result = mysql_store_result(mysql_);
  if (result == nullptr) return Failed(sql, mysql_error(mysql_));
  std::vector<std::vector<Field>> rows;
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

absl::StatusOr<size_t> CClient::Prepare(const std::string& sql, std::vector<Field> values,
                                        std::vector<size_t> fresh) {
  Statement& statement = statements_.emplace_back();
  statement.handle = mysql_stmt_init(mysql_);
  statement.values = std::move(values);
  statement.fresh = std::move(fresh);
  if (mysql_stmt_prepare(statement.handle, sql.data(), sql.size()) != 0) {
    return Failed(sql, mysql_stmt_error(statement.handle));
  }
  BindResult(statement);
  return statements_.size() - 1;
}

void CClient::BindResult(Statement& statement) {
  const size_t count = mysql_stmt_field_count(statement.handle);
  statement.columns.assign(count, MYSQL_BIND{});
  statement.buffers.assign(count, std::string(kColumnBytes, '\0'));
  statement.sizes.assign(count, 0);
  statement.nulls.assign(count, 0);
  for (size_t i = 0; i < count; ++i) {
    MYSQL_BIND& bind = statement.columns[i];
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = statement.buffers[i].data();
    bind.buffer_length = kColumnBytes;
    bind.length = &statement.sizes[i];
    bind.is_null = &statement.nulls[i];
  }
}

absl::StatusOr<int> CClient::Execute(size_t number) {
  Statement& statement = statements_[number];
  for (const size_t at : statement.fresh) statement.values[at] = base::Uuid::V7().ToBytes();
  statement.binds.assign(statement.values.size(), MYSQL_BIND{});
  statement.lengths.resize(statement.values.size());
  for (size_t i = 0; i < statement.values.size(); ++i) {
    MYSQL_BIND& bind = statement.binds[i];
    Field& value = statement.values[i];
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
  if (statement.columns.empty()) return 0;
  if (mysql_stmt_bind_result(statement.handle, statement.columns.data()) != 0 ||
      mysql_stmt_store_result(statement.handle) != 0) {
    return Failed("fetch", mysql_stmt_error(statement.handle));
  }
  int rows = 0;
  statement.sizes.assign(statement.sizes.size(), 0);
  for (int more = 0; more == 0 || more == MYSQL_DATA_TRUNCATED; ++rows) {
    more = mysql_stmt_fetch(statement.handle);
    if (more == MYSQL_NO_DATA) break;
    if (more == 1) return Failed("fetch", mysql_stmt_error(statement.handle));
  }
  mysql_stmt_free_result(statement.handle);
  return rows;
}

}  // namespace yilian::bench
