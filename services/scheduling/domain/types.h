// The words of scheduling: ids, kinds and states, as the glossary has them.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/uuid.h"

namespace yilian::scheduling {

using SessionId = base::Id<struct SessionTag>;
using BookingId = base::Id<struct BookingTag>;
using PatientId = base::Id<struct PatientTag>;
using OrganizationId = base::Id<struct OrganizationTag>;
using DepartmentId = base::Id<struct DepartmentTag>;
using PractitionerId = base::Id<struct PractitionerTag>;
using ReferralId = base::Id<struct ReferralTag>;
using TemplateId = base::Id<struct TemplateTag>;
using AbsenceId = base::Id<struct AbsenceTag>;
using WaitListEntryId = base::Id<struct WaitListEntryTag>;
using RotaId = base::Id<struct RotaTag>;
using CalendarLinkId = base::Id<struct CalendarLinkTag>;
using UserId = base::Id<struct UserTag>;

// Numbers are those of the proto's enums, so that rpc/convert is a cast; a test compares them.
enum class SessionKind { kOutpatient = 1, kOutreach, kRemote, kDevice, kBed };
enum class ResourceKind { kNone = 0, kRoom, kDevice };
enum class TemplateConflictKind {
  kBookedOtherwise = 1,
  kBookedUnplanned,
  kExpertBusy,
  kResourceBusy,
  kTimeNotOnClock,
};
enum class AgeUnit { kDays = 1, kYears };
enum class PatientSex { kAny = 0, kMale, kFemale };
enum class PoolKind { kOpen = 1, kConsortium, kOrganization, kGreen };
enum class BookingState { kHeld = 1, kBooked, kCheckedIn, kDone, kNoShow, kCancelled, kExpired };
enum class WaitListState { kWaiting = 1, kOffered, kBooked, kLeft, kLapsed };
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

// Names as proto, database and metadata write them: "CHECKED_IN".
std::string_view Name(SessionKind kind);
std::string_view Name(PoolKind kind);
std::string_view Name(BookingState state);
std::string_view Name(ResourceKind kind);  // "" for kNone
std::string_view Name(WaitListState state);
std::string_view Name(AgeUnit unit);
std::string_view Name(PatientSex sex);  // "" for kAny
std::string_view Name(TemplateConflictKind kind);
std::optional<SessionKind> SessionKindFromName(std::string_view name);
std::optional<PoolKind> PoolKindFromName(std::string_view name);
std::optional<BookingState> BookingStateFromName(std::string_view name);
std::optional<WaitListState> WaitListStateFromName(std::string_view name);
std::optional<ResourceKind> ResourceKindFromName(std::string_view name);
std::optional<AgeUnit> AgeUnitFromName(std::string_view name);
std::optional<PatientSex> PatientSexFromName(std::string_view name);
std::optional<TemplateConflictKind> TemplateConflictKindFromName(std::string_view name);

// 基层: what the consortium's reserve is kept for.
constexpr bool IsGrassRoots(Tier tier) {
  return tier == Tier::kCommunityCentre || tier == Tier::kTownshipHospital ||
         tier == Tier::kVillageClinic;
}

// The patient's time is spoken for.
constexpr bool IsLive(BookingState state) {
  return state == BookingState::kHeld || state == BookingState::kBooked ||
         state == BookingState::kCheckedIn;
}

// The patient is still on the list.
constexpr bool IsLive(WaitListState state) {
  return state == WaitListState::kWaiting || state == WaitListState::kOffered;
}

// The seat is spoken for: also after the visit.
constexpr bool TakesSeat(BookingState state) {
  return state != BookingState::kCancelled && state != BookingState::kExpired;
}

}  // namespace yilian::scheduling
