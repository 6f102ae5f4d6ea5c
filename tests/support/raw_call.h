// A call as its caller meets it on the wire: every byte of the answer, refusals included.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace yilian::test_support {

// What a caller can see of an answer.
struct RawAnswer {
  grpc::Status status;                               // code, message and details, as sent
  std::multimap<std::string, std::string> trailing;  // trailing metadata, without the details
  std::vector<std::string> messages;                 // serialized
  bool left_open = false;  // a stream that was still open when its caller had read enough

  // OK, or the error with its details.
  absl::Status ToStatus() const;
  // ErrorInfo's reason; "OK" for an answer without an error; the code's name where there is none.
  std::string Reason() const;
};

struct RawCall {
  std::shared_ptr<grpc::Channel> channel;
  std::string path;   // "/yilian.referral.v1.ReferralService/GetReferral"
  std::string token;  // empty: nobody signed in
  absl::Duration timeout = absl::Seconds(10);
  // Told of each message of a stream; true: that is enough, the stream is left. Null: to its end.
  std::function<bool(const std::string& message)> enough;
};

// Makes a call of any kind with one request message. Blocks.
RawAnswer Ask(const RawCall& call, const google::protobuf::Message& request);

}  // namespace yilian::test_support
