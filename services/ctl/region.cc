#include "services/ctl/region.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/rpc/channel.h"

namespace yilian::ctl {
namespace {

constexpr std::string_view kRegionKey = "service.region";
// Of a local region, above its base (deploy/local/lib/layout.sh).
constexpr int kNginxPort = 443;

absl::StatusOr<google::protobuf::Struct> ReadJson(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return absl::NotFoundError(
        fmt::format("{} cannot be read: start the region with deploy/local/up, or name its folder "
                    "with --region",
                    path));
  }
  std::stringstream text;
  text << file.rdbuf();
  google::protobuf::Struct json;
  if (!google::protobuf::util::JsonStringToMessage(text.str(), &json).ok()) {
    return absl::InvalidArgumentError(fmt::format("{} is no JSON", path));
  }
  return json;
}

}  // namespace

const std::vector<std::string>& ServiceNames() {
  static const std::vector<std::string> names = {"directory", "gateway",    "lab",
                                                 "referral",  "scheduling", "consultation"};
  return names;
}

rpc::TlsFiles Region::Identity(std::string_view name) const {
  return {.ca_file = folder_ + "/pki/ca.pem",
          .certificate_file = fmt::format("{}/pki/{}.pem", folder_, name),
          .key_file = fmt::format("{}/pki/{}.key", folder_, name)};
}

absl::StatusOr<std::string> Region::ConfigValue(const std::string& service,
                                                std::string_view path) const {
  const std::string file = fmt::format("{}/config/{}.json", folder_, service);
  ASSIGN_OR_RETURN(const google::protobuf::Struct json, ReadJson(file));
  google::protobuf::Value value;
  *value.mutable_struct_value() = json;
  for (const std::string& key : std::vector<std::string>(absl::StrSplit(std::string(path), '.'))) {
    int index = 0;
    google::protobuf::Value next;
    if (value.has_list_value() && absl::SimpleAtoi(key, &index) &&
        index < value.list_value().values_size()) {
      next = value.list_value().values(index);
    } else if (value.has_struct_value() && value.struct_value().fields().contains(key)) {
      next = value.struct_value().fields().at(key);
    } else {
      return absl::NotFoundError(fmt::format("{} has no {}", file, path));
    }
    value = next;
  }
  if (value.has_number_value()) return fmt::to_string(static_cast<int64_t>(value.number_value()));
  return value.string_value();
}

absl::StatusOr<std::string> Region::Secret(const std::string& name) const {
  return config::ReadSecretFile(fmt::format("{}/keys/{}", folder_, name), name);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Region::Channel(const std::string& service,
                                                               std::string_view identity) const {
  ASSIGN_OR_RETURN(const std::string target, ConfigValue(service, "service.listen"));
  ASSIGN_OR_RETURN(const std::string region, ConfigValue(service, kRegionKey));
  return rpc::MakeChannel(target, Identity(identity), {.region = region, .service = service});
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Region::ChannelThroughNginx(
    const std::string& service, std::string_view identity) const {
  const std::string file = folder_ + "/config/port-base";
  std::ifstream stream(file);
  int base = 0;
  if (!(stream >> base)) return absl::NotFoundError(fmt::format("{} cannot be read", file));
  ASSIGN_OR_RETURN(const std::string region, ConfigValue(service, kRegionKey));
  return rpc::MakeChannel(fmt::format("127.0.0.1:{}", base + kNginxPort), Identity(identity),
                          {.region = region,
                           .service = "nginx",
                           .proto_files = {fmt::format("yilian/{0}/v1/{0}.proto", service),
                                           "yilian/event/v1/event.proto"}});
}

absl::StatusOr<mysql::PoolOptions> Region::DatabaseOptions(const std::string& service) const {
  mysql::PoolOptions options;
  ASSIGN_OR_RETURN(options.host, ConfigValue(service, "service.database.host"));
  ASSIGN_OR_RETURN(const std::string port, ConfigValue(service, "service.database.port"));
  if (!absl::SimpleAtoi(port, &options.port))
    return absl::InvalidArgumentError("service.database.port is a number");
  ASSIGN_OR_RETURN(options.schema, ConfigValue(service, "service.database.schema"));
  ASSIGN_OR_RETURN(options.tls_ca_file, ConfigValue(service, "service.database.tls_ca_file"));
  options.size = 2;
  // Walking a chain or checking every row of a large schema takes its time.
  options.statement_timeout = absl::Minutes(10);
  return options;
}

absl::StatusOr<std::unique_ptr<mysql::Pool>> Region::Audit(const std::string& service) const {
  ASSIGN_OR_RETURN(mysql::PoolOptions options, DatabaseOptions(service));
  options.user = "yilian_auditor";
  ASSIGN_OR_RETURN(options.password, Secret("db/auditor"));
  return mysql::Pool::Open(std::move(options));
}

absl::StatusOr<std::unique_ptr<mysql::Pool>> Region::Own(const std::string& service) const {
  ASSIGN_OR_RETURN(mysql::PoolOptions options, DatabaseOptions(service));
  ASSIGN_OR_RETURN(options.user, ConfigValue(service, "service.database.user"));
  ASSIGN_OR_RETURN(options.password, Secret("db/" + service));
  return mysql::Pool::Open(std::move(options));
}

}  // namespace yilian::ctl
