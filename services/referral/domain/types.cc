#include "services/referral/domain/types.h"

#include "common/base/name_table.h"

namespace yilian::referral {
namespace {

constexpr auto kStates = base::Names<State>({
    {State::kDraft, "DRAFT"},
    {State::kSubmitted, "SUBMITTED"},
    {State::kReturned, "RETURNED"},
    {State::kAccepted, "ACCEPTED"},
    {State::kSlotHeld, "SLOT_HELD"},
    {State::kScheduled, "SCHEDULED"},
    {State::kArrived, "ARRIVED"},
    {State::kInCare, "IN_CARE"},
    {State::kCompleted, "COMPLETED"},
    {State::kRejected, "REJECTED"},
    {State::kCancelled, "CANCELLED"},
    {State::kNoShow, "NO_SHOW"},
});

constexpr auto kCommands = base::Names<Command>({
    {Command::kSubmit, "SUBMIT"},
    {Command::kReturn, "RETURN"},
    {Command::kAccept, "ACCEPT"},
    {Command::kReject, "REJECT"},
    {Command::kSchedule, "SCHEDULE"},
    {Command::kArrive, "ARRIVE"},
    {Command::kBeginCare, "BEGIN_CARE"},
    {Command::kComplete, "COMPLETE"},
    {Command::kWithdraw, "WITHDRAW"},
    {Command::kMarkNoShow, "MARK_NO_SHOW"},
    {Command::kRecordFollowUp, "RECORD_FOLLOW_UP"},
    {Command::kRate, "RATE"},
    {Command::kRedirect, "REDIRECT"},
    {Command::kReschedule, "RESCHEDULE"},
    {Command::kRequestCancellation, "REQUEST_CANCELLATION"},
    {Command::kConfirmCancellation, "CONFIRM_CANCELLATION"},
    {Command::kRefuseCancellation, "REFUSE_CANCELLATION"},
    {Command::kRescheduleFollowUp, "RESCHEDULE_FOLLOW_UP"},
    {Command::kRecordPatientRating, "RECORD_PATIENT_RATING"},
    {Command::kRecordClosingContact, "RECORD_CLOSING_CONTACT"},
    {Command::kEndStay, "END_STAY"},
    {Command::kContinueStay, "CONTINUE_STAY"},
});

constexpr auto kSides = base::Names<Side>({
    {Side::kReferring, "REFERRING"},
    {Side::kReceiving, "RECEIVING"},
    {Side::kPrevious, "PREVIOUS"},
    {Side::kRegion, "REGION"},
});

constexpr auto kTiers = base::Names<Tier>({
    {Tier::kUnknown, "UNKNOWN"},
    {Tier::kHealthAuthority, "HEALTH_AUTHORITY"},
    {Tier::kTertiaryHospital, "TERTIARY_HOSPITAL"},
    {Tier::kSecondaryHospital, "SECONDARY_HOSPITAL"},
    {Tier::kCommunityCentre, "COMMUNITY_CENTRE"},
    {Tier::kTownshipHospital, "TOWNSHIP_HOSPITAL"},
    {Tier::kVillageClinic, "VILLAGE_CLINIC"},
    {Tier::kLaboratory, "LABORATORY"},
    {Tier::kDiseaseControl, "DISEASE_CONTROL"},
});

}  // namespace

std::string_view Name(State state) { return kStates.NameOf(state); }
std::string_view Name(Command command) { return kCommands.NameOf(command); }
std::string_view Name(Side side) { return kSides.NameOf(side); }
std::string_view Name(Tier tier) { return kTiers.NameOf(tier); }
std::optional<State> StateFromName(std::string_view name) { return kStates.ValueOf(name); }

}  // namespace yilian::referral
