// Which senders may speak over a connection, from the configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/app/config.pb.h"
#include "services/gateway/domain/inbound/sender.h"
#include "services/gateway/mllp/listener.h"

namespace yilian::gateway {

// INVALID_ARGUMENT names the key, for an organization, charset or time zone that is none and for a
// name used twice.
absl::StatusOr<std::vector<inbound::Sender>> SendersFrom(const GatewayConfig& config);

// Thread-safe: fixed once built.
class Admission {
 public:
  // INVALID_ARGUMENT names the address that is none.
  static absl::StatusOr<Admission> From(const GatewayConfig& config);

  // By certificate where there is one (`spiffe://<region>/org/<organization_id>/system/<name>`),
  // else by address. nullopt: nobody we know.
  std::optional<inbound::Peer> Admit(const mllp::ConnectionIdentity& identity) const;

 private:
  struct Network {
    std::string bytes;  // 4 or 16
    int prefix = 0;
  };
  struct Entry {
    std::string name;
    std::string organization_id;
    std::vector<Network> networks;
    std::vector<std::string> certificates;
  };
  static absl::StatusOr<Network> ParseNetwork(const std::string& text);
  bool IsByCertificate(const Entry& entry, const std::string& uri) const;

  std::string region_;
  std::vector<Entry> entries_;
};

// True for loopback and the private ranges of RFC 1918, RFC 4193 and link-local: where a port
// without TLS may listen.
bool IsPrivateAddress(const std::string& host);

}  // namespace yilian::gateway
