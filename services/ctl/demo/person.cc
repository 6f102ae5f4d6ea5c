#include "services/ctl/demo/person.h"

#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "services/ctl/sign_in.h"

namespace yilian::ctl::demo {

std::string NewId() { return base::Uuid::V7().ToString(); }

absl::StatusOr<Person> Person::SignIn(const Region& region, const std::string& user) {
  Person person(region, "yilianctl", "");
  ASSIGN_OR_RETURN(const std::string password, region.Secret("demo-password"));
  ASSIGN_OR_RETURN(const directory::v1::SignInResponse response,
                   ctl::SignIn(region, {.user = user, .password = password}));
  person.token_ = response.access_token();
  return person;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Person::ChannelTo(const std::string& service) const {
  auto& channel = (*channels_)[service];
  if (channel == nullptr) {
    ASSIGN_OR_RETURN(channel, region_.Channel(service, identity_));
  }
  return channel;
}

}  // namespace yilian::ctl::demo
