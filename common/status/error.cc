#include "common/status/error.h"

#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include "absl/status/statusor.h"
#include "absl/strings/cord.h"

namespace yilian::status {
namespace {

constexpr std::string_view kTypePrefix = "type.googleapis.com/";

template <typename Detail>
std::string TypeUrl() {
  return std::string(kTypePrefix) + std::string(Detail::descriptor()->full_name());
}

template <typename Detail>
void Attach(absl::Status& status, const Detail& detail) {
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

template <typename Detail>
std::optional<Detail> Get(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<Detail>());
  if (!payload) return std::nullopt;
  Detail detail;
  if (!detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace

Error::Error(absl::StatusCode code, std::string_view domain, std::string_view reason)
    : code_(code) {
  info_.set_domain(std::string(domain));
  info_.set_reason(std::string(reason));
}

Error& Error::Message(std::string_view text) {
  message_ = std::string(text);
  return *this;
}

Error& Error::Chinese(std::string_view text) {
  localized_.emplace();
  localized_->set_locale("zh-CN");
  localized_->set_message(std::string(text));
  return *this;
}

Error& Error::Meta(std::string_view key, std::string_view value) {
  (*info_.mutable_metadata())[std::string(key)] = std::string(value);
  return *this;
}

Error& Error::Field(std::string_view path, std::string_view rule) {
  auto* violation = bad_request_.add_field_violations();
  violation->set_field(std::string(path));
  violation->set_description(std::string(rule));
  return *this;
}

Error& Error::Precondition(std::string_view type, std::string_view subject,
                           std::string_view description) {
  auto* violation = precondition_.add_violations();
  violation->set_type(std::string(type));
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  return *this;
}

Error& Error::RetryAfter(absl::Duration delay) {
  retry_.emplace();
  const int64_t nanos = absl::ToInt64Nanoseconds(delay);
  retry_->mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
  retry_->mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  return *this;
}

absl::Status Error::Build() const {
  absl::Status status(code_, message_.empty() ? info_.reason() : message_);
  Attach(status, info_);
  if (bad_request_.field_violations_size() > 0) Attach(status, bad_request_);
  if (precondition_.violations_size() > 0) Attach(status, precondition_);
  if (retry_) Attach(status, *retry_);
  if (localized_) Attach(status, *localized_);
  return status;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  absl::StatusCode code = status.code();
  if (code == absl::StatusCode::kUnknown) code = absl::StatusCode::kInternal;
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(code));
  wire.set_message(std::string(status.message()));
  if (!InfoOf(status)) {
    google::rpc::ErrorInfo info;
    info.set_domain("yilian");
    info.set_reason(absl::StatusCodeToString(code));
    wire.add_details()->PackFrom(info);
  }
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(code), wire.message(),
                      wire.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status wire;
  if (wire.ParseFromString(status.error_details())) {
    for (const auto& detail : wire.details()) {
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  return result;
}

std::optional<google::rpc::ErrorInfo> InfoOf(const absl::Status& status) {
  return Get<google::rpc::ErrorInfo>(status);
}
std::optional<google::rpc::BadRequest> BadRequestOf(const absl::Status& status) {
  return Get<google::rpc::BadRequest>(status);
}
std::optional<google::rpc::RetryInfo> RetryOf(const absl::Status& status) {
  return Get<google::rpc::RetryInfo>(status);
}
std::optional<google::rpc::PreconditionFailure> PreconditionOf(const absl::Status& status) {
  return Get<google::rpc::PreconditionFailure>(status);
}
std::optional<google::rpc::LocalizedMessage> LocalizedOf(const absl::Status& status) {
  return Get<google::rpc::LocalizedMessage>(status);
}
std::string ReasonOf(const absl::Status& status) {
  const auto info = InfoOf(status);
  return info ? info->reason() : "";
}

}  // namespace yilian::status
