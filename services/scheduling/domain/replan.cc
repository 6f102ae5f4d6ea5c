#include "services/scheduling/domain/replan.h"

#include <algorithm>

namespace yilian::scheduling {
namespace {

// A session that stayed for its booking is looked at again when the booking may have gone.
constexpr absl::Duration kLookAtConflicts = absl::Hours(1);
// The templates of a region share the first hours of the day, so that holds and releases, whose
// timers come due among theirs, are not kept waiting.
constexpr int kSpreadMinutes = 6 * 60;

// The same for a template every day. The last bytes of its id are random.
absl::Duration PlaceInDay(TemplateId id) {
  const std::string_view bytes = id.uuid().view();
  const int number =
      static_cast<unsigned char>(bytes[14]) << 8 | static_cast<unsigned char>(bytes[15]);
  return absl::Minutes(number % kSpreadMinutes);
}

}  // namespace

Ruling Judge(const std::optional<base::Uuid>& planned, const base::Uuid& shape, bool taken) {
  if (planned == shape) return {Fate::kStays};
  if (!taken) return {Fate::kGoes};
  return {Fate::kConflict, planned ? TemplateConflictKind::kBookedOtherwise
                                   : TemplateConflictKind::kBookedUnplanned};
}

std::optional<absl::Time> NextLook(const SessionTemplate& made, const absl::TimeZone& zone,
                                   const TemplateRules& rules, bool conflicts, absl::Time now) {
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  if (made.plan.effective_until && *made.plan.effective_until < today && !conflicts) {
    return std::nullopt;
  }
  const absl::CivilDay next = std::max(today + 1, made.plan.effective_from - rules.horizon_days);
  const absl::Time look = absl::FromCivil(next, zone) + PlaceInDay(made.id);
  return conflicts ? std::min(look, now + kLookAtConflicts) : look;
}

}  // namespace yilian::scheduling
