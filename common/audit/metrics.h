// What the audit trail shows on the metrics page.
#pragma once

#include <cstdint>

namespace yilian::audit {

void CountBatch(
    int64_t records);  // yilian_audit_read_batches_total, yilian_audit_read_records_total
void SetQueued(int64_t records);    // yilian_audit_read_queue
void CountLinked(int64_t records);  // yilian_audit_linked_total
void SetChainLag(
    double seconds);  // yilian_audit_chain_lag_seconds: age of the oldest record not yet linked

}  // namespace yilian::audit
