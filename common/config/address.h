// Addresses to listen on, as a configuration writes them.
#pragma once

#include <string>
#include <string_view>

namespace yilian::config {

// What is wrong with `host:port` or `[v6]:port`; "" when it is right. Ports 1 to 65535.
std::string AddressProblem(std::string_view address);

// The same, and the host must be a loopback address; `unix:/path` is right as well.
std::string LoopbackAddressProblem(std::string_view address);

}  // namespace yilian::config
