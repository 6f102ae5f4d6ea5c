#include "common/outbox/consumer.h"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"
#include "common/outbox/cursor_store.h"
#include "common/outbox/event_stream.h"
#include "common/outbox/metrics.h"
#include "common/status/error.h"

namespace yilian::outbox {
namespace {

using event::v1::Event;
using event::v1::StreamResponse;

// The server sends a sign of life every 15 s; three missed mean a half-open connection.
constexpr absl::Duration kSilence = absl::Seconds(45);
constexpr absl::Duration kMaxBackoff = absl::Seconds(5);
constexpr absl::Duration kTransactionDeadline = absl::Seconds(10);

bool IsRetryable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

// What may be stored and logged of an error: never its text, which could quote data.
std::string Label(const absl::Status& status) {
  const std::string reason = status::ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

}  // namespace

struct Consumer::State {
  mysql::Pool& pool;
  std::unique_ptr<event::v1::EventFeed::Stub> stub;
  const ConsumerOptions options;
  const Effects effects;

  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  EventStream* stream ABSL_GUARDED_BY(mutex) =
      nullptr;  // the call under way, to be cancelled at the end
  std::function<void(const Event&)> on_applied ABSL_GUARDED_BY(mutex);
  int64_t cursor ABSL_GUARDED_BY(mutex) = 0;
  int64_t failing_position ABSL_GUARDED_BY(mutex) = 0;
  int failures ABSL_GUARDED_BY(mutex) = 0;
  absl::Time next_housekeeping = absl::InfinitePast();  // the thread's own
  std::thread thread;

  State(mysql::Pool& pool, std::shared_ptr<grpc::Channel> source, ConsumerOptions options,
        Effects effects)
      : pool(pool), options(std::move(options)), effects(std::move(effects)) {
    if (source != nullptr) stub = event::v1::EventFeed::NewStub(source);
  }

  void Say(observe::Level level, std::string_view what, const Event& event,
           const std::string& reason) {
    observe::Log(level, what,
                 {{"consumer", options.name},
                  {"type", event.type()},
                  {"position", event.position()},
                  {"reason", reason}});
  }

  bool Stopping() {
    absl::MutexLock lock(&mutex);
    return stopping;
  }

  bool Pause(absl::Duration pause) {
    absl::MutexLock lock(&mutex);
    mutex.AwaitWithTimeout(absl::Condition(&stopping), pause);
    return !stopping;
  }

  void Advance(int64_t position) {
    absl::MutexLock lock(&mutex);
    if (position <= cursor) return;
    cursor = position;
    SetCursor(options.name, position);
  }

  mysql::TransactionOptions Transaction(std::string_view name, int64_t position) {
    return {.name = name,
            .deadline = absl::Now() + kTransactionDeadline,
            .was_committed = [this, position](mysql::Session& session) -> absl::StatusOr<bool> {
              ASSIGN_OR_RETURN(const int64_t stored,
                               ReadCursor(session, options.name, options.source));
              return stored >= position;
            }};
  }

  // Effects and cursor of these events, all or none.
  absl::Status RunEffects(std::span<const Event> events) {
    const int64_t last_position = events.back().position();
    std::span<const Event> applied;
    RETURN_IF_ERROR(mysql::RunTransaction(
        pool, Transaction("outbox.Apply", last_position),
        [&](mysql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const int64_t stored, LockCursor(session, options.name));
          const auto fresh =
              std::find_if(events.begin(), events.end(),
                           [stored](const Event& event) { return event.position() > stored; });
          applied = events.subspan(static_cast<size_t>(fresh - events.begin()));
          if (applied.empty()) return absl::OkStatus();
          RETURN_IF_ERROR(effects(session, applied));
          return MoveCursor(session, options.name, last_position);
        }));
    Applied(applied, last_position);
    return absl::OkStatus();
  }

  void Applied(std::span<const Event> events, int64_t position) {
    Advance(position);
    CountApplied(options.name, static_cast<int64_t>(events.size()));
    std::function<void(const Event&)> callback;
    {
      absl::MutexLock lock(&mutex);
      callback = on_applied;
    }
    if (callback == nullptr) return;
    for (const Event& event : events) callback(event);
  }

