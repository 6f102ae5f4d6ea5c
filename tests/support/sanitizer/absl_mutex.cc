// Makes Abseil's locks visible to ThreadSanitizer.
//
// Debian's libabsl_synchronization is built without ThreadSanitizer and locks with atomics of its
// own, so that every absl::Mutex looks like no lock at all and everything it guards like a race.
// This file defines the functions of absl::Mutex, absl::CondVar and what is built on them once
// more, inside the executable. The dynamic linker prefers these, also for gRPC's own calls; each
// tells ThreadSanitizer what happens and calls Abseil's. Linked into every executable of a
// thread-sanitized build, and into no other (common/cmake/YilianTargets.cmake).
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdlib>
#include <string_view>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

namespace {

// Abseil's inline namespace is part of every name below.
static_assert(std::string_view(ABSL_INTERNAL_INLINE_NAMESPACE_STR) == "debian3");
#define YILIAN_ABSL(rest) "_ZN4absl7debian3" rest
#define YILIAN_ABSL_CONST(rest) "_ZNK4absl7debian3" rest

template <typename Function>
Function* Next(const char* name) {
  void* const found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();  // another version of Abseil: the names below no longer fit
  return reinterpret_cast<Function*>(found);
}

// True while this thread is inside one of Abseil's functions: what they call among themselves is
// told already.
thread_local bool inside = false;

class Inside {
 public:
  Inside() { inside = true; }
  ~Inside() { inside = false; }
};

constexpr unsigned kRead = __tsan_mutex_read_lock;
constexpr unsigned kTry = __tsan_mutex_try_lock;
constexpr unsigned kWrite = 0;

// Lock and whatever ends with the lock held. `call` returns whether it did.
template <typename Call>
bool Locking(void* mutex, unsigned how, Call call) {
  if (inside) return call();
  const Inside guard;
  __tsan_mutex_pre_lock(mutex, how);
  const bool locked = call();
  __tsan_mutex_post_lock(mutex, locked ? how : how | __tsan_mutex_try_lock_failed, 0);
  return locked;
}

template <typename Call>
void Unlocking(void* mutex, unsigned how, Call call) {
  if (inside) return call();
  const Inside guard;
  __tsan_mutex_pre_unlock(mutex, how);
  call();  // also evaluates the conditions of those who wait
  __tsan_mutex_post_unlock(mutex, how);
}

// A wait that lets go of the lock meanwhile.
template <typename Call>
auto Waiting(void* mutex, Call call) {
  if (inside) return call();
  const Inside guard;
  __tsan_mutex_pre_unlock(mutex, kWrite);
  __tsan_mutex_post_unlock(mutex, kWrite);
  __tsan_mutex_pre_lock(mutex, kWrite);
  struct Relock {
    void* mutex;
    ~Relock() { __tsan_mutex_post_lock(mutex, kWrite, 0); }
  } const relock{mutex};
  return call();
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

Mutex::~Mutex() {
  static auto* const next = Next<void(Mutex*)>(YILIAN_ABSL("5MutexD1Ev"));
  next(this);
  __tsan_mutex_destroy(this, __tsan_mutex_not_static);
}

void Mutex::Lock() {
  static auto* const next = Next<void(Mutex*)>(YILIAN_ABSL("5Mutex4LockEv"));
  Locking(this, kWrite, [this] { return next(this), true; });
}

void Mutex::Unlock() {
  static auto* const next = Next<void(Mutex*)>(YILIAN_ABSL("5Mutex6UnlockEv"));
  Unlocking(this, kWrite, [this] { next(this); });
}

bool Mutex::TryLock() {
  static auto* const next = Next<bool(Mutex*)>(YILIAN_ABSL("5Mutex7TryLockEv"));
  return Locking(this, kTry, [this] { return next(this); });
}

void Mutex::ReaderLock() {
  static auto* const next = Next<void(Mutex*)>(YILIAN_ABSL("5Mutex10ReaderLockEv"));
  Locking(this, kRead, [this] { return next(this), true; });
}

void Mutex::ReaderUnlock() {
  static auto* const next = Next<void(Mutex*)>(YILIAN_ABSL("5Mutex12ReaderUnlockEv"));
  Unlocking(this, kRead, [this] { next(this); });
}

bool Mutex::ReaderTryLock() {
  static auto* const next = Next<bool(Mutex*)>(YILIAN_ABSL("5Mutex13ReaderTryLockEv"));
  return Locking(this, kRead | kTry, [this] { return next(this); });
}

void Mutex::LockWhen(const Condition& condition) {
  static auto* const next =
      Next<void(Mutex*, const Condition&)>(YILIAN_ABSL("5Mutex8LockWhenERKNS0_9ConditionE"));
  Locking(this, kWrite, [&] { return next(this, condition), true; });
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, absl::Duration timeout) {
  static auto* const next = Next<bool(Mutex*, const Condition&, absl::Duration)>(
      YILIAN_ABSL("5Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE"));
  bool met = false;  // the lock is held either way
  Locking(this, kWrite, [&] { return met = next(this, condition, timeout), true; });
  return met;
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, absl::Time deadline) {
  static auto* const next = Next<bool(Mutex*, const Condition&, absl::Time)>(
      YILIAN_ABSL("5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  bool met = false;
  Locking(this, kWrite, [&] { return met = next(this, condition, deadline), true; });
  return met;
}

void Mutex::Await(const Condition& condition) {
  static auto* const next =
      Next<void(Mutex*, const Condition&)>(YILIAN_ABSL("5Mutex5AwaitERKNS0_9ConditionE"));
  Waiting(this, [&] { next(this, condition); });
}

bool Mutex::AwaitWithTimeout(const Condition& condition, absl::Duration timeout) {
  static auto* const next = Next<bool(Mutex*, const Condition&, absl::Duration)>(
      YILIAN_ABSL("5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE"));
  return Waiting(this, [&] { return next(this, condition, timeout); });
}

bool Mutex::AwaitWithDeadline(const Condition& condition, absl::Time deadline) {
  static auto* const next = Next<bool(Mutex*, const Condition&, absl::Time)>(
      YILIAN_ABSL("5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  return Waiting(this, [&] { return next(this, condition, deadline); });
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const next = Next<void(CondVar*, Mutex*)>(YILIAN_ABSL("7CondVar4WaitEPNS0_5MutexE"));
  Waiting(mutex, [&] { next(this, mutex); });
}

bool CondVar::WaitWithTimeout(Mutex* mutex, absl::Duration timeout) {
  static auto* const next = Next<bool(CondVar*, Mutex*, absl::Duration)>(
      YILIAN_ABSL("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE"));
  return Waiting(mutex, [&] { return next(this, mutex, timeout); });
}

bool CondVar::WaitWithDeadline(Mutex* mutex, absl::Time deadline) {
  static auto* const next = Next<bool(CondVar*, Mutex*, absl::Time)>(
      YILIAN_ABSL("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE"));
  return Waiting(mutex, [&] { return next(this, mutex, deadline); });
}

// These three lock a Mutex inside, but are first looked at without it.
void Notification::Notify() {
  static auto* const next = Next<void(Notification*)>(YILIAN_ABSL("12Notification6NotifyEv"));
  __tsan_release(this);
  next(this);
}

void Notification::WaitForNotification() const {
  static auto* const next =
      Next<void(const Notification*)>(YILIAN_ABSL_CONST("12Notification19WaitForNotificationEv"));
  next(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

bool Notification::WaitForNotificationWithTimeout(absl::Duration timeout) const {
  static auto* const next = Next<bool(const Notification*, absl::Duration)>(
      YILIAN_ABSL_CONST("12Notification30WaitForNotificationWithTimeoutENS0_8DurationE"));
  if (!next(this, timeout)) return false;
  __tsan_acquire(const_cast<Notification*>(this));
  return true;
}

bool Notification::WaitForNotificationWithDeadline(absl::Time deadline) const {
  static auto* const next = Next<bool(const Notification*, absl::Time)>(
      YILIAN_ABSL_CONST("12Notification31WaitForNotificationWithDeadlineENS0_4TimeE"));
  if (!next(this, deadline)) return false;
  __tsan_acquire(const_cast<Notification*>(this));
  return true;
}

bool BlockingCounter::DecrementCount() {
  static auto* const next =
      Next<bool(BlockingCounter*)>(YILIAN_ABSL("15BlockingCounter14DecrementCountEv"));
  __tsan_release(this);
  return next(this);
}

void BlockingCounter::Wait() {
  static auto* const next = Next<void(BlockingCounter*)>(YILIAN_ABSL("15BlockingCounter4WaitEv"));
  next(this);
  __tsan_acquire(this);
}

ABSL_NAMESPACE_END
}  // namespace absl
