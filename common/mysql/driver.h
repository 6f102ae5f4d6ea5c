// The driver's own door. Included by connection.cc and its test only: nothing else in the tree sees
// sql:: types.
#pragma once

#include <cppconn/connection.h>
#include <cppconn/prepared_statement.h>

#include <list>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "common/mysql/query.h"

namespace yilian::mysql {

// The driver ignores a misspelt option silently, and OPT_SSL_MODE always: plaintext. Only these
// names are ever set.
extern const std::initializer_list<std::string_view> kConnectOptionNames;
sql::ConnectOptionsMap ConnectOptions(const PoolOptions& options, absl::Duration patience);

// Throws sql::SQLException.
std::unique_ptr<sql::Connection> Connect(const PoolOptions& options, absl::Duration patience);

// Prepared statements of one connection, the least recently used dropped first. One thread at a
// time.
class StatementCache {
 public:
  StatementCache(sql::Connection* connection, int capacity)
      : connection_(connection), capacity_(capacity) {}

  struct Entry {
    std::string sql;
    std::unique_ptr<sql::PreparedStatement> statement;
    size_t parameters = 0;
    bool busy = false;  // its result is being read
  };

  // A statement for the life of this object. Two results of one prepared statement share buffers,
  // so one that is busy further up the stack is prepared anew.
  class Use {
   public:
    Use(StatementCache* cache, const Query& query, bool keep);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    Entry& operator*() { return *entry_; }
    Entry* operator->() { return entry_; }
    // The server has lost or changed it: not to be used again.
    void Forget() { forget_ = true; }

   private:
    StatementCache* cache_;
    Entry* entry_;
    std::unique_ptr<Entry> own_;
    bool forget_ = false;
  };

  size_t size() const { return entries_.size(); }
  void Clear();

 private:
  Entry Prepare(const Query& query);
  void Trim();

  sql::Connection* connection_;
  size_t capacity_;
  std::list<Entry> entries_;  // the latest used first
  absl::flat_hash_map<absl::string_view, std::list<Entry>::iterator> by_sql_;
};

}  // namespace yilian::mysql
