#include "common/outbox/feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/observe/log.h"
#include "common/outbox/metrics.h"
#include "common/outbox/subscriber.h"
#include "common/status/error.h"

namespace yilian::outbox {
namespace {

using event::v1::StreamRequest;
using event::v1::StreamResponse;
using EventStreamPtr = std::shared_ptr<rpc::ServerStream<StreamResponse>>;

constexpr absl::Duration kReadDeadline = absl::Seconds(5);
constexpr absl::Duration kPauseAfterError = absl::Milliseconds(250);

absl::Status Draining() {
  return status::Error(absl::StatusCode::kUnavailable, "yilian", "DRAINING")
      .Message("this replica is going away; resume at another one from the last cursor")
      .RetryAfter(absl::Milliseconds(100));
}

}  // namespace

struct Feed::State : std::enable_shared_from_this<Feed::State> {
  State(mysql::Pool& pool, FeedOptions options) : pool(pool), options(options) {}

  mysql::Pool& pool;
  const FeedOptions options;

  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool draining ABSL_GUARDED_BY(mutex) = false;
  bool wake ABSL_GUARDED_BY(mutex) = false;
  int64_t known_position ABSL_GUARDED_BY(mutex) = 0;
  int64_t next_id ABSL_GUARDED_BY(mutex) = 0;
  absl::flat_hash_map<int64_t, std::shared_ptr<Subscriber>> subscribers ABSL_GUARDED_BY(mutex);

  // The thread's own: events `ring_start`+1 .. tail(), without gaps.
  std::deque<FeedEvent> ring;
  int64_t ring_start = -1;  // -1: not begun
  std::thread thread;

  int64_t tail() const { return ring_start + static_cast<int64_t>(ring.size()); }

  void Wake(int64_t position) {
    absl::MutexLock lock(&mutex);
    known_position = std::max(known_position, position);
    wake = true;
  }

  void Remove(int64_t id) {
    absl::MutexLock lock(&mutex);
    subscribers.erase(id);
    SetStreams(static_cast<int64_t>(subscribers.size()));
  }

  absl::StatusOr<std::vector<FeedEvent>> ReadPage(int64_t cursor) {
    std::vector<FeedEvent> page;
    RETURN_IF_ERROR(mysql::RunRead(pool, absl::Now() + kReadDeadline,
                                   [&](mysql::Session& session) -> absl::Status {
                                     page.clear();
                                     ASSIGN_OR_RETURN(std::vector<StoredEvent> stored,
                                                      ReadAfter(session, cursor, options.page));
                                     for (StoredEvent& event : stored)
                                       page.push_back(ToFeedEvent(std::move(event)));
                                     return absl::OkStatus();
                                   }));
    return page;
  }

  absl::StatusOr<int64_t> ReadLastPosition() {
    int64_t last = 0;
    RETURN_IF_ERROR(mysql::RunRead(pool, absl::Now() + kReadDeadline,
                                   [&](mysql::Session& session) -> absl::Status {
                                     ASSIGN_OR_RETURN(last, outbox::LastPosition(session));
                                     return absl::OkStatus();
                                   }));
    return last;
  }

  // Brings the ring up to `position`.
  absl::Status FillRing(int64_t position) {
    if (ring_start < 0) {
      ASSIGN_OR_RETURN(ring_start, ReadLastPosition());
    }
    while (tail() < position) {
      ASSIGN_OR_RETURN(std::vector<FeedEvent> page, ReadPage(tail()));
      if (page.empty()) return absl::OkStatus();
      if (page.front().event.position() != tail() + 1) {
        // Only a hole in the table makes this; those who need what lies before read the table
        // themselves.
        ring.clear();
        ring_start = page.front().event.position() - 1;
      }
      for (FeedEvent& event : page) ring.push_back(std::move(event));
      while (static_cast<int>(ring.size()) > options.ring) {
        ring.pop_front();
        ++ring_start;
      }
    }
    return absl::OkStatus();
  }

  // What a subscriber can have now. True: there is more for it, come again. An error: the database
  // does not answer.
  absl::StatusOr<bool> Serve(int64_t id, Subscriber& subscriber) {
    if (!subscriber.Ready()) return false;  // OnDrained wakes us
    const int64_t cursor = subscriber.cursor();
    if (cursor >= ring_start) {
      const int64_t end = std::min(tail(), cursor + options.page);
      for (int64_t at = cursor; at < end; ++at) subscriber.Offer(ring[at - ring_start]);
    } else {
      ASSIGN_OR_RETURN(const std::vector<FeedEvent> page, ReadPage(cursor));
      for (const FeedEvent& event : page) subscriber.Offer(event);
      // What has a position before the ring and is not in the table was removed.
      if (page.empty()) subscriber.Pass(ring_start);
    }
    const absl::Time now = absl::Now();
    if (!subscriber.Flush(now) || !subscriber.Heartbeat(now, now - options.heartbeat)) {
      Remove(id);
      return false;
    }
    return subscriber.cursor() < tail() && subscriber.cursor() > cursor;
  }

