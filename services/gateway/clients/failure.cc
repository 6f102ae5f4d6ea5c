#include "services/gateway/clients/failure.h"

#include "common/status/error.h"

namespace yilian::gateway {

using inbound::DeliveryFailure;

std::optional<base::Uuid> SurvivorNamedBy(const absl::Status& status) {
  const auto info = status::InfoOf(status);
  if (!info || info->reason() != "PATIENT_MERGED") return std::nullopt;
  const auto found = info->metadata().find("surviving_patient_id");
  if (found == info->metadata().end()) return std::nullopt;
  const absl::StatusOr<base::Uuid> survivor = base::Uuid::Parse(found->second);
  return survivor.ok() ? std::optional<base::Uuid>(*survivor) : std::nullopt;
}

inbound::DeliveryFailure FailureOf(const absl::Status& status, const LocateField& locate) {
  DeliveryFailure failure;
  failure.reason = status::ReasonOf(status);
  if (failure.reason.empty()) failure.reason = absl::StatusCodeToString(status.code());
  failure.survivor = SurvivorNamedBy(status);
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnimplemented:  // the owner is still of an earlier release
      failure.kind = DeliveryFailure::Kind::kRetry;
      return failure;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      failure.kind = DeliveryFailure::Kind::kRefuse;
      break;
    default:
      failure.kind = DeliveryFailure::Kind::kPark;
      return failure;
  }
  if (const auto violations = status::BadRequestOf(status)) {
    for (const auto& violation : violations->field_violations()) {
      failure.faults.push_back(
          {hl7::FaultCode::kDataType, locate(violation.field()), violation.description()});
    }
  }
  if (failure.faults.empty()) {
    failure.faults.push_back({hl7::FaultCode::kDataType, locate(""), failure.reason});
  }
  return failure;
}

}  // namespace yilian::gateway
