// Reads every refusal that a caller gets, for what must not be in it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/e2e/canary/needles.h"
#include "tests/support/region_caller.h"

namespace yilian::e2e {

// One thread.
class Witness {
 public:
  explicit Witness(const Finder& finder) : finder_(finder) {}

  // A call that must succeed; its answer, which may well name the patient, in the fields that are
  // declared to tell of a person, and in no other.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Done(
      const test_support::RegionCaller& by, std::string_view method, const std::string& json);
  // A call that must be refused for this reason, in words that name nobody.
  absl::Status Refused(const test_support::RegionCaller& by, std::string_view method,
                       const std::string& json, std::string_view reason);
  // The answer to a request that breaks the rule of this field and no other: it says so, and names
  // nobody.
  void Unfit(std::string_view what, const test_support::RawAnswer& answer, std::string_view path);
  // Any answer: its error's message, details and trailing metadata.
  void Look(std::string_view what, const test_support::RawAnswer& answer);
  // What answers otherwise than gRPC does.
  void LookAt(std::string_view what, std::string_view bytes);

  int fields() const { return fields_; }
  int refusals() const { return refusals_; }
  const std::vector<std::string>& findings() const { return findings_; }

 private:
  // `path`: of the message inside the answer, with the dot behind it.
  void LookInto(std::string_view what, const google::protobuf::Message& message,
                const std::string& path);

  const Finder& finder_;
  int fields_ = 0;  // of accepted answers
  int refusals_ = 0;
  std::vector<std::string> findings_;
};

}  // namespace yilian::e2e
