#include "services/lab/domain/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

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
  report.patient_sex = incoming.patient_sex;
  if (incoming.patient_birth_date) {
    const int64_t age = DayInChina(report.issued_at) - *incoming.patient_birth_date;
    constexpr int64_t kOldest = 54900;  // days: 150 years
    if (age >= 0 && age < kOldest) report.patient_age_days = static_cast<int>(age);
  }
  for (Observation& observation : report.observations) observation.id = ObservationId::New(at);
  return report;
}

// The digits at `at`, where there are as many; moves on behind them.
std::optional<int> TakeDigits(std::string_view& text, size_t count) {
  if (text.size() < count ||
      text.substr(0, count).find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  int number = 0;
  for (const char digit : text.substr(0, count)) number = number * 10 + (digit - '0');
  text.remove_prefix(count);
  return number;
}

constexpr int kChinaOffsetMinutes = 8 * 60;

// "+0800" at the end of HL7's time.
int TakeOffset(std::string_view& text) {
  const size_t sign = text.find_first_of("+-");
  if (sign == std::string_view::npos) return kChinaOffsetMinutes;
  std::string_view digits = text.substr(sign + 1);
  const std::optional<int> hours = TakeDigits(digits, 2);
  const std::optional<int> minutes = TakeDigits(digits, 2);
  const int offset = hours && minutes ? *hours * 60 + *minutes : kChinaOffsetMinutes;
  const bool east = text[sign] == '+';
  text = text.substr(0, sign);
  return east ? offset : -offset;
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

bool Report::IsShownTo(const Sight& sight) const {
  if (status == ResultStatus::kWithdrawn) return sight.organization == performing_organization;
  return IsParty(sight.organization) || sight.Sees(sensitive);
}

absl::CivilDay DayInChina(absl::Time at) {
  return absl::ToCivilDay(at, absl::FixedTimeZone(kChinaOffsetMinutes * 60));
}

absl::Time ObservedAt(const Observation& observation, const Report& report) {
  std::string_view text = observation.observed_at_text;
  const int offset = TakeOffset(text);
  const std::optional<int> year = TakeDigits(text, 4);
  constexpr int kFirstYear = 1900;
  if (!year || *year < kFirstYear) return report.issued_at;
  const int month = TakeDigits(text, 2).value_or(1);
  const int day = TakeDigits(text, 2).value_or(1);
  const int hour = TakeDigits(text, 2).value_or(0);
  const int minute = TakeDigits(text, 2).value_or(0);
  const int second = TakeDigits(text, 2).value_or(0);
  const absl::CivilSecond time(*year, month, day, hour, minute, second);
  if (time.month() != month || time.day() != day || time.hour() != hour) return report.issued_at;
  return absl::FromCivil(time, absl::FixedTimeZone(offset * 60));
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
