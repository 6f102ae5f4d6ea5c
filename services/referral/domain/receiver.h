// Who may refer to whom: the rules of the three directions, by tier and consortium.
#pragma once

#include <string_view>

#include "services/referral/domain/errors.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// What the rules look at, as the directory tells.
struct Organization {
  OrganizationId id;
  Tier tier = Tier::kUnknown;
  OrganizationId consortium;  // nil: in none
};

// How far an organization can treat: village clinic 1, community centre and township hospital 2,
// secondary hospital 3, tertiary hospital 4; 0 for one that treats nobody.
int CareLevel(Tier tier);

// A violation unless the receiver treats patients and is in the referrer's consortium, or
// `across_consortia`.
errors::Violations CheckConsortium(const Organization& referrer, const Organization& receiver,
                                   bool across_consortia, std::string_view field);

// Up leads to a higher level, down to a lower one, lateral stays on it; within the consortium
// unless `across_consortia`. `field`: the receiver's, as the caller named it.
errors::Violations CheckReceiver(Direction direction, const Organization& referrer,
                                 const Organization& receiver, bool across_consortia,
                                 std::string_view field);

}  // namespace yilian::referral
