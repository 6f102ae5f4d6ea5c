// One referral on its way, its people, and what they do with it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ctl/demo/person.h"
#include "yilian/referral/v1/referral.grpc.pb.h"

namespace yilian::chaos {

// The people of every scene: a township doctor who refers to the first hospital, its coordinator,
// and the one of the hospital to which it redirects. One thread.
class Cast {
 public:
  static absl::StatusOr<std::unique_ptr<Cast>> SignIn(const ctl::Region& region);

  // A new patient's referral on the green channel, submitted; its id.
  absl::StatusOr<std::string> Refer();
  absl::StatusOr<referral::v1::Referral> Read(const std::string& id) const;
  // Each reads the referral first; where it moved on meanwhile, again. A call that is not answered
  // because the service was killed is repeated with the same request id.
  absl::Status Accept(const std::string& id);
  absl::Status AcceptElsewhere(const std::string& id);
  absl::Status Redirect(const std::string& id);
  absl::Status Withdraw(const std::string& id);
  absl::Status Reschedule(const std::string& id);

  const ctl::demo::Person& doctor() const { return doctor_; }

 private:
  Cast(ctl::demo::Person doctor, ctl::demo::Person first, ctl::demo::Person second)
      : doctor_(std::move(doctor)), first_(std::move(first)), second_(std::move(second)) {}

  const ctl::demo::Person doctor_;
  const ctl::demo::Person first_;
  const ctl::demo::Person second_;
};

}  // namespace yilian::chaos
