#include "common/audit/metrics.h"

namespace yilian::audit {

void CountBatch(int64_t) {}
void SetQueued(int64_t) {}
void CountLinked(int64_t) {}
void SetChainLag(double) {}

}  // namespace yilian::audit
