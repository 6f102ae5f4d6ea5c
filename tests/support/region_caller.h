// Somebody who calls a running region: a certificate, perhaps a signed-in person; any method, by
// its descriptor or by its name with JSON.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ctl/region.h"
#include "tests/support/raw_call.h"

namespace yilian::test_support {

// A field by its path, "patient.patient_id" or "care_plan.tasks.0.task_id", as text; "" where there
// is none.
std::string TextOf(const google::protobuf::Message& message, std::string_view path);

// Copies share their channels. Thread-safe.
class RegionCaller {
 public:
  // `identity`: certificate in the region's pki/; `token`: of a person, or empty.
  RegionCaller(const ctl::Region& region, std::string identity, std::string token = "")
      : region_(region), identity_(std::move(identity)), token_(std::move(token)) {}
  // The same channels with another person's token.
  RegionCaller WithToken(std::string token) const;

  // Asks one server. An error is one of this side: the answer's own is in it.
  absl::StatusOr<RawAnswer> Ask(
      const std::string& server, const google::protobuf::MethodDescriptor& method,
      const google::protobuf::Message& request,
      std::function<bool(const std::string& message)> enough = nullptr) const;

  // By name, as yilianctl does: "AcceptReferral". A `request_id` that a write leaves out is made.
  absl::StatusOr<RawAnswer> AskJson(std::string_view method, const std::string& json) const;
  // The same, its answer, of a stream the first one, where there is one.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Call(std::string_view method,
                                                                  const std::string& json) const;

 private:
  struct Channels {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<grpc::Channel>> by_server;
  };
  absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const std::string& server) const;

  ctl::Region region_;
  std::string identity_;
  std::string token_;
  std::shared_ptr<Channels> channels_ = std::make_shared<Channels>();
};

}  // namespace yilian::test_support
