// Somebody who calls: a signed-in person at a workstation, or the region's own ctl.
#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/client_call.h"
#include "services/ctl/region.h"

namespace yilian::ctl::demo {

// One thread. Channels are shared by all copies made from one Person.
class Person {
 public:
  // As the service `ctl`, without a person.
  static Person Operator(const Region& region) { return Person(region, "ctl", ""); }
  static absl::StatusOr<Person> SignIn(const Region& region, const std::string& user);

  // person.Call<ReferralService>("referral", &ReferralService::Stub::GetReferral, request)
  template <typename Service, typename Base, typename Request, typename Response>
  absl::StatusOr<Response> Call(const std::string& service,
                                grpc::Status (Base::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) const {
    absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = ChannelTo(service);
    if (!channel.ok()) return channel.status();
    const auto stub = Service::NewStub(*channel);
    return rpc::ClientCall(absl::Seconds(10)).WithToken(token_).Invoke(*stub, method, request);
  }

  absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const std::string& service) const;
  const std::string& token() const { return token_; }

 private:
  Person(const Region& region, std::string identity, std::string token)
      : region_(region), identity_(std::move(identity)), token_(std::move(token)) {}

  Region region_;
  std::string identity_;
  std::string token_;
  std::shared_ptr<std::map<std::string, std::shared_ptr<grpc::Channel>>> channels_ =
      std::make_shared<std::map<std::string, std::shared_ptr<grpc::Channel>>>();
};

// A fresh id for a request.
std::string NewId();

}  // namespace yilian::ctl::demo