  // One round over all streams, those that live on the ring first: who lags waits for the disk, the
  // others do not.
  absl::StatusOr<bool> Round() {
    std::vector<std::pair<int64_t, std::shared_ptr<Subscriber>>> all;
    int64_t position = 0;
    {
      absl::MutexLock lock(&mutex);
      wake = false;
      position = known_position;
      if (subscribers.empty()) {  // nobody listens: nothing is read
        ring.clear();
        ring_start = -1;
        return false;
      }
      all.assign(subscribers.begin(), subscribers.end());
    }
    RETURN_IF_ERROR(FillRing(position));
    std::stable_partition(all.begin(), all.end(),
                          [this](const auto& one) { return one.second->cursor() >= ring_start; });
    bool more = false;
    for (const auto& [id, subscriber] : all) {
      ASSIGN_OR_RETURN(const bool again, Serve(id, *subscriber));
      more = more || again;
    }
    return more;
  }

  bool Wait(absl::Duration at_most) {
    absl::MutexLock lock(&mutex);
    auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopping || wake; };
    mutex.AwaitWithTimeout(absl::Condition(&awake), at_most);
    return !stopping;
  }

  void Loop() {
    bool failing = false;
    bool going_on = true;
    while (going_on) {
      const absl::StatusOr<bool> more = Round();
      if (!more.ok()) {
        if (!failing)
          observe::Log(observe::Level::kWarn, "event feed cannot read",
                       {{"status", more.status()}});
        failing = true;
        absl::MutexLock lock(&mutex);
        mutex.AwaitWithTimeout(absl::Condition(&stopping), kPauseAfterError);
        going_on = !stopping;
        continue;
      }
      failing = false;
      // A quarter of the heartbeat: none is later than that.
      going_on = Wait(*more ? absl::ZeroDuration() : options.heartbeat / 4);
    }
  }

  void EndAll() {
    std::vector<std::shared_ptr<Subscriber>> all;
    {
      absl::MutexLock lock(&mutex);
      draining = true;
      for (auto& [id, subscriber] : subscribers) all.push_back(std::move(subscriber));
      subscribers.clear();
    }
    SetStreams(0);
    for (const auto& subscriber : all) subscriber->Finish(Draining());
  }

  // The last position there is; read, because this replica may not have heard of what another one
  // numbered a moment ago.
  absl::StatusOr<int64_t> CheckCursor(int64_t cursor) {
    ASSIGN_OR_RETURN(const int64_t last, ReadLastPosition());
    Wake(last);
    if (cursor <= last) return last;
    return status::Error(absl::StatusCode::kInvalidArgument, "yilian", "CURSOR_AHEAD")
        .Message("the cursor lies past the last event: it belongs to another service or database")
        .Field("cursor", fmt::format("at most {}", last))
        .Meta("last_position", fmt::to_string(last));
  }

  absl::Status Add(const base::Uuid& organization, const StreamRequest& request,
                   int64_t last_position, EventStreamPtr stream) {
    auto subscriber = std::make_shared<Subscriber>(stream, organization, request, last_position);
    int64_t id = 0;
    {
      absl::MutexLock lock(&mutex);
      if (draining) return Draining();
      id = next_id++;
      subscribers.emplace(id, subscriber);
      SetStreams(static_cast<int64_t>(subscribers.size()));
      wake = true;
    }
    stream->OnDrained([weak = weak_from_this(), reader = std::weak_ptr<Subscriber>(subscriber)] {
      auto waiting = reader.lock();
      if (waiting == nullptr || !waiting->TakeWaiting()) return;
      if (auto state = weak.lock()) state->Wake(0);
    });
    stream->OnDone([weak = weak_from_this(), id] {
      if (auto state = weak.lock()) state->Remove(id);
    });
    return absl::OkStatus();
  }
};

Feed::Feed(mysql::Pool& pool, Sequencer& sequencer, FeedOptions options)
    : state_(std::make_shared<State>(pool, options)) {
  sequencer.OnAdvance([weak = std::weak_ptr<State>(state_)](int64_t position) {
    if (auto state = weak.lock()) state->Wake(position);
  });
  state_->thread = std::thread([state = state_.get()] { state->Loop(); });
}

Feed::~Feed() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
  }
  state_->thread.join();
  state_->EndAll();
}

absl::Status Feed::Stream(const rpc::Call& call, const StreamRequest& request,
                          EventStreamPtr stream) {
  const rpc::Caller& caller = call.caller();
  base::Uuid organization;
  if (!caller.is_service()) {
    organization = caller.organization_id;
    if (organization.is_nil()) {
      return status::Error(absl::StatusCode::kPermissionDenied, "yilian", "NO_ORGANIZATION")
          .Message("the caller belongs to no organization, so that no event is for it");
    }
  }
  ASSIGN_OR_RETURN(const int64_t last, state_->CheckCursor(request.cursor()));
  return state_->Add(organization, request, last, std::move(stream));
}

absl::StatusOr<int64_t> Feed::LastPosition() { return state_->ReadLastPosition(); }

void Feed::Drain() { state_->EndAll(); }

int Feed::streams() const {
  absl::MutexLock lock(&state_->mutex);
  return static_cast<int>(state_->subscribers.size());
}

}  // namespace yilian::outbox
