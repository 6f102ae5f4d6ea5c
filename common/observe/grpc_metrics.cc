#include "common/observe/grpc_metrics.h"

#include <string>

namespace yilian::observe {
namespace {

// As the labels spell them: the names of grpc::StatusCode in CamelCase.
constexpr std::string_view kCodeNames[] = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

}  // namespace

GrpcMethodMetrics::GrpcMethodMetrics(Metrics& metrics, std::string_view service,
                                     std::string_view method, std::string_view type) {
  const Labels labels = {{"grpc_method", std::string(method)},
                         {"grpc_service", std::string(service)},
                         {"grpc_type", std::string(type)}};
  started_ = &metrics.GetCounter("grpc_server_started_total", "Calls that came in.", labels);
  received_ = &metrics.GetCounter("grpc_server_msg_received_total",
                                  "Messages of calls that came in.", labels);
  sent_ =
      &metrics.GetCounter("grpc_server_msg_sent_total", "Messages of calls that went out.", labels);
  seconds_ =
      &metrics.GetHistogram("grpc_server_handling_seconds", "From arrival to answer.", labels);
  for (int code = 0; code < kCodes; ++code) {
    Labels with_code = labels;
    with_code.insert(with_code.begin(), {"grpc_code", std::string(kCodeNames[code])});
    handled_[static_cast<size_t>(code)] = &metrics.GetCounter(
        "grpc_server_handled_total", "Calls that were answered, by code.", with_code);
  }
}

void GrpcMethodMetrics::Handled(absl::StatusCode code, absl::Duration took) {
  const int index = static_cast<int>(code);
  handled_[index >= 0 && index < kCodes ? static_cast<size_t>(index) : 2]->Increment();
  seconds_->Observe(took);
}

}  // namespace yilian::observe
