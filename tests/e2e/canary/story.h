// Three people's way through the region, with everything that callers get wrong on the way.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "services/ctl/region.h"
#include "tests/e2e/access-matrix/people.h"
#include "tests/e2e/canary/witness.h"

namespace yilian::e2e {

// Plays it: registered by gRPC and by HL7 v2, found, referred up and down, asked about, consulted
// on, merged and unmerged. One thread.
class Story {
 public:
  Story(const ctl::Region& region, People& people, Witness& witness)
      : region_(region), people_(people), witness_(witness) {}
  absl::Status Play();

 private:
  using Made = absl::StatusOr<std::unique_ptr<google::protobuf::Message>>;

  absl::Status SignIn();
  absl::Status Register();
  absl::Status ReferUpAndDown();
  absl::Status WrongReferrals();
  absl::Status Ask();
  absl::Status Consult();
  absl::Status Attach();
  absl::Status Permit();
  absl::Status Merge();
  // Messages, as a township's HIS and LIS send them; story_messages.cc.
  absl::Status SendMessages();

  std::string RegisterJson(const Canary& person, std::string_view sex,
                           std::string_view more = "") const;
  absl::StatusOr<std::string> Refer(std::string_view complaint, std::string_view more);
  // Reads the referral and does this with what was read.
  Made Move(const test_support::RegionCaller& by, std::string_view method, const std::string& id,
            std::string_view more = "");
  absl::Status AwaitBooked(const std::string& id);

  const ctl::Region region_;
  People& people_;
  Witness& witness_;
  std::optional<test_support::RegionCaller> doctor_;       // township
  std::optional<test_support::RegionCaller> coordinator_;  // hospital
  std::optional<test_support::RegionCaller> expert_;       // hospital
  std::optional<test_support::RegionCaller> family_;       // community centre
  std::string patient_;
  std::string twin_;
  std::string referral_;
  std::string draft_;
};

// Every method of every proto with every rule of every field broken once, whoever writes the next
// method: the refusal names the field, and nobody.
absl::Status SendUnfitFields(People& people, Witness& witness);

}  // namespace yilian::e2e
