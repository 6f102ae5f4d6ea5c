#include "services/gateway/domain/inbound/interpretation.h"

#include <algorithm>
#include <optional>

namespace yilian::gateway::inbound {
namespace {

using hl7::FaultCode;
using hl7::Segment;

constexpr int kMessageTime = 7;
constexpr int kType = 9;
constexpr int kProcessing = 11;
constexpr int kVersion = 12;
constexpr int kPatientClass = 2;
constexpr int kVisitNumber = 19;
constexpr int kAdmitTime = 44;
constexpr int kDischargeTime = 45;
constexpr int kRecordedTime = 2;  // of EVN
constexpr size_t kMostMerges = 100;

constexpr std::string_view kRegisteringEvents[] = {"A01", "A03", "A04", "A08",
                                                   "A11", "A13", "A28", "A31"};
constexpr std::string_view kOurEvents =
    "ADT A01, A03, A04, A08, A11, A13, A28, A31, A40 and ORU R01 are taken";

// What in the header forbids the message, whatever else it holds.
std::optional<hl7::Fault> HeaderFault(const Segment& header, const Sender& sender) {
  const std::string processing = header.Text(kProcessing);
  const bool test = processing == "T" || processing == "D";
  if (!processing.empty() && processing != "P" && !(test && sender.accepts_test_messages)) {
    return hl7::Fault{FaultCode::kUnsupportedProcessingId, header.At(kProcessing),
                      "P; T and D only from senders that are set up for tests"};
  }
  const std::string version = header.Text(kVersion);
  if (!version.empty() && version.substr(0, 2) != "2.") {
    return hl7::Fault{FaultCode::kUnsupportedVersion, header.At(kVersion), "a version 2.x"};
  }
  const std::string type = header.Text(kType, 1);
  const std::string event = header.Text(kType, 2);
  if (type.empty()) {
    return hl7::Fault{FaultCode::kRequiredFieldMissing, header.At(kType),
                      "the message type is required"};
  }
  if (type != "ADT" && type != "ORU") {
    return hl7::Fault{FaultCode::kUnsupportedMessageType, header.At(kType, 1),
                      std::string(kOurEvents)};
  }
  const bool registers = std::find(std::begin(kRegisteringEvents), std::end(kRegisteringEvents),
                                   event) != std::end(kRegisteringEvents);
  const bool ours = type == "ADT" ? registers || event == "A40" : event == "R01";
  if (!ours)
    return hl7::Fault{FaultCode::kUnsupportedEventCode, header.At(kType, 2),
                      std::string(kOurEvents)};
  return std::nullopt;
}

bool IsEpisode(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
  });
}

// A fault where the field has a value that is no time.
std::optional<hl7::DateTime> ReadTime(const Segment& segment, int field, hl7::Faults& faults) {
  const std::string text = segment.Text(field);
  if (text.empty()) return std::nullopt;
  std::optional<hl7::DateTime> time = hl7::ParseDateTime(text);
  if (time && time->has_day()) return time;
  faults.push_back(
      {FaultCode::kDataType, segment.At(field), "a time YYYYMMDD[HH[MM[SS]]] that exists"});
  return std::nullopt;
}

// When the hospital recorded what the message tells.
std::optional<hl7::DateTime> ReadRecordedTime(const hl7::Message& message, hl7::Faults& faults) {
  if (const std::optional<Segment> trigger = message.First("EVN")) {
    if (const auto recorded = ReadTime(*trigger, kRecordedTime, faults)) return recorded;
  }
  return hl7::ParseDateTime(message.header().Text(kMessageTime));
}

std::optional<StayEvent> StayEventOf(std::string_view event) {
  if (event == "A01") return StayEvent::kAdmitted;
  if (event == "A03") return StayEvent::kDischarged;
  if (event == "A11") return StayEvent::kAdmissionCancelled;
  if (event == "A13") return StayEvent::kDischargeCancelled;
  return std::nullopt;
}

// Outpatients, patients who are announced and those who come again and again do not stay (HL7 table
// 0004); who comes as an emergency does.
bool IsStay(std::string_view patient_class) {
  return patient_class != "O" && patient_class != "P" && patient_class != "R";
}

// Without a number a stay cannot be told from another: then an admission registers the patient and
// no more, and a cancelling has nothing that it cancels.
void ReadStay(const hl7::Message& message, Interpretation& result) {
  const Segment header = message.header();
  const std::optional<StayEvent> event = StayEventOf(header.Text(kType, 2));
  const std::optional<Segment> visit = message.First("PV1");
  if (!event || (visit && !IsStay(visit->Text(kPatientClass)))) return;
  Stay stay{.event = *event};
  if (visit) stay.visit_number = visit->Text(kVisitNumber, 1);
  if (stay.visit_number.empty()) {
    const bool cancels =
        *event == StayEvent::kAdmissionCancelled || *event == StayEvent::kDischargeCancelled;
    if (!cancels) return;
    result.faults.push_back({FaultCode::kRequiredFieldMissing,
                             {"PV1", 1, kVisitNumber},
                             "the visit number is required: it says which stay"});
    return;
  }
  if (CodePoints(stay.visit_number) > kLongestIdentifier) {
    result.faults.push_back({FaultCode::kValueTooLong, visit->At(kVisitNumber),
                             "a visit number has at most 64 characters"});
  }
  stay.admitted_at = ReadTime(*visit, kAdmitTime, result.faults);
  stay.discharged_at = ReadTime(*visit, kDischargeTime, result.faults);
  stay.recorded_at = ReadRecordedTime(message, result.faults);
  result.work.stays.push_back(std::move(stay));
}

