#include "services/lab/domain/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/status_macros.h"
#include "services/lab/domain/decimal.h"
#include "services/lab/domain/errors.h"

namespace yilian::lab {
namespace {

bool SayTheSame(const std::vector<Observation>& a, const std::vector<Observation>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Observation& x, const Observation& y) { return x.SaysTheSameAs(y); });
}

Report Version(const IncomingReport& incoming, ReportId id, int version, ResultStatus status,
               absl::Time at) {
  Report report{.id = id,
                .patient = incoming.patient,
                .performing_organization = incoming.performing_organization,
                .ordering_organization = incoming.ordering_organization,
                .filler_order_number = incoming.filler_order_number,
                .placer_order_number = incoming.placer_order_number,
                .code = incoming.code,
                .status = status,
                .version = version,
                .issued_at = incoming.issued_at.value_or(at),
                .received_at = at,
                .observations = incoming.observations,
                .source_message = incoming.source_message};
  for (Observation& observation : report.observations) observation.id = ObservationId::New(at);
  return report;
}

}  // namespace

bool Observation::SaysTheSameAs(const Observation& o) const {
  return code == o.code && sub_id == o.sub_id && value_type == o.value_type && value == o.value &&
         value_coding == o.value_coding && unit == o.unit && reference_range == o.reference_range &&
         abnormal_flags == o.abnormal_flags && status == o.status &&
         observed_at_text == o.observed_at_text && absent_reason == o.absent_reason;
}

bool Report::IsParty(OrganizationId organization) const {
  return organization == performing_organization || organization == ordering_organization;
}

bool Report::IsShownTo(OrganizationId organization, bool cares_for_patient) const {
  if (status == ResultStatus::kWithdrawn) return organization == performing_organization;
  return IsParty(organization) || cares_for_patient;
}

absl::Status CheckObservations(const IncomingReport& incoming) {
  errors::Violations violations;
  for (size_t i = 0; i < incoming.observations.size(); ++i) {
    const Observation& o = incoming.observations[i];
    const std::string field = fmt::format("observations[{}].value", i);
    if (o.value_type == ValueType::kNumeric && !IsDecimal(o.value)) {
      violations.emplace_back(
          field, "is a number in plain digits for VALUE_TYPE_NUMERIC, e.g. 5.60 or -0.3");
    }
    if (o.value_type == ValueType::kAbsent && !o.value.empty()) {
      violations.emplace_back(field, "is empty for VALUE_TYPE_ABSENT");
    }
    const bool coded =
        o.value_type == ValueType::kCoded && (!o.value_coding.code.empty() || !o.value.empty());
    const bool filled =
        o.value_type == ValueType::kAbsent || o.value_type == ValueType::kNumeric || coded;
    if (!filled && o.value.empty()) {
      violations.emplace_back(field,
                              "is given; an observation without a value has VALUE_TYPE_ABSENT");
    }
    if (o.code.code.empty() && o.code.display.empty()) {
      violations.emplace_back(fmt::format("observations[{}].code", i), "has a code or a text");
    }
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

absl::StatusOr<Intake> TakeIn(const std::optional<KnownReport>& known,
                              const IncomingReport& incoming, absl::Time at) {
  RETURN_IF_ERROR(CheckObservations(incoming));
  if (!known) {
    return Intake{.kind = Intake::Kind::kFirst,
                  .report = Version(incoming, ReportId::New(at), 1, incoming.status, at),
                  .event = "ReportIssued"};
  }
  const Report& current = known->current;
  const bool withdraws = incoming.status == ResultStatus::kWithdrawn;
  const bool was_withdrawn = current.status == ResultStatus::kWithdrawn;
  // A withdrawn report says "wrong patient": the same order number may then come for the right one.
  if (incoming.patient != current.patient && !withdraws && !was_withdrawn) {
    return errors::PatientContradicts(current.id);
  }
  const bool same_values = SayTheSame(incoming.observations, current.observations);
  if (same_values && incoming.status == current.status && incoming.patient == current.patient) {
    return Intake{.kind = Intake::Kind::kSame, .report = current};
  }
  const int version = known->last_version + 1;
  const bool late = IsVerified(current.status) && !IsVerified(incoming.status) && !withdraws &&
                    incoming.status != ResultStatus::kCancelled;
  if (late || (withdraws && was_withdrawn)) {
    return Intake{.kind = Intake::Kind::kKeptAside,
                  .report = Version(incoming, current.id, version, incoming.status, at)};
  }
  ResultStatus status = incoming.status;
  // A second final with other values is a correction, whatever the sender calls it.
  if (status == ResultStatus::kFinal && IsVerified(current.status) && !same_values)
    status = ResultStatus::kCorrected;
  const bool corrects = IsVerified(current.status) && !withdraws;
  return Intake{.kind = Intake::Kind::kNewVersion,
                .report = Version(incoming, current.id, version, status, at),
                .event = withdraws  ? "ReportWithdrawn"
                         : corrects ? "ReportCorrected"
                                    : "ReportIssued"};
}

}  // namespace yilian::lab
