// Calls a method by its name with JSON, whatever service it belongs to.
#pragma once

#include <google/protobuf/descriptor.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "services/ctl/region.h"

namespace yilian::ctl {

struct JsonCall {
  std::string service;  // the one to ask
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string json;   // the request; for a stream of requests one a line
  std::string token;  // the person's; empty: the region's own `ctl` calls
  bool through_nginx = false;
};

// A call of any kind; `answer` gets each message of the answer as JSON when it comes. A
// `request_id` that a write leaves out is made. An answer may take 10 s, a stream 10 min; one that
// is meant to stay open ends with the process.
absl::Status CallWithJson(const Region& region, const JsonCall& call,
                          const std::function<void(const std::string&)>& answer);

}  // namespace yilian::ctl
