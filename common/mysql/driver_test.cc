#include "common/mysql/driver.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace yilian::mysql {
namespace {

PoolOptions Tcp() {
  PoolOptions options;
  options.host = "db";
  options.tls_ca_file = "/ca.pem";
  return options;
}

// The driver ignores a name it does not know, and then there is no TLS: a new name needs a test of
// what it does.
TEST(ConnectOptionsTest, OnlyKnownNamesAreSet) {
  for (const auto& [name, value] : ConnectOptions(Tcp(), absl::Seconds(1))) {
    EXPECT_NE(std::find(kConnectOptionNames.begin(), kConnectOptionNames.end(), name.asStdString()),
              kConnectOptionNames.end())
        << name.asStdString();
  }
}

TEST(ConnectOptionsTest, TcpAlwaysVerifiesTheServer) {
  const sql::ConnectOptionsMap map = ConnectOptions(Tcp(), absl::Seconds(1));
  EXPECT_EQ(map.count("sslCA"), 1);
  EXPECT_EQ(map.count("sslVerify"), 1);
  EXPECT_EQ(map.count("OPT_RECONNECT"), 0);  // lint:allow(reconnect) it must not be set
}

TEST(ConnectOptionsTest, TheServerGivesUpBeforeTheSocketDoes) {
  PoolOptions options = Tcp();
  options.statement_timeout = absl::Milliseconds(2500);
  sql::ConnectOptionsMap map = ConnectOptions(options, absl::Milliseconds(10));
  EXPECT_EQ(*map["OPT_READ_TIMEOUT"].get<int>(), 5);
  // Never 0, which is no limit.
  EXPECT_EQ(*map["OPT_CONNECT_TIMEOUT"].get<int>(), 1);
}

}  // namespace
}  // namespace yilian::mysql
