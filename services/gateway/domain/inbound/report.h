// Laboratory reports as an ORU^R01 tells of them: one a group of OBR, OBX.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/gateway/domain/hl7/datetime.h"
#include "services/gateway/domain/hl7/message.h"
#include "services/gateway/domain/inbound/patient.h"

namespace yilian::gateway::inbound {

enum class ResultStatus {
  kRegistered,
  kPartial,
  kPreliminary,
  kFinal,
  kCorrected,
  kAmended,
  kWithdrawn,
  kCancelled
};
enum class ValueKind { kNumeric, kStructured, kText, kCoded, kTime, kAbsent };

struct Coding {
  std::string system;  // "LN", "L" for the sender's own, or as sent
  std::string code;
  std::string display;
};

struct Hl7Observation {
  Coding code;
  std::string sub_id;
  std::string sent_type;  // OBX-2: "NM"
  ValueKind kind = ValueKind::kAbsent;
  std::string value;            // digits and text exactly as sent
  std::optional<Coding> coded;  // of a coded value
  std::string unit;             // as sent
  std::string reference_range;  // as sent
  std::vector<std::string> abnormal_flags;
  ResultStatus status = ResultStatus::kFinal;
  std::string observed_at;  // HL7 time as sent, checked; "" where not said
  std::string absent_reason;
  std::string method;   // OBX-17, as sent
  hl7::Location where;  // its OBX, for the callee's faults
};

struct Hl7Report {
  std::string filler_order_number;
  std::string placer_order_number;
  Coding code;
  ResultStatus status = ResultStatus::kFinal;
  std::optional<hl7::DateTime> issued_at;
  std::vector<Hl7Observation> observations;
  // Of its patient, for reference intervals: PID-7 (YYYY-MM-DD; "" where the day is not known),
  // PID-8.
  std::string birth_date;
  Sex sex = Sex::kUnknown;
  hl7::Location where;  // of its OBR, for the callee's faults
};

struct PatientReports {
  Hl7Patient patient;
  std::vector<Hl7Report> reports;
};

// Every patient of the message with their reports. Every fault is added; nullopt when there was
// one.
std::optional<std::vector<PatientReports>> ReadReports(const hl7::Message& message,
                                                       const OwnAuthorities& own,
                                                       hl7::Faults& faults);

}  // namespace yilian::gateway::inbound