  absl::Status ApplyOne(const Event& event) {
    absl::Status status = RunEffects({&event, 1});
    if (status.ok() || IsRetryable(status)) return status;
    {
      absl::MutexLock lock(&mutex);
      failures = failing_position == event.position() ? failures + 1 : 1;
      failing_position = event.position();
      if (failures < options.max_attempts) return status;
    }
    return Park(event, Label(status));
  }

  absl::Status Park(const Event& event, const std::string& reason) {
    RETURN_IF_ERROR(mysql::RunTransaction(
        pool, Transaction("outbox.Park", event.position()),
        [&](mysql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const int64_t stored, LockCursor(session, options.name));
          if (event.position() <= stored) return absl::OkStatus();
          RETURN_IF_ERROR(PutDeadLetter(session, options.name, options.source, event, reason,
                                        options.max_attempts));
          return MoveCursor(session, options.name, event.position());
        }));
    Say(observe::Level::kError, "event went to the dead letters", event, reason);
    CountDeadLetter(options.name);
    Advance(event.position());
    return absl::OkStatus();
  }

  // Until every event has its effect or is parked; false when the consumer is ending.
  bool ApplyAll(std::span<const Event> events) {
    while (!events.empty()) {
      const auto together = events.first(std::min<size_t>(options.together, events.size()));
      if (together.size() == 1 || !RunEffects(together).ok()) {
        for (const Event& event : together) {
          if (!ApplyUntilDone(event)) return false;
        }
      }
      events = events.subspan(together.size());
    }
    return true;
  }

  bool ApplyUntilDone(const Event& event) {
    absl::Duration pause = options.backoff;
    while (true) {
      const absl::Status status = ApplyOne(event);
      if (status.ok()) return true;
      CountRetry(options.name);
      Say(observe::Level::kWarn, "event failed and is tried again", event, Label(status));
      if (!Pause(pause)) return false;
      pause = std::min(pause * 2, kMaxBackoff);
    }
  }

  // Stores what only filtered events have moved, and gives requeued dead letters another attempt.
  void Housekeeping(int64_t seen) {
    if (absl::Now() < next_housekeeping) return;
    next_housekeeping = absl::Now() + options.housekeeping;
    std::vector<int64_t> requeued;
    absl::Status status = mysql::RunRead(
        pool, absl::Now() + kTransactionDeadline, [&](mysql::Session& session) -> absl::Status {
          RETURN_IF_ERROR(MoveCursor(session, options.name, seen));
          ASSIGN_OR_RETURN(requeued, RequeuedLetters(session, options.name, 100));
          return absl::OkStatus();
        });
    if (status.ok()) Advance(seen);
    for (const int64_t position : requeued) RetryLetter(position);
  }

  void RetryLetter(int64_t position) {
    Event event;
    bool found = false;
    absl::Status status = mysql::RunTransaction(
        pool, {.name = "outbox.RetryLetter", .deadline = absl::Now() + kTransactionDeadline},
        [&](mysql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(std::optional<Event> letter,
                           LockRequeuedLetter(session, options.name, position));
          found = letter.has_value();
          if (!found) return absl::OkStatus();
          event = *std::move(letter);
          RETURN_IF_ERROR(effects(session, {&event, 1}));
          return DeleteDeadLetter(session, options.name, position);
        });
    if (status.ok() && found) Applied({&event, 1}, position);
    if (status.ok() || IsRetryable(status) || !found) return;
    Say(observe::Level::kError, "requeued event failed again", event, Label(status));
    CountDeadLetter(options.name);
    mysql::RunTransaction(
        pool, {.name = "outbox.Park", .deadline = absl::Now() + kTransactionDeadline},
        [&](mysql::Session& session) {
          return PutDeadLetter(session, options.name, options.source, event, Label(status), 1);
        })
        .IgnoreError();  // it stays requeued then
  }

