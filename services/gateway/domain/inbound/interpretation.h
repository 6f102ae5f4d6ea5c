// What a message asks for, or why it is not taken: decided from its text alone.
#pragma once

#include <string>
#include <vector>

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

// A patient of the message leaves the hospital (A03).
struct Discharge {
  size_t registration = 0;  // whose: index into Work::registrations
  std::string episode;      // PV1-19, the visit number
};

// What the message asks the other services to do, in this order.
struct Work {
  std::vector<Hl7Patient> registrations;
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

// Taken: ADT A01 A03 A04 A08 A28 A31 (each registers the patient, A03 with a visit number tells of
// the discharge), ADT A40, ORU R01.
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
