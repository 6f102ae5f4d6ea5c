// What a message asks for, or why it is not taken: decided from its text alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/gateway/domain/hl7/datetime.h"
#include "services/gateway/domain/hl7/message.h"
#include "services/gateway/domain/inbound/patient.h"
#include "services/gateway/domain/inbound/report.h"
#include "services/gateway/domain/inbound/sender.h"

namespace yilian::gateway::inbound {

// The record with the numbers of MRG is the same person as the one of PID (A40).
struct Merge {
  Hl7Patient surviving;
  std::vector<PatientIdentifier> prior;
};

enum class StayEvent {
  kAdmitted,            // A01
  kDischarged,          // A03
  kAdmissionCancelled,  // A11
  kDischargeCancelled,  // A13
};

// What the message tells of the stay of one of its patients in the hospital.
struct Stay {
  size_t registration = 0;  // whose: index into Work::registrations
  StayEvent event = StayEvent::kAdmitted;
  std::string visit_number;  // PV1-19
  // As sent; nothing where the message does not say.
  std::optional<hl7::DateTime> admitted_at;    // PV1-44
  std::optional<hl7::DateTime> discharged_at;  // PV1-45
  std::optional<hl7::DateTime> recorded_at;    // EVN-2, else MSH-7
};

// A patient of the message leaves the hospital (A03), or stays after all (A13).
struct Discharge {
  size_t registration = 0;  // whose: index into Work::registrations
  std::string episode;      // PV1-19, the visit number
  bool cancelled = false;
  std::optional<hl7::DateTime> recorded_at;  // EVN-2, else MSH-7
};

// What the message asks the other services to do, in this order.
struct Work {
  std::vector<Hl7Patient> registrations;
  std::vector<Stay> stays;
  std::vector<Discharge> discharges;
  std::vector<Merge> merges;
  std::vector<PatientReports> results;
};

enum class Verdict {
  kTaken,
  kError,     // AE: the content is wrong
  kRejected,  // AR: nothing of this kind is taken from this sender
};

struct Interpretation {
  Verdict verdict = Verdict::kTaken;
  hl7::Faults faults;
  Work work;
};

// Taken: ADT A01 A03 A04 A08 A11 A13 A28 A31 (each registers the patient; A01, A03, A11 and A13
// tell of a stay, A03 and A13 with a visit number of the discharge, too), ADT A40, ORU R01.
Interpretation Interpret(const hl7::Message& message, const Sender& sender);

// Which answers the sender wants (MSH-15, MSH-16; HL7 table 0155).
struct AckMode {
  enum class When { kAlways, kNever, kOnError, kOnSuccess };
  bool enhanced = false;  // either field has a value
  When accept = When::kNever;
  When application = When::kAlways;
};
AckMode ReadAckMode(const std::string& msh15, const std::string& msh16);
bool IsWanted(AckMode::When when, bool success);

}  // namespace yilian::gateway::inbound
