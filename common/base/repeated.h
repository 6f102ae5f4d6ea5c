// Work of a service that comes round: pruning, a second look.
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"

namespace yilian::base {

// Calls `work` every `interval`, for the first time after one, on a thread of its own, until it is
// destroyed; the destructor waits for a call that runs. The owner makes it the last of what `work`
// uses, so that it ends first. `work` does not throw. Long work asks `stopping` between two steps.
class Repeated {
 public:
  using Work = std::function<void(const std::function<bool()>& stopping)>;
  Repeated(absl::Duration interval, Work work);
  ~Repeated();
  Repeated(const Repeated&) = delete;
  Repeated& operator=(const Repeated&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace yilian::base
