#include "common/outbox/metrics.h"

namespace yilian::outbox {

void CountNumbered(int64_t) {}
void CountApplied(std::string_view, int64_t) {}
void CountRetry(std::string_view) {}
void CountDeadLetter(std::string_view) {}
void SetCursor(std::string_view, int64_t) {}
void SetStreams(int64_t) {}

}  // namespace yilian::outbox
