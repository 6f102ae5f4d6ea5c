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

constexpr auto kWaitListStates = base::Names<WaitListState>({
    {WaitListState::kWaiting, "WAITING"},
    {WaitListState::kOffered, "OFFERED"},
    {WaitListState::kBooked, "BOOKED"},
    {WaitListState::kLeft, "LEFT"},
    {WaitListState::kLapsed, "LAPSED"},
});

constexpr auto kResourceKinds = base::Names<ResourceKind>({
    {ResourceKind::kRoom, "ROOM"},
    {ResourceKind::kDevice, "DEVICE"},
});

constexpr auto kAgeUnits = base::Names<AgeUnit>({
    {AgeUnit::kDays, "DAYS"},
    {AgeUnit::kYears, "YEARS"},
});

constexpr auto kPatientSexes = base::Names<PatientSex>({
    {PatientSex::kMale, "MALE"},
    {PatientSex::kFemale, "FEMALE"},
});

constexpr auto kTemplateConflictKinds = base::Names<TemplateConflictKind>({
    {TemplateConflictKind::kBookedOtherwise, "BOOKED_OTHERWISE"},
    {TemplateConflictKind::kBookedUnplanned, "BOOKED_UNPLANNED"},
    {TemplateConflictKind::kExpertBusy, "EXPERT_BUSY"},
    {TemplateConflictKind::kResourceBusy, "RESOURCE_BUSY"},
    {TemplateConflictKind::kTimeNotOnClock, "TIME_NOT_ON_CLOCK"},
});

}  // namespace

std::string_view Name(SessionKind kind) { return kSessionKinds.NameOf(kind); }
std::string_view Name(PoolKind kind) { return kPoolKinds.NameOf(kind); }
std::string_view Name(BookingState state) { return kBookingStates.NameOf(state); }
std::string_view Name(ResourceKind kind) { return kResourceKinds.NameOf(kind); }
std::string_view Name(WaitListState state) { return kWaitListStates.NameOf(state); }
std::string_view Name(AgeUnit unit) { return kAgeUnits.NameOf(unit); }
std::string_view Name(PatientSex sex) { return kPatientSexes.NameOf(sex); }
std::string_view Name(TemplateConflictKind kind) { return kTemplateConflictKinds.NameOf(kind); }

std::optional<SessionKind> SessionKindFromName(std::string_view name) {
  return kSessionKinds.ValueOf(name);
}
std::optional<PoolKind> PoolKindFromName(std::string_view name) { return kPoolKinds.ValueOf(name); }
std::optional<BookingState> BookingStateFromName(std::string_view name) {
  return kBookingStates.ValueOf(name);
}
std::optional<WaitListState> WaitListStateFromName(std::string_view name) {
  return kWaitListStates.ValueOf(name);
}
std::optional<ResourceKind> ResourceKindFromName(std::string_view name) {
  return kResourceKinds.ValueOf(name);
}
std::optional<AgeUnit> AgeUnitFromName(std::string_view name) { return kAgeUnits.ValueOf(name); }
std::optional<PatientSex> PatientSexFromName(std::string_view name) {
  return kPatientSexes.ValueOf(name);
}
std::optional<TemplateConflictKind> TemplateConflictKindFromName(std::string_view name) {
  return kTemplateConflictKinds.ValueOf(name);
}

}  // namespace yilian::scheduling
