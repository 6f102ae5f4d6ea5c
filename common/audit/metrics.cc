#include "common/audit/metrics.h"

#include "common/observe/metrics.h"

namespace yilian::audit {

using observe::Counter;
using observe::Gauge;
using observe::Metrics;

void CountBatch(int64_t records) {
  static Counter& batches = Metrics::Process().GetCounter("yilian_audit_read_batches_total",
                                                          "Commits of audit records of reads.");
  static Counter& all =
      Metrics::Process().GetCounter("yilian_audit_read_records_total", "Audit records of reads.");
  batches.Increment();
  all.Increment(static_cast<uint64_t>(records));
}

void SetQueued(int64_t records) {
  static Gauge& gauge = Metrics::Process().GetGauge(
      "yilian_audit_read_queue", "Audit records of reads that wait for the next commit.");
  gauge.Set(static_cast<double>(records));
}

void CountLinked(int64_t records) {
  static Counter& counter = Metrics::Process().GetCounter(
      "yilian_audit_linked_total", "Audit records that this replica linked into the chain.");
  counter.Increment(static_cast<uint64_t>(records));
}

void SetChainLag(double seconds) {
  static Gauge& gauge = Metrics::Process().GetGauge(
      "yilian_audit_chain_lag_seconds", "Age of the oldest audit record not yet linked.");
  gauge.Set(seconds);
}

}  // namespace yilian::audit
