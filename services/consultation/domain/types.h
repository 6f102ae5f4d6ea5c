// The words of a consultation: ids, states and codes. Numbers are those of the proto's enums.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/uuid.h"

namespace yilian::consultation {

using ConsultationId = base::Id<struct ConsultationTag>;
using PatientId = base::Id<struct PatientTag>;
using OrganizationId = base::Id<struct OrganizationTag>;
using PractitionerId = base::Id<struct PractitionerTag>;
using ReferralId = base::Id<struct ReferralTag>;
using CentreId = base::Id<struct CentreTag>;

enum class Kind {
  kRemoteConsultation = 1,
  kImagingReading,
  kEcgReading,
  kPathology,
  kTraditionalChineseMedicine
};
enum class Urgency { kRoutine = 1, kUrgent, kEmergency };
enum class State {
  kRequested = 1,
  kAssigned,
  kOpinionDrafted,
  kSigned,
  kAcknowledged,
  kDeclined,
  kCancelled
};
enum class Side { kRequesting, kConsulted };
enum class ReasonCode {
  kNone = 0,
  kInformationMissing,
  kWrongSpecialty,
  kNoCapacity,
  kNotNeeded,
  kPatientDeclined,
  kOther,
};
// Of a second reading.
enum class Verdict { kNone = 0, kAgreement, kMinorDiscrepancy, kMajorDiscrepancy };
enum class DiscrepancyCode {
  kNone = 0,
  kMissed,
  kOvercalled,
  kMisinterpreted,
  kMislocated,
  kUnclear,
  kOther,
};
enum class EvidenceKind { kLabReport = 1, kImagingStudy };
enum class Command {
  kClaim,
  kSaveDraft,
  kSign,
  kAcknowledge,
  kDecline,
  kCancel,
  kRelease,
  kSubmitFirstReading,
  kRecordSecondReading,
};
inline constexpr Command kLastCommand = Command::kRecordSecondReading;

// The name as proto, database and metadata write it: "REQUESTED".
std::string_view Name(Kind kind);
std::string_view Name(State state);
std::string_view Name(Side side);
std::string_view Name(Command command);
std::optional<State> StateFromName(std::string_view name);

// What a reading centre reads: a study, without the patient.
inline bool IsReading(Kind kind) {
  return kind == Kind::kImagingReading || kind == Kind::kEcgReading || kind == Kind::kPathology;
}

inline bool IsTerminal(State state) {
  return state == State::kAcknowledged || state == State::kDeclined || state == State::kCancelled;
}

}  // namespace yilian::consultation
