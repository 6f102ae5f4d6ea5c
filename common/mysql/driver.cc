#include "common/mysql/driver.h"

#include <cppconn/parameter_metadata.h>
#include <fmt/format.h>
#include <mysql_driver.h>

#include <algorithm>
#include <mutex>

namespace yilian::mysql {
namespace {

// get_driver_instance() is not thread-safe.
sql::Driver* TheDriver() {
  static std::once_flag once;
  static sql::Driver* driver = nullptr;
  std::call_once(once, [] { driver = sql::mysql::get_driver_instance(); });
  return driver;
}

// The driver takes whole seconds; 0 would mean no limit.
int WholeSeconds(absl::Duration duration) {
  return static_cast<int>(
      std::max<int64_t>(1, absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1)))));
}

}  // namespace

const std::initializer_list<std::string_view> kConnectOptionNames = {
    "hostName",         "userName",          "password",          "schema", "OPT_CONNECT_TIMEOUT",
    "OPT_READ_TIMEOUT", "OPT_WRITE_TIMEOUT", "CLIENT_FOUND_ROWS", "sslCA",  "sslVerify",
};

sql::ConnectOptionsMap ConnectOptions(const PoolOptions& options, absl::Duration patience) {
  sql::ConnectOptionsMap map;
  const std::string address = options.socket.empty()
                                  ? fmt::format("tcp://{}:{}", options.host, options.port)
                                  : "unix://" + options.socket;
  // Above the server's own limit, so that the server speaks first and the session survives.
  const int read_timeout = WholeSeconds(options.statement_timeout + absl::Seconds(2));
  map["hostName"] = sql::SQLString(address);
  map["userName"] = sql::SQLString(options.user);
  map["password"] = sql::SQLString(options.password);
  map["schema"] = sql::SQLString(options.schema);
  map["OPT_CONNECT_TIMEOUT"] = WholeSeconds(std::min(options.connect_timeout, patience));
  map["OPT_READ_TIMEOUT"] = read_timeout;
  map["OPT_WRITE_TIMEOUT"] = read_timeout;
  map["CLIENT_FOUND_ROWS"] = true;
  if (options.socket.empty()) {
    map["sslCA"] = sql::SQLString(options.tls_ca_file);
    map["sslVerify"] = true;
  }
  return map;
}

std::unique_ptr<sql::Connection> Connect(const PoolOptions& options, absl::Duration patience) {
  sql::ConnectOptionsMap map = ConnectOptions(options, patience);
  return std::unique_ptr<sql::Connection>(TheDriver()->connect(map));
}

StatementCache::Entry StatementCache::Prepare(const Query& query) {
  Entry entry;
  entry.sql = std::string(query.sql);
  // The name as a comment reaches the server's slow log.
  entry.statement.reset(connection_->prepareStatement(
      sql::SQLString(fmt::format("/* {} */ {}", query.name, query.sql))));
  entry.parameters = entry.statement->getParameterMetaData()->getParameterCount();
  return entry;
}

StatementCache::Use::Use(StatementCache* cache, const Query& query, bool keep) : cache_(cache) {
  const absl::string_view key(query.sql.data(), query.sql.size());
  if (keep) {
    if (const auto found = cache->by_sql_.find(key); found != cache->by_sql_.end()) {
      if (!found->second->busy) {
        cache->entries_.splice(cache->entries_.begin(), cache->entries_, found->second);
        entry_ = &*found->second;
        entry_->busy = true;
        return;
      }
      keep = false;
    }
  }
  Entry fresh = cache->Prepare(query);
  fresh.busy = true;
  if (!keep || cache->capacity_ == 0) {
    own_ = std::make_unique<Entry>(std::move(fresh));
    entry_ = own_.get();
    return;
  }
  cache->entries_.push_front(std::move(fresh));
  entry_ = &cache->entries_.front();
  cache->by_sql_.emplace(absl::string_view(entry_->sql), cache->entries_.begin());
  cache->Trim();
}

StatementCache::Use::~Use() {
  entry_->busy = false;
  if (own_ != nullptr || !forget_) return;
  const auto found = cache_->by_sql_.find(absl::string_view(entry_->sql));
  if (found == cache_->by_sql_.end() || &*found->second != entry_) return;
  const auto at = found->second;
  cache_->by_sql_.erase(found);
  cache_->entries_.erase(at);
}

void StatementCache::Trim() {
  for (auto at = entries_.end(); entries_.size() > capacity_ && at != entries_.begin();) {
    --at;
    if (at->busy) continue;
    by_sql_.erase(absl::string_view(at->sql));
    at = entries_.erase(at);
  }
}

void StatementCache::Clear() {
  by_sql_.clear();
  entries_.clear();
}

}  // namespace yilian::mysql
