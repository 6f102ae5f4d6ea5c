#include "services/gateway/app/admission.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "common/base/status_macros.h"

namespace yilian::gateway {
namespace {

std::string AddressBytes(const std::string& text) {
  char bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return std::string(bytes, 4);
  if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return "";
  // An IPv4 peer of a socket that listens on both comes as ::ffff:a.b.c.d.
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
  if (std::string_view(bytes, 12) == kMapped) return std::string(bytes + 12, 4);
  return std::string(bytes, 16);
}

bool Contains(const std::string& network, int prefix, const std::string& address) {
  if (network.size() != address.size()) return false;
  for (int bit = 0; bit < prefix; ++bit) {
    const int mask = 0x80 >> (bit % 8);
    if ((network[bit / 8] & mask) != (address[bit / 8] & mask)) return false;
  }
  return true;
}

absl::Status Wrong(int index, std::string_view key, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("senders[{}].{}: {}", index, key, what));
}

}  // namespace

absl::StatusOr<std::vector<inbound::Sender>> SendersFrom(const GatewayConfig& config) {
  std::vector<inbound::Sender> senders;
  std::set<std::string> names;
  for (int i = 0; i < config.senders_size(); ++i) {
    const HisSender& from = config.senders(i);
    inbound::Sender sender;
    sender.name = from.name();
    if (sender.name.size() > 64 || !names.insert(sender.name).second) {
      return Wrong(i, "name", "unique, and at most 64 bytes");
    }
    const absl::StatusOr<base::Uuid> organization = base::Uuid::Parse(from.organization_id());
    if (!organization.ok()) return Wrong(i, "organization_id", "a UUID");
    sender.organization_id = *organization;
    sender.application = from.application();
    sender.facility = from.facility();
    const auto charset = hl7::CharsetNamed(from.default_charset());
    if (!charset)
      return Wrong(i, "default_charset", "UNICODE UTF-8, GB 18030-2000, ASCII or 8859/1");
    sender.default_charset = *charset;
    if (!absl::LoadTimeZone(from.time_zone(), &sender.time_zone)) {
      return Wrong(i, "time_zone", "an IANA time zone, e.g. Asia/Shanghai");
    }
    sender.own_authorities.assign(from.own_authorities().begin(), from.own_authorities().end());
    sender.accepts_test_messages = from.accept_test_messages();
    senders.push_back(std::move(sender));
  }
  return senders;
}

absl::StatusOr<Admission::Network> Admission::ParseNetwork(const std::string& text) {
  const size_t slash = text.find('/');
  Network network{AddressBytes(text.substr(0, slash)), 0};
  const int bits = static_cast<int>(network.bytes.size()) * 8;
  network.prefix = bits;
  bool good = bits > 0;
  if (good && slash != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + slash + 1, end, network.prefix);
    good =
        read.ec == std::errc() && read.ptr == end && network.prefix >= 0 && network.prefix <= bits;
  }
  if (!good) return absl::InvalidArgumentError(fmt::format("{} is no address or network", text));
  return network;
}

absl::StatusOr<Admission> Admission::From(const GatewayConfig& config) {
  Admission admission;
  admission.region_ = config.service().region();
  for (int i = 0; i < config.senders_size(); ++i) {
    const HisSender& from = config.senders(i);
    Entry entry{from.name(), from.organization_id(), {}, {}};
    for (const std::string& address : from.addresses()) {
      const absl::StatusOr<Network> network = ParseNetwork(address);
      if (!network.ok()) return Wrong(i, "addresses", std::string(network.status().message()));
      entry.networks.push_back(*network);
    }
    entry.certificates.assign(from.certificates().begin(), from.certificates().end());
    admission.entries_.push_back(std::move(entry));
  }
  return admission;
}

bool Admission::IsByCertificate(const Entry& entry, const std::string& uri) const {
  if (!entry.certificates.empty()) {
    return std::find(entry.certificates.begin(), entry.certificates.end(), uri) !=
           entry.certificates.end();
  }
  const std::string prefix =
      fmt::format("spiffe://{}/org/{}/system/", region_, entry.organization_id);
  return uri.size() > prefix.size() && uri.compare(0, prefix.size(), prefix) == 0;
}

std::optional<inbound::Peer> Admission::Admit(const mllp::ConnectionIdentity& identity) const {
  const bool certified = !identity.spiffe_uri.empty();
  inbound::Peer peer{(certified ? identity.spiffe_uri : identity.address).substr(0, 255), {}};
  const std::string address = AddressBytes(identity.address);
  for (const Entry& entry : entries_) {
    const bool admitted =
        certified ? IsByCertificate(entry, identity.spiffe_uri)
                  : std::any_of(entry.networks.begin(), entry.networks.end(),
                                [&](const Network& network) {
                                  return Contains(network.bytes, network.prefix, address);
                                });
    if (admitted) peer.senders.push_back(entry.name);
  }
  if (peer.senders.empty()) return std::nullopt;
  return peer;
}

bool IsPrivateAddress(const std::string& host) {
  if (host == "localhost") return true;
  const std::string address = AddressBytes(host);
  static const struct {
    const char* network;
    int prefix;
  } networks[] = {{"127.0.0.0", 8},    {"10.0.0.0", 8}, {"172.16.0.0", 12}, {"192.168.0.0", 16},
                  {"169.254.0.0", 16}, {"::1", 128},    {"fc00::", 7},      {"fe80::", 10}};
  return std::any_of(std::begin(networks), std::end(networks), [&](const auto& one) {
    return Contains(AddressBytes(one.network), one.prefix, address);
  });
}

}  // namespace yilian::gateway