void ReadRegistration(const hl7::Message& message, const Sender& sender, Interpretation& result) {
  const std::optional<Segment> pid = message.First("PID");
  if (!pid) {
    result.faults.push_back(
        {FaultCode::kSegmentSequence, {"PID", 1}, "the message needs a PID segment"});
    return;
  }
  std::optional<Hl7Patient> patient =
      ReadPatient(message, *pid, sender.own_authorities, result.faults);
  if (!patient) return;
  result.work.registrations.push_back(*std::move(patient));
  ReadStay(message, result);
  const std::optional<Segment> visit = message.First("PV1");
  const std::optional<StayEvent> event = StayEventOf(message.header().Text(kType, 2));
  const bool cancelled = event == StayEvent::kDischargeCancelled;
  if (!visit || (event != StayEvent::kDischarged && !cancelled)) return;
  // Without a visit number, or with one that is none, the discharge is nobody's in particular.
  std::string episode = visit->Text(kVisitNumber, 1);
  if (!IsEpisode(episode)) return;
  hl7::Faults named;  // by ReadStay, of a patient who stays
  result.work.discharges.push_back(
      {0, std::move(episode), cancelled, ReadRecordedTime(message, named)});
}

void ReadMerges(const hl7::Message& message, const Sender& sender, Interpretation& result) {
  std::optional<Segment> pid;
  for (size_t i = 1; i < message.size() && result.faults.size() < kMostMerges; ++i) {
    const Segment segment = message[i];
    if (segment.name() == "PID") pid = segment;
    if (segment.name() != "MRG") continue;
    if (!pid) {
      result.faults.push_back({FaultCode::kSegmentSequence, segment.At(0), "PID comes before MRG"});
      continue;
    }
    std::optional<Hl7Patient> patient =
        ReadPatient(message, *pid, sender.own_authorities, result.faults);
    Merge merge;
    merge.prior =
        ReadIdentifiers(message, segment, 1, sender.own_authorities, nullptr, result.faults);
    if (merge.prior.empty()) {
      result.faults.push_back({FaultCode::kRequiredFieldMissing, segment.At(1),
                               "the number that is given up is required"});
    }
    if (patient) {
      merge.surviving = *std::move(patient);
      result.work.merges.push_back(std::move(merge));
    }
    pid.reset();
  }
  if (result.work.merges.empty() && result.faults.empty()) {
    result.faults.push_back({FaultCode::kSegmentSequence, {"MRG", 1}, "a merge needs PID and MRG"});
  }
  if (result.work.merges.size() > kMostMerges) {
    result.faults.push_back(
        {FaultCode::kValueTooLong, {"MRG", 1}, "at most 100 merges in a message"});
  }
}

}  // namespace

Interpretation Interpret(const hl7::Message& message, const Sender& sender) {
  Interpretation result;
  const Segment header = message.header();
  if (const std::optional<hl7::Fault> fault = HeaderFault(header, sender)) {
    const bool content = fault->code == FaultCode::kRequiredFieldMissing;
    result.verdict = content ? Verdict::kError : Verdict::kRejected;
    result.faults.push_back(*fault);
    return result;
  }
  if (header.Text(kType, 1) == "ORU") {
    if (auto results = ReadReports(message, sender.own_authorities, result.faults)) {
      result.work.results = *std::move(results);
    }
  } else if (header.Text(kType, 2) == "A40") {
    ReadMerges(message, sender, result);
  } else {
    ReadRegistration(message, sender, result);
  }
  if (!result.faults.empty()) {
    result.verdict = Verdict::kError;
    result.work = {};
  }
  return result;
}

AckMode ReadAckMode(const std::string& msh15, const std::string& msh16) {
  AckMode mode;
  if (msh15.empty() && msh16.empty()) return mode;
  mode.enhanced = true;
  const auto read = [](const std::string& code) {
    if (code.empty() || code == "NE") return AckMode::When::kNever;
    if (code == "ER") return AckMode::When::kOnError;
    if (code == "SU") return AckMode::When::kOnSuccess;
    return AckMode::When::kAlways;
  };
  mode.accept = read(msh15);
  mode.application = read(msh16);
  return mode;
}

bool IsWanted(AckMode::When when, bool success) {
  switch (when) {
    case AckMode::When::kAlways:
      return true;
    case AckMode::When::kNever:
      return false;
    case AckMode::When::kOnError:
      return !success;
    case AckMode::When::kOnSuccess:
      return success;
  }
  return true;
}

}  // namespace yilian::gateway::inbound
