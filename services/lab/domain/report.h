// A report and its versions: what a newly arrived one means for what is there. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/lab/domain/sharing.h"
#include "services/lab/domain/types.h"

namespace yilian::lab {

struct Observation {
  ObservationId id;  // of this version; not part of what the laboratory said
  Coding code;
  std::string sub_id;
  ValueType value_type = ValueType::kAbsent;
  std::string value;  // exactly as sent
  Coding value_coding;
  std::string unit;
  std::string reference_range;
  std::vector<std::string> abnormal_flags;
  ResultStatus status = ResultStatus::kFinal;
  std::string observed_at_text;
  std::string absent_reason;
  std::string method;  // as sent
  // Ours; not part of what the laboratory said.
  Mapped mapped;
  Judged judged;

  // The same statement of the laboratory, whatever id we gave it.
  bool SaysTheSameAs(const Observation& other) const;
};

// What identifies a report at its laboratory.
struct OrderKey {
  OrganizationId performing_organization;
  std::string filler_order_number;
  std::string code_system;
  std::string code;
  bool operator==(const OrderKey&) const = default;
};

// What arrived.
struct IncomingReport {
  PatientId patient;
  OrganizationId performing_organization;
  OrganizationId ordering_organization;
  std::string filler_order_number;
  std::string placer_order_number;
  Coding code;
  ResultStatus status = ResultStatus::kFinal;
  std::optional<absl::Time> issued_at;
  std::vector<Observation> observations;
  MessageId source_message;
  // Of the patient, as the message says it.
  std::optional<absl::CivilDay> patient_birth_date = std::nullopt;
  PatientSex patient_sex = PatientSex::kUnknown;

  OrderKey key() const {
    return {performing_organization, filler_order_number, code.system, code.code};
  }
};

// One version as kept.
struct Report {
  ReportId id;
  PatientId patient;
  OrganizationId performing_organization;
  OrganizationId ordering_organization;
  std::string filler_order_number;
  std::string placer_order_number;
  Coding code;
  ResultStatus status = ResultStatus::kFinal;
  int version = 0;
  absl::Time issued_at;
  absl::Time received_at;
  std::vector<Observation> observations;
  MessageId source_message;
  std::optional<int> patient_age_days = std::nullopt;  // on the day of issue
  PatientSex patient_sex = PatientSex::kUnknown;
  ClassSet sensitive{};  // by any of its versions

  // Parties see their report by themselves; others by a care relationship, and a grant where it is
  // sensitive. A withdrawn one is the laboratory's own.
  bool IsParty(OrganizationId organization) const;
  bool IsShownTo(const Sight& sight) const;
};

// What is known of a report when a new version arrives.
struct KnownReport {
  Report current;        // the version that readers see
  int last_version = 0;  // the highest number given, also of versions that are kept and not shown
};

struct Intake {
  enum class Kind { kFirst, kSame, kNewVersion, kKeptAside };
  Kind kind = Kind::kFirst;
  Report report;      // the version to store; for kSame the current one
  std::string event;  // "ReportIssued", "ReportCorrected", "ReportWithdrawn"; empty where readers
                      // see no change
};

// The day on a wall in China, which has one clock without summer time.
absl::CivilDay DayInChina(absl::Time at);
// When it was observed: HL7's time in the precision sent, on China's clock where no other is said;
// the report's issue where it says nothing that is a time.
absl::Time ObservedAt(const Observation& observation, const Report& report);

// Rules across fields: FIELD_INVALID names every one that is broken.
absl::Status CheckObservations(const IncomingReport& incoming);

// Decides what the arrival means. `known` is nullopt for the first version.
absl::StatusOr<Intake> TakeIn(const std::optional<KnownReport>& known,
                              const IncomingReport& incoming, absl::Time at);

}  // namespace yilian::lab
