// What the outbox shows on the metrics page.
#pragma once

#include <cstdint>
#include <string_view>

namespace yilian::outbox {

void SetBacklog(int64_t events);     // yilian_outbox_backlog, at most 1000
void CountNumbered(int64_t events);  // yilian_outbox_numbered_total
void CountApplied(std::string_view consumer, int64_t events);  // yilian_consumer_applied_total
void CountRetry(std::string_view consumer);                    // yilian_consumer_retries_total
void CountDeadLetter(std::string_view consumer);               // yilian_consumer_dead_letters_total
void SetCursor(std::string_view consumer, int64_t position);   // yilian_consumer_cursor
void SetStreams(int64_t streams);                              // yilian_event_streams

}  // namespace yilian::outbox
