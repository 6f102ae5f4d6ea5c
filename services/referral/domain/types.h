// The words of a referral: ids, states, commands and codes, as the glossary has them.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/uuid.h"

namespace yilian::referral {

using ReferralId = base::Id<struct ReferralTag>;
using PatientId = base::Id<struct PatientTag>;
using OrganizationId = base::Id<struct OrganizationTag>;
using DepartmentId = base::Id<struct DepartmentTag>;
using PractitionerId = base::Id<struct PractitionerTag>;
using BookingId = base::Id<struct BookingTag>;
using SessionId = base::Id<struct SessionTag>;
using TaskId = base::Id<struct TaskTag>;

// Numbers are those of the proto's enums, so that rpc/convert is a cast; a test compares them.
enum class Direction { kUp = 1, kDown, kLateral };
enum class Channel { kStandard = 1, kGreen };
enum class Setting { kOutpatient = 1, kInpatient, kEmergency, kExamination };
enum class Urgency { kRoutine = 1, kUrgent, kEmergency };
enum class State {
  kDraft = 1,
  kSubmitted,
  kReturned,
  kAccepted,
  kSlotHeld,
  kScheduled,
  kArrived,
  kInCare,
  kCompleted,
  kRejected,
  kCancelled,
  kNoShow,
};
enum class Command {
  kSubmit = 1,
  kReturn,
  kAccept,
  kReject,
  kSchedule,
  kArrive,
  kBeginCare,
  kComplete,
  kWithdraw,
  kMarkNoShow,
  kRecordFollowUp,
  kRate,
  kRedirect,
  kReschedule,
  kRequestCancellation,
  kConfirmCancellation,
  kRefuseCancellation,
  kRescheduleFollowUp,
  kRecordPatientRating,
  kRecordClosingContact,
  kEndStay,
  kContinueStay,
};
inline constexpr int kLastCommand = static_cast<int>(Command::kContinueStay);
// kPrevious: the first receiver, who stays responsible while a redirect waits for its answer
// (首接首办). kRegion: the health authority that an escalation was addressed to.
enum class Side { kReferring = 1, kReceiving, kPrevious, kRegion };
enum class ReasonCode {
  kNone = 0,
  kInformationMissing,
  kWrongDepartment,
  kBeyondCapability,
  kNoCapacity,
  kTreatableLocally,
  kPatientDeclined,
  kConditionChanged,
  kSentByMistake,
  kOther,
  kReplaced,
  kDischargeCancelled,
};
enum class CitationKind { kLabReport = 1, kImagingStudy, kOpinion };
// What became of a visit, as `scheduling` is told; numbers are those of its BookingState.
enum class VisitState { kCheckedIn = 3, kDone = 4, kNoShow = 5 };
enum class TaskState { kOpen = 1, kDone, kOverdue };
// Why no seat could be had.
enum class BookingFailure {
  kNone = 0,
  kNoSeat,
  kPatientOverlap,
  kSessionClosed,
  kReferralBooked,
  kNotFound,
  kNotPermitted,
  kOther,
};
enum class Respondent { kPatient = 1, kFamilyMember, kGuardian };
enum class Satisfaction { kNone = 0, kSatisfied, kDissatisfied };
// Whose turn a running clock measures.
enum class ClockKind {
  kNone = 0,
  kFirstResponse,
  kAcknowledgement,
  kReturnAnswer,
  kRebooking,
  kOutcomeLetter,
  kCancellationAnswer,
  kDischargeSummary = 8,  // 7 is a follow-up's, which has no clock of the referral
};
// What a referral was made from.
enum class SourceKind { kOpinion = 1, kEpisode, kAdvice };
// Of an organization, as the directory numbers them.
enum class Tier {
  kUnknown = 0,
  kHealthAuthority,
  kTertiaryHospital,
  kSecondaryHospital,
  kCommunityCentre,
  kTownshipHospital,
  kVillageClinic,
  kLaboratory,
  kDiseaseControl,
};

// The name as proto, database and metadata write it: "SUBMITTED".
std::string_view Name(State state);
std::string_view Name(Command command);
std::string_view Name(Side side);
std::string_view Name(Tier tier);
std::optional<State> StateFromName(std::string_view name);

// A state that nothing leaves.
inline bool IsTerminal(State state) {
  return state == State::kCompleted || state == State::kRejected || state == State::kCancelled;
}

}  // namespace yilian::referral
