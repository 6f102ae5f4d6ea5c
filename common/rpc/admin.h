// What the admin port offers beside health: reflection of the main port's services, and channelz.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

namespace yilian::rpc {

// `services`: full names that reflection lists. Both are our own small services: the library's
// plugins attach themselves to every server of the process, the one outside included.
std::vector<std::unique_ptr<grpc::Service>> NewAdminServices(
    const std::vector<std::string>& services);

std::unique_ptr<grpc::Service> NewReflectionService(std::vector<std::string> services);
std::unique_ptr<grpc::Service> NewChannelzService();

}  // namespace yilian::rpc
