#include "common/saga/metrics.h"

namespace yilian::saga {

void CountStep(std::string_view) {}
void CountStepRetry(std::string_view) {}
void CountUnexpected(std::string_view) {}
void CountFenced(std::string_view) {}
void CountTimer(std::string_view) {}
void CountTimerRetry(std::string_view) {}
void CountTimerStuck(std::string_view) {}

}  // namespace yilian::saga
