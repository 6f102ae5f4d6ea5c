#include "common/base/repeated.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace yilian::base {

struct Repeated::State {
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::thread thread;
};

Repeated::Repeated(absl::Duration interval, Work work) : state_(std::make_unique<State>()) {
  state_->thread = std::thread([state = state_.get(), interval, work = std::move(work)] {
    const auto stopping = [state] {
      std::lock_guard lock(state->mutex);
      return state->stopping;
    };
    std::unique_lock lock(state->mutex);
    while (!state->wake.wait_for(lock, absl::ToChronoNanoseconds(interval),
                                 [state] { return state->stopping; })) {
      lock.unlock();
      work(stopping);
      lock.lock();
    }
  });
}

Repeated::~Repeated() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->thread.join();
}

}  // namespace yilian::base
