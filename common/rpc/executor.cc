#include "common/rpc/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/rpc/turns.h"
#include "common/status/error.h"

namespace yilian::rpc {
namespace {

// Each finished call moves the average by a sixteenth: some tens of calls follow a change of load.
constexpr double kSmoothing = 1.0 / 16;
constexpr absl::Duration kLeastRetry = absl::Milliseconds(10);
constexpr absl::Duration kLongestRetry = absl::Seconds(5);

// Room for a crowd at one thing; the rest is for those who want something else.
int MostOfOne(int queue_length) { return std::max(1, queue_length * 3 / 4); }

int Index(Lane lane) { return lane == Lane::kPriority ? 1 : 0; }

absl::Status Overloaded(absl::Duration delay) {
  return status::Error(absl::StatusCode::kResourceExhausted, "yilian", "OVERLOADED")
      .Message("the service is busy; try again after the delay given")
      .Chinese("服务繁忙，请稍后重试")
      .RetryAfter(delay);
}

}  // namespace

class Executor::State {
 public:
  explicit State(const Options& options);
  ~State();

  absl::Status Submit(Lane lane, absl::Time deadline, Task* task, TurnKey key);
  void Post(Lane lane, std::function<void()> work);
  Load load(Lane lane) const;

 private:
  struct Item {
    Task* task = nullptr;
    std::function<void()> work;
    absl::Time deadline;
  };
  void Loop(bool priority_only);
  bool Next(bool priority_only, std::unique_lock<std::mutex>& lock, Item* item, Lane* lane);

  // The caller of these holds mutex_.
  void Enqueue(Lane lane, TurnKey key, Item item);
  // Expected until a thread takes one that comes now.
  absl::Duration Wait(Lane lane, TurnKey key) const;
  // Until there is likely to be room for one who is refused now, all those before it having come.
  absl::Duration ReturnAfter(Lane lane, absl::Duration wait);

  int Workers(Lane lane) const {
    return std::max(1, options_.threads) +
           (lane == Lane::kPriority ? std::max(0, options_.priority_threads) : 0);
  }
  TurnQueue<Item>& queue(Lane lane) { return lane == Lane::kPriority ? priority_ : ordinary_; }

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable ordinary_ready_;
  std::condition_variable priority_ready_;
  TurnQueue<Item> ordinary_;
  TurnQueue<Item> priority_;
  int idle_ = 0;
  int priority_idle_ = 0;
  int running_[2] = {0, 0};
  double service_ns_[2] = {0, 0};  // moving average a lane
  // When the one who was refused last is to come back, a lane.
  absl::Time return_at_[2] = {absl::InfinitePast(), absl::InfinitePast()};
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

Executor::State::State(const Options& options) : options_(options) {
  for (int i = 0; i < std::max(1, options_.threads); ++i) {
    threads_.emplace_back([this] { Loop(false); });
  }
  for (int i = 0; i < options_.priority_threads; ++i) {
    threads_.emplace_back([this] { Loop(true); });
  }
}

Executor::State::~State() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ordinary_ready_.notify_all();
  priority_ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

absl::Duration Executor::State::Wait(Lane lane, TurnKey key) const {
  const bool priority = lane == Lane::kPriority;
  const int waiting = static_cast<int>(priority_.size() + (priority ? 0 : ordinary_.size()));
  // A thread stays counted as idle until it has woken up; what is queued already belongs to it.
  if (idle_ + (priority ? priority_idle_ : 0) > waiting) return absl::ZeroDuration();
  // Ordinary work also waits for the priority work that the shared threads take first.
  const double ahead =
      priority ? priority_.Ahead(key) * service_ns_[1]
               : ordinary_.Ahead(key) * service_ns_[0] + priority_.size() * service_ns_[1];
  return absl::Nanoseconds((ahead + service_ns_[Index(lane)]) / Workers(lane));
}

absl::Duration Executor::State::ReturnAfter(Lane lane, absl::Duration wait) {
  const absl::Time now = absl::Now();
  absl::Time& last = return_at_[Index(lane)];
  // From when half of those who wait now are through: the queue neither runs dry nor is full then.
  last =
      std::max(last + absl::Nanoseconds(service_ns_[Index(lane)]) / Workers(lane), now + wait / 2);
  if (last - now <= kLongestRetry) return std::max(last - now, kLeastRetry);
  // More than can be foreseen: they are spread, so that they do not return together, and whoever is
  // told later starts with them.
  static thread_local absl::InsecureBitGen random;
  last = now + kLongestRetry;
  return kLongestRetry * absl::Uniform(random, 0.5, 1.0);
}

absl::Status Executor::State::Submit(Lane lane, absl::Time deadline, Task* task, TurnKey key) {
  std::unique_lock lock(mutex_);
  const absl::Duration wait = Wait(lane, key);
  // What an idle thread is about to take does not wait.
  const int takers = idle_ + (lane == Lane::kPriority ? priority_idle_ : 0);
  const bool full = static_cast<int>(queue(lane).size()) >= options_.queue_length + takers ||
                    (key != 0 && static_cast<int>(queue(lane).size(key)) >=
                                     MostOfOne(options_.queue_length) + takers);
  // The way back takes time too, and the next calls may be slower than the last: half as much again
  // is kept in hand. A free thread always gets work; that is what keeps the average honest after a
  // slow spell.
  const absl::Duration needed = (wait + absl::Nanoseconds(service_ns_[Index(lane)])) * 1.5;
  const bool late = wait > absl::ZeroDuration() && absl::Now() + needed > deadline;
  if (full || late || stopping_) {
    const absl::Duration delay = ReturnAfter(lane, wait);
    lock.unlock();
    return Overloaded(delay);
  }
  Enqueue(lane, key, Item{task, nullptr, deadline});
  return absl::OkStatus();
}

void Executor::State::Post(Lane lane, std::function<void()> work) {
  std::unique_lock lock(mutex_);
  Enqueue(lane, 0, Item{nullptr, std::move(work), absl::InfiniteFuture()});
}

void Executor::State::Enqueue(Lane lane, TurnKey key, Item item) {
  queue(lane).Push(key, std::move(item));
  if (lane == Lane::kPriority && priority_idle_ >= static_cast<int>(priority_.size())) {
    priority_ready_.notify_one();
  } else if (idle_ > 0) {
    ordinary_ready_.notify_one();
  }
}

bool Executor::State::Next(bool priority_only, std::unique_lock<std::mutex>& lock, Item* item,
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
  *item = queue(*lane).Pop();
  return true;
}

void Executor::State::Loop(bool priority_only) {
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

Executor::Load Executor::State::load(Lane lane) const {
  std::lock_guard lock(mutex_);
  const int index = Index(lane);
  return Load{static_cast<int>(index == 1 ? priority_.size() : ordinary_.size()), running_[index],
              absl::Nanoseconds(service_ns_[index])};
}

Executor::Executor(const Options& options) : state_(std::make_unique<State>(options)) {}
Executor::~Executor() = default;

absl::Status Executor::Submit(Lane lane, absl::Time deadline, Task* task, TurnKey key) {
  return state_->Submit(lane, deadline, task, key);
}

void Executor::Post(Lane lane, std::function<void()> work) { state_->Post(lane, std::move(work)); }

Executor::Load Executor::load(Lane lane) const { return state_->load(lane); }

}  // namespace yilian::rpc
