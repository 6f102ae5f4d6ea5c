#include "services/lab/rpc/convert.h"

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"

namespace yilian::lab::convert {
namespace {

void SetCoding(const Coding& coding, type::v1::Coding* out) {
  out->set_system(coding.system);
  out->set_code(coding.code);
  out->set_display(coding.display);
}

Coding ToDomain(const type::v1::Coding& coding) {
  return {.system = coding.system(), .code = coding.code(), .display = coding.display()};
}

Observation ToDomain(const v1::Observation& wire) {
  return {.code = ToDomain(wire.code()),
          .sub_id = wire.sub_id(),
          .value_type = static_cast<ValueType>(wire.value_type()),
          .value = wire.value(),
          .value_coding = ToDomain(wire.value_coding()),
          .unit = wire.unit(),
          .reference_range = wire.reference_range(),
          .abnormal_flags = {wire.abnormal_flags().begin(), wire.abnormal_flags().end()},
          .status = static_cast<ResultStatus>(wire.status()),
          .observed_at_text = wire.observed_at_text(),
          .absent_reason = wire.absent_reason(),
          .method = wire.method()};
}

void SetObservation(const Observation& o, v1::Observation* out) {
  out->set_observation_id(o.id.ToString());
  SetCoding(o.code, out->mutable_code());
  out->set_sub_id(o.sub_id);
  out->set_value_type(static_cast<v1::ValueType>(o.value_type));
  out->set_value(o.value);
  if (o.value_coding != Coding()) SetCoding(o.value_coding, out->mutable_value_coding());
  out->set_unit(o.unit);
  out->set_reference_range(o.reference_range);
  for (const std::string& flag : o.abnormal_flags) out->add_abnormal_flags(flag);
  out->set_status(static_cast<v1::ResultStatus>(o.status));
  out->set_observed_at_text(o.observed_at_text);
  out->set_absent_reason(o.absent_reason);
  out->set_loinc(o.mapped.loinc);
  out->set_ucum_unit(o.mapped.unit);
  out->set_code_mapping(static_cast<v1::MappingStatus>(o.mapped.code_mapping));
  out->set_unit_mapping(static_cast<v1::MappingStatus>(o.mapped.unit_mapping));
  out->set_interpretation(static_cast<v1::Interpretation>(o.judged.interpretation));
  out->set_interval(o.judged.interval);
  out->set_disagrees(o.judged.disagrees);
  out->set_delta(static_cast<v1::DeltaCheck>(o.judged.delta));
  out->set_prior_value(o.judged.prior_value);
  if (o.judged.prior_observed_at) {
    wire::SetTime(out->mutable_prior_observed_at(), *o.judged.prior_observed_at);
  }
  out->set_method(o.method);
}

}  // namespace

std::optional<absl::CivilDay> ToDay(const std::string& text) {
  absl::CivilDay day;
  if (text.empty() || !absl::ParseCivilTime(text, &day)) return std::nullopt;
  return day;
}

v1::Report ToProto(const Report& report) {
  v1::Report out;
  out.set_report_id(report.id.ToString());
  out.set_patient_id(report.patient.ToString());
  out.set_performing_organization_id(report.performing_organization.ToString());
  out.set_ordering_organization_id(report.ordering_organization.ToString());
  out.set_filler_order_number(report.filler_order_number);
  out.set_placer_order_number(report.placer_order_number);
  SetCoding(report.code, out.mutable_code());
  out.set_status(static_cast<v1::ResultStatus>(report.status));
  out.set_version(report.version);
  wire::SetTime(out.mutable_issued_at(), report.issued_at);
  wire::SetTime(out.mutable_received_at(), report.received_at);
  for (const Observation& observation : report.observations)
    SetObservation(observation, out.add_observations());
  for (const SensitiveClass one : report.sensitive.All()) {
    out.add_sensitive_classes(static_cast<v1::SensitiveClass>(one));
  }
  return out;
}

absl::StatusOr<IncomingReport> ToDomain(const v1::IngestReportRequest& request) {
  IncomingReport incoming;
  ASSIGN_OR_RETURN(incoming.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(incoming.performing_organization,
                   OrganizationId::Parse(request.performing_organization_id()));
  incoming.ordering_organization = incoming.performing_organization;
  if (!request.ordering_organization_id().empty()) {
    ASSIGN_OR_RETURN(incoming.ordering_organization,
                     OrganizationId::Parse(request.ordering_organization_id()));
  }
  incoming.filler_order_number = request.filler_order_number();
  incoming.placer_order_number = request.placer_order_number();
  incoming.code = ToDomain(request.code());
  incoming.status = static_cast<ResultStatus>(request.status());
  if (request.has_issued_at()) incoming.issued_at = wire::ToTime(request.issued_at());
  for (const v1::Observation& observation : request.observations()) {
    incoming.observations.push_back(ToDomain(observation));
  }
  ASSIGN_OR_RETURN(incoming.source_message,
                   wire::OptionalId<MessageId>(request.source_message_id()));
  incoming.patient_birth_date = ToDay(request.patient_birth_date());
  incoming.patient_sex = static_cast<PatientSex>(request.patient_sex());
  return incoming;
}

}  // namespace yilian::lab::convert
