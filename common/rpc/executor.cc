#include "common/rpc/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/status/error.h"

namespace yilian::rpc {
namespace {

// Each finished call moves the average by a sixteenth: some tens of calls follow a change of load.
constexpr double kSmoothing = 1.0 / 16;
constexpr absl::Duration kLeastRetry = absl::Milliseconds(10);
constexpr absl::Duration kLongestRetry = absl::Seconds(5);

int Index(Lane lane) { return lane == Lane::kPriority ? 1 : 0; }

// Spread over half the delay again, so that refused callers do not return together.
absl::Status Overloaded(absl::Duration wait) {
  static thread_local absl::InsecureBitGen random;
  const absl::Duration base = std::clamp(wait, kLeastRetry, kLongestRetry);
  const absl::Duration delay = base * absl::Uniform(random, 1.0, 1.5);
  return status::Error(absl::StatusCode::kResourceExhausted, "yilian", "OVERLOADED")
      .Message("the service is busy; try again after the delay given")
      .Chinese("服务繁忙，请稍后重试")
      .RetryAfter(delay);
}

}  // namespace

Executor::Executor(const Options& options) : options_(options) {
  for (int i = 0; i < std::max(1, options_.threads); ++i) {
    threads_.emplace_back([this] { Loop(false); });
  }
  for (int i = 0; i < options_.priority_threads; ++i) {
    threads_.emplace_back([this] { Loop(true); });
  }
}

Executor::~Executor() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ordinary_ready_.notify_all();
  priority_ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

absl::Duration Executor::Wait(Lane lane) const {
  const bool priority = lane == Lane::kPriority;
  const int waiting = static_cast<int>(priority_.size() + (priority ? 0 : ordinary_.size()));
  // A thread stays counted as idle until it has woken up; what is queued already belongs to it.
  if (idle_ + (priority ? priority_idle_ : 0) > waiting) return absl::ZeroDuration();
  // Ordinary work also waits for the priority work that the shared threads take first.
  const double ahead = priority
                           ? priority_.size() * service_ns_[1]
                           : ordinary_.size() * service_ns_[0] + priority_.size() * service_ns_[1];
  const int workers = std::max(1, options_.threads) + (priority ? options_.priority_threads : 0);
  return absl::Nanoseconds((ahead + service_ns_[Index(lane)]) / workers);
}

absl::Status Executor::Submit(Lane lane, absl::Time deadline, Task* task) {
  std::unique_lock lock(mutex_);
  const absl::Duration wait = Wait(lane);
  // What an idle thread is about to take does not wait.
  const int takers = idle_ + (lane == Lane::kPriority ? priority_idle_ : 0);
  const bool full = static_cast<int>(queue(lane).size()) >= options_.queue_length + takers;
  // The way back takes time too, and the next calls may be slower than the last: half as much again
  // is kept in hand. A free thread always gets work; that is what keeps the average honest after a
  // slow spell.
  const absl::Duration needed = (wait + absl::Nanoseconds(service_ns_[Index(lane)])) * 1.5;
  const bool late = wait > absl::ZeroDuration() && absl::Now() + needed > deadline;
  if (full || late || stopping_) {
    lock.unlock();
    return Overloaded(wait);
  }
  Enqueue(lane, Item{task, nullptr, deadline});
  return absl::OkStatus();
}

void Executor::Post(Lane lane, std::function<void()> work) {
  std::unique_lock lock(mutex_);
  Enqueue(lane, Item{nullptr, std::move(work), absl::InfiniteFuture()});
}

void Executor::Enqueue(Lane lane, Item item) {
  queue(lane).push_back(std::move(item));
  if (lane == Lane::kPriority && priority_idle_ >= static_cast<int>(priority_.size())) {
    priority_ready_.notify_one();
  } else if (idle_ > 0) {
    ordinary_ready_.notify_one();
  }
}

bool Executor::Next(bool priority_only, std::unique_lock<std::mutex>& lock, Item* item,
                    Lane* lane) {
  std::condition_variable& ready = priority_only ? priority_ready_ : ordinary_ready_;
  int& idle = priority_only ? priority_idle_ : idle_;
  while (priority_.empty() && (priority_only || ordinary_.empty())) {
    if (stopping_) return false;
    ++idle;
    ready.wait(lock);
    --idle;
  }
  *lane = priority_.empty() ? Lane::kOrdinary : Lane::kPriority;
  *item = std::move(queue(*lane).front());
  queue(*lane).pop_front();
  return true;
}

void Executor::Loop(bool priority_only) {
  std::unique_lock lock(mutex_);
  Item item;
  Lane lane;
  while (Next(priority_only, lock, &item, &lane)) {
    const int index = Index(lane);
    ++running_[index];
    lock.unlock();
    const absl::Time start = absl::Now();
    const bool late = item.deadline <= start;
    if (item.task == nullptr) {
      item.work();
      item.work = nullptr;
    } else if (late) {
      item.task->Drop();
    } else {
      item.task->Run();
    }
    const double took = absl::ToDoubleNanoseconds(absl::Now() - start);
    lock.lock();
    --running_[index];
    if (!late) {
      double& average = service_ns_[index];
      average = average == 0 ? took : average + (took - average) * kSmoothing;
    }
  }
}

Executor::Load Executor::load(Lane lane) const {
  std::lock_guard lock(mutex_);
  const int index = Index(lane);
  return Load{static_cast<int>(index == 1 ? priority_.size() : ordinary_.size()), running_[index],
              absl::Nanoseconds(service_ns_[index])};
}

}  // namespace yilian::rpc
