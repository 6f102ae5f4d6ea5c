#include "common/config/load.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "common/config/address.h"
#include "common/config/config.pb.h"
#include "common/config/testing/example.pb.h"

namespace yilian::config {
namespace {

using ::testing::AllOf;
using testing::ExampleConfig;  // of example.proto
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGood[] = R"({
  "service": {
    "listen": "127.0.0.1:7101",
    "admin_listen": "127.0.0.1:7301",
    "metrics_listen": "127.0.0.1:7201",
    "region": "demo",
    "tls": {"ca_file": "ca.pem", "certificate_file": "c.pem", "key_file": "c.key"},
    "database": {"socket": "/run/db.sock", "schema": "yilian_example", "user": "example",
                 "password_file": "example.password", "pool_size": 4},
    "peers": {"directory": {"target": "127.0.0.1:7100"}}
  },
  "rooms": ["north"],
  "limits": [{}, {"per_second": 7}],
  "hums": true,
  "offset": 9007199254740993
})";

std::string With(std::string_view from, std::string_view to) {
  std::string text = kGood;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string FaultOf(const std::string& json) {
  const auto config = Parse<ExampleConfig>(json, "example.json");
  return config.ok() ? "(accepted)" : std::string(config.status().message());
}

TEST(Load, ReadsValuesAndFillsInDefaults) {
  const auto config = Parse<ExampleConfig>(kGood, "example.json");
  ASSERT_TRUE(config.ok()) << config.status();
  const Service& service = config->service();
  EXPECT_EQ(service.listen(), "127.0.0.1:7101");
  EXPECT_EQ(service.peers().at("directory").target(), "127.0.0.1:7100");
  EXPECT_EQ(config->offset(), 9007199254740993);
  EXPECT_EQ(config->warmth(), 0.5);
  EXPECT_EQ(config->limits(0).per_second(), 100);
  EXPECT_EQ(config->limits(1).per_second(), 7);
  EXPECT_EQ(service.database().port(), 3306);
  EXPECT_EQ(service.database().pool_size(), 4);
  EXPECT_EQ(service.database().statement_timeout_ms(), 10'000);
  EXPECT_EQ(service.tokens().issuer(), "yilian.directory");
  EXPECT_EQ(service.tokens().audience(), "yilian");
  EXPECT_EQ(service.admission().queue_length(), 256);
  EXPECT_EQ(service.admission().priority_threads(), 2);
  EXPECT_EQ(service.admission().threads(), 3) << "three quarters of the pool";
  EXPECT_EQ(service.log_level(), "info");
  EXPECT_EQ(service.max_request_bytes(), 4 << 20);
}

TEST(Load, RefusesAnUnknownKeyAnywhereAndNamesWhatIsAllowed) {
  EXPECT_EQ(FaultOf(With("\"pool_size\"", "\"pool_sise\"")),
            "example.json:9: service.database.pool_sise: unknown key; allowed here: host, port, "
            "socket, schema, user, "
            "password_file, migrator_user, migrator_password_file, tls_ca_file, pool_size, "
            "statement_timeout_ms");
  EXPECT_THAT(FaultOf(With("\"hums\"", "\"Hums\"")),
              HasSubstr("example.json:14: Hums: unknown key"));
  EXPECT_THAT(FaultOf(With("\"target\"", "\"address\"")),
              HasSubstr("service.peers.directory.address: unknown key"));
  EXPECT_THAT(FaultOf(With("\"per_second\"", "\"perSecond\"")),
              HasSubstr("limits[1].perSecond: unknown key"))
      << "one spelling only";
}

TEST(Load, NamesEveryFaultNotOnlyTheFirst) {
  const std::string fault =
      FaultOf(With("\"listen\": \"127.0.0.1:7101\",", "\"lissen\": 1, \"region2\": 2,"));
  EXPECT_THAT(fault, AllOf(HasSubstr("service.lissen"), HasSubstr("service.region2")));
  EXPECT_EQ(FaultOf("{\"service\": {\"tls\": {}}}"),
            "example.json:1: service.listen: missing; it is required\n"
            "example.json:1: service.region: missing; it is required\n"
            "example.json:1: service.tls.ca_file: missing; it is required\n"
            "example.json:1: service.tls.certificate_file: missing; it is required\n"
            "example.json:1: service.tls.key_file: missing; it is required");
  EXPECT_EQ(FaultOf("{}"), "example.json:1: service: missing; it is required");
}

TEST(Load, RefusesValuesOfTheWrongType) {
  EXPECT_EQ(FaultOf(With("\"pool_size\": 4", "\"pool_size\": \"4\"")),
            "example.json:9: service.database.pool_size: expected a number, found a text");
  EXPECT_THAT(FaultOf(With("\"hums\": true", "\"hums\": \"yes\"")),
              HasSubstr("expected true or false, found a text"));
  EXPECT_THAT(FaultOf(With("[\"north\"]", "\"north\"")),
              HasSubstr("rooms: expected a list, found a text"));
  EXPECT_THAT(FaultOf(With("\"region\": \"demo\"", "\"region\": null")),
              HasSubstr("expected a text, found null"));
  EXPECT_THAT(FaultOf(With("{\"target\": \"127.0.0.1:7100\"}", "\"127.0.0.1:7100\"")),
              HasSubstr("service.peers.directory: expected an object"));
  EXPECT_THAT(FaultOf(With("\"pool_size\": 4", "\"pool_size\": 4.5")), HasSubstr("pool_size"));
  EXPECT_THAT(FaultOf(With("\"pool_size\": 4", "\"pool_size\": 40000000000")),
              HasSubstr("pool_size"));
  EXPECT_THAT(FaultOf("[]"), HasSubstr("expected an object, found a list"));
}

TEST(Load, ChecksRangesAndAllowedTexts) {
  EXPECT_EQ(FaultOf(With("\"pool_size\": 4", "\"pool_size\": 4000")),
            "example.json:9: service.database.pool_size: 4000 is out of range; allowed: 1 to 512");
  EXPECT_THAT(FaultOf(With("\"pool_size\": 4", "\"port\": 70000")),
              HasSubstr("database.port: 70000 is out of range"));
  EXPECT_THAT(FaultOf(With("\"pool_size\": 4", "\"pool_size\": -1")),
              HasSubstr("pool_size: -1 is out of range"));
  EXPECT_THAT(FaultOf(With("\"per_second\": 7", "\"per_second\": 5001")),
              HasSubstr("limits[1].per_second: 5001"));
  EXPECT_THAT(FaultOf(With("\"north\"", "\"north\", \"west\"")),
              HasSubstr("rooms[1]: \"west\" is not allowed; one of: north, south"));
  EXPECT_THAT(
      FaultOf(With("\"region\"", "\"log_level\": \"loud\", \"region\"")),
      HasSubstr("service.log_level: \"loud\" is not allowed; one of: debug, info, warn, error"));
}

TEST(Load, ChecksAddressesAndKeepsThePlaintextPortOnLoopback) {
  EXPECT_THAT(FaultOf(With("127.0.0.1:7101", "127.0.0.1")),
              HasSubstr("example.json:3: service.listen: \"127.0.0.1\" is no address"));
  EXPECT_THAT(FaultOf(With("127.0.0.1:7301", "0.0.0.0:7301")),
              HasSubstr("service.admin_listen: \"0.0.0.0:7301\" is not a loopback address"));
  EXPECT_EQ(FaultOf(With("127.0.0.1:7301", "unix:/run/admin.sock")), "(accepted)");
  EXPECT_EQ(FaultOf(With("127.0.0.1:7301", "[::1]:7301")), "(accepted)");
  for (const char* address : {"127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x",
                              "127.0.0.1:", ":7101", "::1:7101", "[::1:7101", "a b:1", ""}) {
    EXPECT_NE(AddressProblem(address), "") << address;
  }
  for (const char* address :
       {"127.0.0.1.example.com:1", "127.x:1", "unix:", "localhost.example.com:80"}) {
    EXPECT_NE(LoopbackAddressProblem(address), "") << address;
  }
}

TEST(Load, ChecksWhatBelongsTogetherInTheDatabase) {
  EXPECT_THAT(FaultOf(With("\"socket\": \"/run/db.sock\"", "\"host\": \"db\"")),
              HasSubstr("service.database.tls_ca_file: missing"));
  EXPECT_THAT(FaultOf(With("\"socket\": \"/run/db.sock\",", "")),
              HasSubstr("exactly one of host and socket"));
  EXPECT_THAT(FaultOf(With("\"pool_size\": 4", "\"host\": \"db\"")),
              HasSubstr("exactly one of host and socket"));
  EXPECT_THAT(FaultOf(With("\"pool_size\": 4", "\"migrator_user\": \"m\"")),
              HasSubstr("must be set together"));
  EXPECT_THAT(FaultOf(With("\"socket\": \"/run/db.sock\"", "\"host\": \"db1:3306,db2\"")),
              HasSubstr("service.database.host: \"db2\" is no address"));
}

TEST(Load, SaysWhichFileCannotBeReadOrParsed) {
  EXPECT_EQ(Load<ExampleConfig>("/nowhere/example.json").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Load<ExampleConfig>("/nowhere/example.json").status().message()),
              HasSubstr("/nowhere/example.json: cannot be read: No such file"));
  EXPECT_THAT(FaultOf("{\n\"hums\": tru}"), HasSubstr("example.json:2: "));
  EXPECT_FALSE(Load<ExampleConfig>(::testing::TempDir()).ok()) << "a folder";
}

TEST(CheckNamedFiles, NamesEveryFileThatIsMissingOrOpenToOthers) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "named_files";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "keys");
  for (const char* name : {"ca.pem", "c.pem", "c.key", "password", "keys/a.key"})
    std::ofstream(folder / name) << "x";
  const auto config = Parse<ExampleConfig>(
      fmt::format(
          R"({{"service": {{"listen": "127.0.0.1:1", "region": "demo", "field_keys_folder": "{0}/keys",
        "tls": {{"ca_file": "{0}/ca.pem", "certificate_file": "{0}/none.pem", "key_file": "{0}/c.key"}}}}}})",
          folder.string()),
      "example.json");
  ASSERT_TRUE(config.ok()) << config.status();
  chmod((folder / "c.key").c_str(), 0644);
  chmod((folder / "keys/a.key").c_str(), 0640);
  const std::string faults(CheckNamedFiles(*config, "example.json").message());
  EXPECT_THAT(faults, AllOf(HasSubstr("service.tls.certificate_file: "),
                            HasSubstr("service.tls.key_file: "),
                            HasSubstr("service.field_keys_folder: "), Not(HasSubstr("ca_file"))));
  chmod((folder / "c.key").c_str(), 0600);
  chmod((folder / "keys/a.key").c_str(), 0400);
  std::ofstream(folder / "none.pem") << "x";
  EXPECT_TRUE(CheckNamedFiles(*config, "example.json").ok());
}

}  // namespace
}  // namespace yilian::config