  absl::StatusOr<int64_t> LoadCursor() {
    int64_t stored = 0;
    RETURN_IF_ERROR(mysql::RunRead(
        pool, absl::Now() + kTransactionDeadline, [&](mysql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(stored, ReadCursor(session, options.name, options.source));
          return absl::OkStatus();
        }));
    Advance(stored);
    return stored;
  }

  // One call, from the stored cursor until it ends. True when something came over it.
  absl::StatusOr<bool> Follow() {
    event::v1::StreamRequest request;
    ASSIGN_OR_RETURN(int64_t seen, LoadCursor());
    request.set_cursor(seen);
    request.set_subscriber(options.name);
    for (const std::string& type : options.types) request.add_types(type);

    EventStream call(*stub, request);
    {
      absl::MutexLock lock(&mutex);
      if (stopping) return false;
      stream = &call;
    }
    const auto forget = absl::MakeCleanup([this] {
      absl::MutexLock lock(&mutex);
      stream = nullptr;
    });
    bool heard = false;
    absl::Time last_heard = absl::Now();
    StreamResponse response;
    std::vector<Event> gathered;
    int64_t newest = seen;
    absl::Time apply_at = absl::InfiniteFuture();
    while (true) {
      const absl::Duration until_then = std::max(apply_at - absl::Now(), absl::ZeroDuration());
      switch (call.Next(std::min(options.housekeeping, until_then), response)) {
        case EventStream::Outcome::kEnded: {
          const absl::Status ended = call.Finish();
          if (heard || ended.ok()) return heard;
          return ended;
        }
        case EventStream::Outcome::kNothingYet:
          if (absl::Now() - last_heard > kSilence) call.Cancel();
          break;
        case EventStream::Outcome::kMessage:
          heard = true;
          last_heard = absl::Now();
          if (gathered.empty()) apply_at = last_heard + options.linger;
          std::move(response.mutable_events()->begin(), response.mutable_events()->end(),
                    std::back_inserter(gathered));
          newest = std::max(newest, response.cursor());
          break;
      }
      if (absl::Now() >= apply_at || gathered.size() >= static_cast<size_t>(options.together)) {
        if (!ApplyAll(gathered)) return heard;
        gathered.clear();
        apply_at = absl::InfiniteFuture();
        seen = newest;
      }
      Housekeeping(seen);
    }
  }

  void Loop() {
    absl::Duration pause = options.backoff;
    while (!Stopping()) {
      const absl::StatusOr<bool> heard = Follow();
      if (!heard.ok() && pause == options.backoff) {
        observe::Log(observe::Level::kWarn, "cannot follow events",
                     {{"consumer", options.name},
                      {"source", options.source},
                      {"reason", Label(heard.status())}});
      }
      if (heard.ok() && *heard) pause = options.backoff;
      if (!Pause(pause)) return;
      pause = std::min(pause * 2, kMaxBackoff);
    }
  }
};

Consumer::Consumer(mysql::Pool& pool, std::shared_ptr<grpc::Channel> source,
                   ConsumerOptions options, Effects effects)
    : state_(std::make_unique<State>(pool, std::move(source), std::move(options),
                                     std::move(effects))) {
  if (state_->stub == nullptr) return;  // a test that calls Apply alone
  state_->thread = std::thread([state = state_.get()] { state->Loop(); });
}

Consumer::Effects Consumer::OneByOne(Effect effect) {
  return [effect = std::move(effect)](mysql::Session& session, std::span<const Event> events) {
    for (const Event& event : events) RETURN_IF_ERROR(effect(session, event));
    return absl::OkStatus();
  };
}

Consumer::~Consumer() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
    if (state_->stream != nullptr) state_->stream->Cancel();
  }
  if (state_->thread.joinable()) state_->thread.join();
}

void Consumer::OnApplied(std::function<void(const Event&)> callback) {
  absl::MutexLock lock(&state_->mutex);
  state_->on_applied = std::move(callback);
}

absl::Status Consumer::Apply(const Event& event) {
  RETURN_IF_ERROR(state_->LoadCursor().status());
  return state_->ApplyOne(event);
}

int64_t Consumer::cursor() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->cursor;
}

}  // namespace yilian::outbox
