#include "services/referral/domain/receiver.h"

#include <fmt/format.h>

namespace yilian::referral {
namespace {

std::string_view Allowed(Direction direction) {
  switch (direction) {
    case Direction::kUp:
      return "UP leads to a higher level of care";
    case Direction::kDown:
      return "DOWN leads to a lower level of care";
    case Direction::kLateral:
      return "LATERAL stays on the same level of care";
  }
  return "";
}

bool Fits(Direction direction, int from, int to) {
  return direction == Direction::kUp     ? to > from
         : direction == Direction::kDown ? to < from
                                         : to == from;
}

}  // namespace

int CareLevel(Tier tier) {
  switch (tier) {
    case Tier::kVillageClinic:
      return 1;
    case Tier::kCommunityCentre:
    case Tier::kTownshipHospital:
      return 2;
    case Tier::kSecondaryHospital:
      return 3;
    case Tier::kTertiaryHospital:
      return 4;
    default:
      return 0;
  }
}

errors::Violations CheckConsortium(const Organization& referrer, const Organization& receiver,
                                   bool across_consortia, std::string_view field) {
  errors::Violations violations;
  if (CareLevel(receiver.tier) == 0) {
    violations.emplace_back(
        field, fmt::format("names an organization that treats patients; this one is a {}",
                           Name(receiver.tier)));
    return violations;
  }
  if (!across_consortia && (receiver.consortium.is_nil() || referrer.consortium.is_nil() ||
                            receiver.consortium != referrer.consortium)) {
    violations.emplace_back(field, "names a member of the referrer's consortium");
  }
  return violations;
}

errors::Violations CheckReceiver(Direction direction, const Organization& referrer,
                                 const Organization& receiver, bool across_consortia,
                                 std::string_view field) {
  errors::Violations violations = CheckConsortium(referrer, receiver, across_consortia, field);
  if (CareLevel(receiver.tier) == 0) return violations;
  if (!Fits(direction, CareLevel(referrer.tier), CareLevel(receiver.tier))) {
    violations.emplace_back(
        "direction", fmt::format("{}; the referrer is a {}, the receiver a {}", Allowed(direction),
                                 Name(referrer.tier), Name(receiver.tier)));
  }
  return violations;
}

}  // namespace yilian::referral
