#include "common/outbox/metrics.h"

#include <string>

#include "common/observe/metrics.h"

namespace yilian::outbox {
namespace {

using observe::Counter;
using observe::Gauge;
using observe::Metrics;

observe::Labels OfConsumer(std::string_view consumer) {
  return {{"consumer", std::string(consumer)}};
}

}  // namespace

void SetBacklog(int64_t events) {
  static Gauge& gauge = Metrics::Process().GetGauge(
      "yilian_outbox_backlog",
      "Committed events that had no position at the last look, at most 1000.");
  gauge.Set(static_cast<double>(events));
}

void CountNumbered(int64_t events) {
  static Counter& counter = Metrics::Process().GetCounter(
      "yilian_outbox_numbered_total", "Events that this replica gave a position.");
  counter.Increment(static_cast<uint64_t>(events));
}

void CountApplied(std::string_view consumer, int64_t events) {
  Metrics::Process()
      .GetCounter("yilian_consumer_applied_total", "Events whose effect this replica committed.",
                  OfConsumer(consumer))
      .Increment(static_cast<uint64_t>(events));
}

void CountRetry(std::string_view consumer) {
  Metrics::Process()
      .GetCounter("yilian_consumer_retries_total", "Failed attempts at an event.",
                  OfConsumer(consumer))
      .Increment();
}

void CountDeadLetter(std::string_view consumer) {
  Metrics::Process()
      .GetCounter("yilian_consumer_dead_letters_total",
                  "Events given up on, parked for an operator. Alarm on any increase.",
                  OfConsumer(consumer))
      .Increment();
}

void SetCursor(std::string_view consumer, int64_t position) {
  Metrics::Process()
      .GetGauge("yilian_consumer_cursor", "Position up to which events are applied.",
                OfConsumer(consumer))
      .Set(static_cast<double>(position));
}

void SetStreams(int64_t streams) {
  static Gauge& gauge =
      Metrics::Process().GetGauge("yilian_event_streams", "Subscribers connected to this replica.");
  gauge.Set(static_cast<double>(streams));
}

}  // namespace yilian::outbox
