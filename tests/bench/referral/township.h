// The township that the benchmarks write as: its doctor, patients and requests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ctl/demo/person.h"
#include "yilian/referral/v1/referral.grpc.pb.h"

namespace yilian::bench {

// Thread-safe once made.
class Township {
 public:
  // Signs the doctor in and registers `patients` new patients.
  static absl::StatusOr<std::unique_ptr<Township>> Make(const ctl::Region& region, int patients);

  const ctl::demo::Person& doctor() const { return doctor_; }
  const std::vector<std::string>& patients() const { return patients_; }
  // A new referral, submitted at once, on the standard channel.
  referral::v1::CreateReferralRequest NewReferral(size_t patient) const;
  // Several connections, as a busy client has them.
  absl::StatusOr<std::vector<std::unique_ptr<referral::v1::ReferralService::Stub>>> Stubs() const;

 private:
  Township(ctl::Region region, ctl::demo::Person doctor)
      : region_(std::move(region)), doctor_(std::move(doctor)) {}

  const ctl::Region region_;
  const ctl::demo::Person doctor_;
  std::vector<std::string> patients_;
};

}  // namespace yilian::bench
