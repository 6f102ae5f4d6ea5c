#include "services/scheduling/domain/types.h"

#include <array>
#include <utility>

namespace yilian::scheduling {
namespace {

constexpr std::array<std::pair<SessionKind, std::string_view>, 5> kSessionKinds = {{
    {SessionKind::kOutpatient, "OUTPATIENT"},
    {SessionKind::kOutreach, "OUTREACH"},
    {SessionKind::kRemote, "REMOTE"},
    {SessionKind::kDevice, "DEVICE"},
    {SessionKind::kBed, "BED"},
}};

constexpr std::array<std::pair<PoolKind, std::string_view>, 4> kPoolKinds = {{
    {PoolKind::kOpen, "OPEN"},
    {PoolKind::kConsortium, "CONSORTIUM"},
    {PoolKind::kOrganization, "ORGANIZATION"},
    {PoolKind::kGreen, "GREEN"},
}};

constexpr std::array<std::pair<BookingState, std::string_view>, 7> kBookingStates = {{
    {BookingState::kHeld, "HELD"},
    {BookingState::kBooked, "BOOKED"},
    {BookingState::kCheckedIn, "CHECKED_IN"},
    {BookingState::kDone, "DONE"},
    {BookingState::kNoShow, "NO_SHOW"},
    {BookingState::kCancelled, "CANCELLED"},
    {BookingState::kExpired, "EXPIRED"},
}};

template <typename Table, typename Value>
std::string_view NameIn(const Table& table, Value wanted) {
  for (const auto& [value, name] : table) {
    if (value == wanted) return name;
  }
  return "";
}

template <typename Value, size_t Size>
std::optional<Value> ValueIn(const std::array<std::pair<Value, std::string_view>, Size>& table,
                             std::string_view wanted) {
  for (const auto& [value, name] : table) {
    if (name == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view Name(SessionKind kind) { return NameIn(kSessionKinds, kind); }
std::string_view Name(PoolKind kind) { return NameIn(kPoolKinds, kind); }
std::string_view Name(BookingState state) { return NameIn(kBookingStates, state); }

std::optional<SessionKind> SessionKindFromName(std::string_view name) {
  return ValueIn(kSessionKinds, name);
}
std::optional<PoolKind> PoolKindFromName(std::string_view name) {
  return ValueIn(kPoolKinds, name);
}
std::optional<BookingState> BookingStateFromName(std::string_view name) {
  return ValueIn(kBookingStates, name);
}

}  // namespace yilian::scheduling
