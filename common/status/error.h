// Errors as callers see them: an absl::Status that carries google.rpc details, and its way to and
// from grpc::Status.
#pragma once

#include <google/rpc/error_details.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Status;  // so that a domain that makes errors does not include gRPC
}

namespace yilian::status {

// Builds one error: `Error(kAborted, "yilian.referral",
// "ETAG_STALE").Message("...").Meta("referral_id", id)`. Converts to absl::Status. Texts carry ids,
// limits and rules, never personal data.
class Error {
 public:
  // `domain` is `yilian.<service>`; `reason` is a value of the service's ErrorReason enum, without
  // its prefix.
  Error(absl::StatusCode code, std::string_view domain, std::string_view reason);

  Error& Message(std::string_view text);                      // English; ends up in Status.message
  Error& Chinese(std::string_view text);                      // LocalizedMessage zh-CN
  Error& Meta(std::string_view key, std::string_view value);  // ErrorInfo.metadata
  Error& Field(std::string_view path,
               std::string_view rule);  // BadRequest.field_violations, one call a field
  Error& Precondition(std::string_view type, std::string_view subject,
                      std::string_view description);
  Error& RetryAfter(absl::Duration delay);  // RetryInfo

  absl::Status Build() const;
  operator absl::Status() const {  // NOLINT: reads as a status where one is returned
    return Build();
  }
  template <typename T>
  operator absl::StatusOr<T>() const {  // NOLINT: as above
    return Build();
  }

 private:
  absl::StatusCode code_;
  std::string message_;
  google::rpc::ErrorInfo info_;
  google::rpc::BadRequest bad_request_;
  google::rpc::PreconditionFailure precondition_;
  std::optional<google::rpc::RetryInfo> retry_;
  std::optional<google::rpc::LocalizedMessage> localized_;
};

// The status on the wire: message, code and every detail. A status without ErrorInfo gets one
// (domain `yilian`, reason from the code); an unexpected code (UNKNOWN) leaves as INTERNAL.
grpc::Status ToGrpc(const absl::Status& status);
// The way back, details included; for errors that a callee sent.
absl::Status FromGrpc(const grpc::Status& status);

// Details of a status, where it has them.
std::optional<google::rpc::ErrorInfo> InfoOf(const absl::Status& status);
std::optional<google::rpc::BadRequest> BadRequestOf(const absl::Status& status);
std::optional<google::rpc::RetryInfo> RetryOf(const absl::Status& status);
std::optional<google::rpc::PreconditionFailure> PreconditionOf(const absl::Status& status);
std::optional<google::rpc::LocalizedMessage> LocalizedOf(const absl::Status& status);
// ErrorInfo.reason, or "" where there is none.
std::string ReasonOf(const absl::Status& status);

}  // namespace yilian::status
