#include "services/gateway/clients/lab_client.h"

#include <charconv>

#include "common/rpc/client_call.h"
#include "services/gateway/clients/failure.h"

namespace yilian::gateway {
namespace {

using Lab = lab::v1::LabService;

lab::v1::ResultStatus ToProto(inbound::ResultStatus status) {
  switch (status) {
    case inbound::ResultStatus::kRegistered:
      return lab::v1::RESULT_STATUS_REGISTERED;
    case inbound::ResultStatus::kPartial:
      return lab::v1::RESULT_STATUS_PARTIAL;
    case inbound::ResultStatus::kPreliminary:
      return lab::v1::RESULT_STATUS_PRELIMINARY;
    case inbound::ResultStatus::kFinal:
      return lab::v1::RESULT_STATUS_FINAL;
    case inbound::ResultStatus::kCorrected:
      return lab::v1::RESULT_STATUS_CORRECTED;
    case inbound::ResultStatus::kAmended:
      return lab::v1::RESULT_STATUS_AMENDED;
    case inbound::ResultStatus::kWithdrawn:
      return lab::v1::RESULT_STATUS_WITHDRAWN;
    case inbound::ResultStatus::kCancelled:
      return lab::v1::RESULT_STATUS_CANCELLED;
  }
  return lab::v1::RESULT_STATUS_UNSPECIFIED;
}

lab::v1::ValueType ToProto(inbound::ValueKind kind) {
  switch (kind) {
    case inbound::ValueKind::kNumeric:
      return lab::v1::VALUE_TYPE_NUMERIC;
    case inbound::ValueKind::kStructured:
      return lab::v1::VALUE_TYPE_STRUCTURED;
    case inbound::ValueKind::kText:
      return lab::v1::VALUE_TYPE_TEXT;
    case inbound::ValueKind::kCoded:
      return lab::v1::VALUE_TYPE_CODED;
    case inbound::ValueKind::kTime:
      return lab::v1::VALUE_TYPE_TIME;
    case inbound::ValueKind::kAbsent:
      return lab::v1::VALUE_TYPE_ABSENT;
  }
  return lab::v1::VALUE_TYPE_UNSPECIFIED;
}

void FillCoding(const inbound::Coding& coding, type::v1::Coding* out) {
  out->set_system(coding.system);
  out->set_code(coding.code);
  out->set_display(coding.display);
}

void FillObservation(const inbound::Hl7Observation& observation, lab::v1::Observation* out) {
  FillCoding(observation.code, out->mutable_code());
  out->set_sub_id(observation.sub_id);
  out->set_value_type(ToProto(observation.kind));
  out->set_value(observation.value);
  if (observation.coded) FillCoding(*observation.coded, out->mutable_value_coding());
  out->set_unit(observation.unit);
  out->set_reference_range(observation.reference_range);
  for (const std::string& flag : observation.abnormal_flags) out->add_abnormal_flags(flag);
  out->set_status(ToProto(observation.status));
  out->set_observed_at_text(observation.observed_at);
  out->set_absent_reason(observation.absent_reason);
  out->set_method(observation.method);
}

int FieldOfObservation(std::string_view name) {
  if (name.substr(0, 10) == "value_type") return 2;
  if (name.substr(0, 4) == "code") return 3;
  if (name == "sub_id") return 4;
  if (name.substr(0, 5) == "value") return 5;
  if (name == "unit") return 6;
  if (name == "reference_range") return 7;
  if (name.substr(0, 14) == "abnormal_flags") return 8;
  if (name == "status") return 11;
  if (name == "observed_at_text") return 14;
  return 0;
}

}  // namespace

LabClient::LabClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(Lab::NewStub(std::move(channel))) {}

lab::v1::IngestReportRequest ToIngestRequest(const inbound::Request& request,
                                             const base::Uuid& patient,
                                             const inbound::Hl7Report& report) {
  lab::v1::IngestReportRequest out;
  out.set_request_id(request.request_id.ToString());
  out.set_patient_id(patient.ToString());
  out.set_performing_organization_id(request.organization_id.ToString());
  out.set_filler_order_number(report.filler_order_number);
  out.set_placer_order_number(report.placer_order_number);
  FillCoding(report.code, out.mutable_code());
  out.set_status(ToProto(report.status));
  if (report.issued_at) {
    const absl::Time issued = report.issued_at->Start(request.time_zone);
    const int64_t seconds = absl::ToUnixSeconds(issued);
    out.mutable_issued_at()->set_seconds(seconds);
    out.mutable_issued_at()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(issued - absl::FromUnixSeconds(seconds))));
  }
  for (const inbound::Hl7Observation& observation : report.observations) {
    FillObservation(observation, out.add_observations());
  }
  out.set_source_message_id(request.message_id.ToString());
  out.set_patient_birth_date(report.birth_date);
  if (report.sex == inbound::Sex::kMale) out.set_patient_sex(lab::v1::PATIENT_SEX_MALE);
  if (report.sex == inbound::Sex::kFemale) out.set_patient_sex(lab::v1::PATIENT_SEX_FEMALE);
  return out;
}

hl7::Location LocateInReport(const inbound::Hl7Report& report, std::string_view path) {
  constexpr std::string_view kObservations = "observations[";
  if (path.substr(0, kObservations.size()) == kObservations) {
    const std::string_view rest = path.substr(kObservations.size());
    size_t index = report.observations.size();
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), index);
    if (index < report.observations.size()) {
      hl7::Location where = report.observations[index].where;
      const size_t name = read.ptr - rest.data() + 2;  // behind "]."
      if (name <= rest.size()) where.field = FieldOfObservation(rest.substr(name));
      return where;
    }
  }
  hl7::Location where = report.where;
  if (path == "filler_order_number") where.field = 3;
  if (path == "placer_order_number") where.field = 2;
  if (path.substr(0, 4) == "code") where.field = 4;
  if (path == "issued_at") where.field = 22;
  if (path == "status") where.field = 25;
  return where;
}

std::optional<inbound::DeliveryFailure> LabClient::Ingest(const inbound::Request& request,
                                                          const base::Uuid& patient,
                                                          const inbound::Hl7Report& report) {
  const rpc::ClientCall call = rpc::ClientCall::Until(request.deadline);
  const auto answer =
      call.Invoke(*stub_, &Lab::Stub::IngestReport, ToIngestRequest(request, patient, report));
  if (answer.ok()) return std::nullopt;
  return FailureOf(answer.status(),
                   [&](std::string_view path) { return LocateInReport(report, path); });
}

}  // namespace yilian::gateway
