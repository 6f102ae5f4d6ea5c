#include "common/base/clock.h"

namespace yilian::base {
namespace {
class MachineClock : public Clock {
 public:
  absl::Time Now() const override {
    return absl::FromUnixMicros(absl::GetCurrentTimeNanos() / 1000);
  }
};
}  // namespace

const Clock& SystemClock() {
  static const MachineClock clock;
  return clock;
}

}  // namespace yilian::base
