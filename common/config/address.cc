#include "common/config/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace yilian::config {
namespace {

struct Parts {
  std::string_view host;
  std::string_view port;
};

std::optional<Parts> Split(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Parts parts{address.substr(0, colon), address.substr(colon + 1)};
  if (!parts.host.empty() && parts.host.front() == '[') {
    if (parts.host.back() != ']') return std::nullopt;
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  } else if (parts.host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  if (parts.host.empty()) return std::nullopt;
  const auto belongs = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  };
  if (!std::all_of(parts.host.begin(), parts.host.end(), belongs)) return std::nullopt;
  return parts;
}

}  // namespace

std::string AddressProblem(std::string_view address) {
  const std::optional<Parts> parts = Split(address);
  if (!parts) {
    return fmt::format("\"{}\" is no address; write host:port, e.g. 127.0.0.1:7101 or [::1]:7101",
                       address);
  }
  int port = 0;
  const char* end = parts->port.data() + parts->port.size();
  const auto [stop, error] = std::from_chars(parts->port.data(), end, port);
  if (parts->port.empty() || error != std::errc() || stop != end || port < 1 || port > 65535) {
    return fmt::format("\"{}\": the port must be a number from 1 to 65535", address);
  }
  return "";
}

std::string LoopbackAddressProblem(std::string_view address) {
  constexpr std::string_view kUnix = "unix:/";
  if (address.substr(0, kUnix.size()) == kUnix && address.size() > kUnix.size()) return "";
  if (std::string problem = AddressProblem(address); !problem.empty()) return problem;
  const std::string_view host = Split(address)->host;
  if (host == "localhost" || host == "::1") return "";
  const bool four_numbers = host.find_first_not_of("0123456789.") == std::string_view::npos &&
                            std::count(host.begin(), host.end(), '.') == 3;
  if (host.substr(0, 4) == "127." && four_numbers) return "";
  return fmt::format(
      "\"{}\" is not a loopback address; this port is plaintext: use 127.0.0.1:port or unix:/path",
      address);
}

}  // namespace yilian::config
