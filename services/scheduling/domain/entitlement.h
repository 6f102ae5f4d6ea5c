// Who may take which seats: the one predicate behind HoldSeat, SearchSessions and the count of free
// seats. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// An organization as the local projection of the directory knows it; unknown ones have tier
// kUnknown.
struct Organization {
  OrganizationId id;
  Tier tier = Tier::kUnknown;
  OrganizationId consortium;  // its lead hospital; nil: in none
};

// For whom a seat is sought.
struct Booker {
  Organization organization;
  bool green = false;  // a green-channel referral, by a service

  // The consortium whose reserve the booker may take; nil: none.
  OrganizationId consortium() const {
    return IsGrassRoots(organization.tier) ? organization.consortium : OrganizationId();
  }
};

// Free and other seats of one pool of a session.
struct PoolCount {
  SeatPool pool;
  int64_t seats = 0;
  int64_t free = 0;
};

// `consortium`: of the organization that offers the session.
bool MayTake(const Booker& booker, const OrganizationId& consortium, const SeatPool& pool);

// The pools to try, the narrowest reserve first, so that wider ones last for those who have no
// other.
std::vector<SeatPool> PoolsToTry(const Booker& booker, const OrganizationId& consortium);

struct FreeSeats {
  int64_t mine = 0;
  int64_t reserved_elsewhere = 0;
};
FreeSeats CountFree(const Booker& booker, const OrganizationId& consortium,
                    const std::vector<PoolCount>& pools);

}  // namespace yilian::scheduling
