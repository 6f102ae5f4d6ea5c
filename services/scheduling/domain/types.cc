#include "services/scheduling/domain/types.h"

#include "common/base/name_table.h"

namespace yilian::scheduling {
namespace {

constexpr auto kSessionKinds = base::Names<SessionKind>({
    {SessionKind::kOutpatient, "OUTPATIENT"},
    {SessionKind::kOutreach, "OUTREACH"},
    {SessionKind::kRemote, "REMOTE"},
    {SessionKind::kDevice, "DEVICE"},
    {SessionKind::kBed, "BED"},
});

constexpr auto kPoolKinds = base::Names<PoolKind>({
    {PoolKind::kOpen, "OPEN"},
    {PoolKind::kConsortium, "CONSORTIUM"},
    {PoolKind::kOrganization, "ORGANIZATION"},
    {PoolKind::kGreen, "GREEN"},
});

constexpr auto kBookingStates = base::Names<BookingState>({
    {BookingState::kHeld, "HELD"},
    {BookingState::kBooked, "BOOKED"},
    {BookingState::kCheckedIn, "CHECKED_IN"},
    {BookingState::kDone, "DONE"},
    {BookingState::kNoShow, "NO_SHOW"},
    {BookingState::kCancelled, "CANCELLED"},
    {BookingState::kExpired, "EXPIRED"},
});

}  // namespace

std::string_view Name(SessionKind kind) { return kSessionKinds.NameOf(kind); }
std::string_view Name(PoolKind kind) { return kPoolKinds.NameOf(kind); }
std::string_view Name(BookingState state) { return kBookingStates.NameOf(state); }

std::optional<SessionKind> SessionKindFromName(std::string_view name) {
  return kSessionKinds.ValueOf(name);
}
std::optional<PoolKind> PoolKindFromName(std::string_view name) { return kPoolKinds.ValueOf(name); }
std::optional<BookingState> BookingStateFromName(std::string_view name) {
  return kBookingStates.ValueOf(name);
}

}  // namespace yilian::scheduling
