// A real database server of the test's own: MariaDB, or MySQL with YILIAN_TEST_DB=mysql.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/mysql/migration.h"
#include "common/mysql/pool.h"

namespace yilian::test_support {

// One server a test process, started at the first use and gone with the process, however that ends.
// It listens on a unix socket and, with TLS, on a TCP port of 127.0.0.1. Thread-safe but for Kill9,
// Terminate and Restart.
//
//   SKIP_WITHOUT_DATABASE();  // in SetUp or at the top of a test
//   mysql::PoolOptions options = TestDatabase::Get().NewSchema(kMigrations);
//   auto pool = mysql::Pool::Open(options);
class TestDatabase {
 public:
  // The process's server. Aborts with the server's log when it cannot start: a broken set-up is not
  // a reason to skip.
  static TestDatabase& Get();
  // Why this machine cannot have the server that YILIAN_TEST_DB names; empty when it can. Only a
  // real MySQL is ever missing (deploy/mysql/fetch-mysql).
  static std::string MissingReason();

  // A new, empty schema with `migrations` applied. The user of the returned options owns the
  // schema, DDL included; the connection is by unix socket. Cheap: call it for every test.
  mysql::PoolOptions NewSchema(const std::vector<mysql::Migration>& migrations = {});
  // The same schema by TCP and TLS; `port` 0 is the server's own (else a TcpGate's).
  mysql::PoolOptions OverTls(mysql::PoolOptions options, int port = 0) const;

  // kill -9 and wait until it is dead. Data stay.
  void Kill9();
  // SIGTERM and wait.
  void Terminate();
  // Starts the server again on the same data, socket and port, and waits until it answers.
  // `arguments` are added to the server's command line for this run, e.g.
  // "--innodb-flush-log-at-trx-commit=0".
  void Restart(const std::vector<std::string>& arguments = {});

  bool is_mysql() const;
  int port() const;
  const std::string& ca_file() const;  // PEM
  const std::string& folder() const;   // private to this process; removed at its end

  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

 private:
  TestDatabase();
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace yilian::test_support

#define SKIP_WITHOUT_DATABASE()                                                           \
  if (const std::string missing_ = ::yilian::test_support::TestDatabase::MissingReason(); \
      !missing_.empty())                                                                  \
  GTEST_SKIP() << missing_
