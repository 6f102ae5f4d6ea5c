// The metrics of a gRPC method, under the names that dashboards for gRPC expect.
#pragma once

#include <array>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"

namespace yilian::observe {

// Everything is looked up when it is made, once a method; calls only count. Thread-safe.
//
//   grpc_server_started_total, grpc_server_handled_total{grpc_code}, grpc_server_handling_seconds,
//   grpc_server_msg_received_total, grpc_server_msg_sent_total; all with grpc_type, grpc_service,
//   grpc_method.
class GrpcMethodMetrics {
 public:
  // `service` "yilian.referral.v1.ReferralService", `method` "AcceptReferral", `type` "unary",
  // "client_stream", "server_stream" or "bidi_stream".
  GrpcMethodMetrics(Metrics& metrics, std::string_view service, std::string_view method,
                    std::string_view type);

  void Started() { started_->Increment(); }
  void Handled(absl::StatusCode code, absl::Duration took);
  void MessageReceived() { received_->Increment(); }
  void MessageSent() { sent_->Increment(); }

 private:
  static constexpr int kCodes = 17;

  Counter* started_;
  Counter* received_;
  Counter* sent_;
  Histogram* seconds_;
  std::array<Counter*, kCodes> handled_;
};

}  // namespace yilian::observe
