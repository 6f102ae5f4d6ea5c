#include "services/scheduling/domain/entitlement.h"

namespace yilian::scheduling {

bool MayTake(const Booker& booker, const OrganizationId& consortium, const SeatPool& pool) {
  switch (pool.kind) {
    case PoolKind::kOpen:
      return true;
    case PoolKind::kOrganization:
      return !pool.organization.is_nil() && pool.organization == booker.organization.id;
    case PoolKind::kGreen:
      return booker.green;
    case PoolKind::kConsortium:
      return !consortium.is_nil() && booker.consortium() == consortium;
  }
  return false;
}

std::vector<SeatPool> PoolsToTry(const Booker& booker, const OrganizationId& consortium) {
  std::vector<SeatPool> pools;
  for (const SeatPool& pool :
       {SeatPool{PoolKind::kOrganization, booker.organization.id}, SeatPool{PoolKind::kGreen},
        SeatPool{PoolKind::kConsortium}, SeatPool{PoolKind::kOpen}}) {
    if (MayTake(booker, consortium, pool)) pools.push_back(pool);
  }
  return pools;
}

FreeSeats CountFree(const Booker& booker, const OrganizationId& consortium,
                    const std::vector<PoolCount>& pools) {
  FreeSeats count;
  for (const PoolCount& pool : pools) {
    (MayTake(booker, consortium, pool.pool) ? count.mine : count.reserved_elsewhere) += pool.free;
  }
  return count;
}

}  // namespace yilian::scheduling
