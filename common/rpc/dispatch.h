// From method names to handlers: one line a method, checked against the descriptor when the server is built.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/server_stream.h"

namespace yilian::rpc {

// The methods of one proto service.
//
//   Dispatch dispatch("yilian.referral.v1.ReferralService");
//   dispatch.Unary("AcceptReferral", &handlers, &ReferralHandlers::Accept);
class Dispatch {
 public:
  explicit Dispatch(std::string_view service) : service_(service) {}

  template <typename H, typename Request, typename Response>
  Dispatch& Unary(std::string_view method, H* handlers,
                  absl::StatusOr<Response> (H::*handler)(const Call&, const Request&));

  // Opens a server stream: returns at once; the handler keeps `stream` and writes when it has something.
  template <typename H, typename Request, typename Response>
  Dispatch& Stream(std::string_view method, H* handlers,
                   absl::Status (H::*handler)(const Call&, const Request&, std::shared_ptr<ServerStream<Response>>));
