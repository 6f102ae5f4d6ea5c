#include "services/consultation/domain/types.h"

#include "common/base/name_table.h"

namespace yilian::consultation {
namespace {

constexpr auto kKinds = base::Names<Kind>({
    {Kind::kRemoteConsultation, "REMOTE_CONSULTATION"},
    {Kind::kImagingReading, "IMAGING_READING"},
    {Kind::kEcgReading, "ECG_READING"},
    {Kind::kPathology, "PATHOLOGY"},
    {Kind::kTraditionalChineseMedicine, "TRADITIONAL_CHINESE_MEDICINE"},
});

constexpr auto kStates = base::Names<State>({
    {State::kRequested, "REQUESTED"},
    {State::kAssigned, "ASSIGNED"},
    {State::kOpinionDrafted, "OPINION_DRAFTED"},
    {State::kSigned, "SIGNED"},
    {State::kAcknowledged, "ACKNOWLEDGED"},
    {State::kDeclined, "DECLINED"},
    {State::kCancelled, "CANCELLED"},
});

constexpr auto kCommands = base::Names<Command>({
    {Command::kClaim, "CLAIM"},
    {Command::kSaveDraft, "SAVE_DRAFT"},
    {Command::kSign, "SIGN"},
    {Command::kAcknowledge, "ACKNOWLEDGE"},
    {Command::kDecline, "DECLINE"},
    {Command::kCancel, "CANCEL"},
    {Command::kRelease, "RELEASE"},
    {Command::kSubmitFirstReading, "SUBMIT_FIRST_READING"},
    {Command::kRecordSecondReading, "RECORD_SECOND_READING"},
});

}  // namespace

std::string_view Name(Kind kind) { return kKinds.NameOf(kind); }
std::string_view Name(State state) { return kStates.NameOf(state); }
std::string_view Name(Command command) { return kCommands.NameOf(command); }
std::string_view Name(Side side) { return side == Side::kRequesting ? "REQUESTING" : "CONSULTED"; }
std::optional<State> StateFromName(std::string_view name) { return kStates.ValueOf(name); }

}  // namespace yilian::consultation
