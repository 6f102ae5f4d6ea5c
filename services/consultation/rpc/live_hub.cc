#include "services/consultation/rpc/live_hub.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/observe/log.h"

namespace yilian::consultation {
namespace {

constexpr int kPage = 32;  // entries of one read for a connection: half of what its stream takes
constexpr int kFetch = 200;
constexpr absl::Duration kPatience = absl::Seconds(5);

absl::Time Deadline() { return absl::Now() + kPatience; }

void Complain(std::string_view what, const absl::Status& status) {
  observe::Log(observe::Level::kWarn, what, {{"status", status}});
}

}  // namespace

LiveHub::LiveHub(LiveSessionStore& store, Replica self, Send send, OnReplicas on_replicas,
                 Options options)
    : store_(store),
      self_(std::move(self)),
      send_(std::move(send)),
      on_replicas_(std::move(on_replicas)),
      options_(options),
      thread_([this] { Work(); }) {}

LiveHub::~LiveHub() {
  {
    const absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  thread_.join();
}

LiveHub::Room LiveHub::Find(LiveSessionId id) const {
  const absl::MutexLock lock(&mutex_);
  const auto found = rooms_.find(id);
  return found == rooms_.end() ? nullptr : found->second;
}

std::vector<LiveHub::Room> LiveHub::Rooms() const {
  const absl::MutexLock lock(&mutex_);
  std::vector<Room> rooms;
  for (const auto& [id, room] : rooms_) rooms.push_back(room);
  return rooms;
}

void LiveHub::Enter(const std::shared_ptr<LiveConnection>& connection, const Joined& joined,
                    int64_t after) {
  Room room;
  {
    const absl::MutexLock lock(&mutex_);
    Room& slot = rooms_[connection->key.session];
    if (slot == nullptr) slot = std::make_shared<LiveRoom>(joined.change.after, joined.roll);
    room = slot;
    room->Add(connection, joined, after);
  }
  connection->stream->OnDrained([this, room, weak = std::weak_ptr(connection)] {
    const auto drained = weak.lock();
    if (drained != nullptr && room->LacksSomething(*drained)) PostRead(drained, room);
  });
  Publish(joined.change.entry);
  Read(connection, room);
}

void LiveHub::Read(const std::shared_ptr<LiveConnection>& connection, const Room& room) {
  int64_t after = 0;
  while (room->BeginReading(*connection, after)) {
    absl::StatusOr<std::vector<TranscriptEntry>> entries =
        store_.Entries(room->id(), after, kPage, Deadline());
    if (!entries.ok()) {
      // The client resumes from what it has.
      connection->stream->Finish(entries.status());
      return;
    }
    room->ContinueReading(*connection, *entries);
  }
}

void LiveHub::Leave(const std::shared_ptr<LiveConnection>& connection) {
  const absl::MutexLock lock(&mutex_);
  const auto found = rooms_.find(connection->key.session);
  if (found != rooms_.end() && !found->second->Remove(*connection)) rooms_.erase(found);
  left_.push_back(connection->key);
}

void LiveHub::Publish(const TranscriptEntry& entry) {
  const Room room = Find(entry.session);
  if (room == nullptr) return;
  if (room->Show({entry})) Wake(entry.session);
  Tell(*room, entry.number);
  ReadAdmitted(room);
}

void LiveHub::ReadAdmitted(const Room& room) {
  for (const auto& admitted : room->TakeAdmitted()) PostRead(admitted, room);
}

void LiveHub::PostRead(const std::shared_ptr<LiveConnection>& connection, const Room& room) {
  connection->stream->Post([this, room, weak = std::weak_ptr(connection)] {
    if (const auto again = weak.lock()) Read(again, room);
  });
}

void LiveHub::Tell(LiveRoom& room, int64_t number) {
  v1::RelayFrame hint;
  hint.set_live_session_id(room.id().ToString());
  hint.set_last_number(number);
  SendAll(room.Elsewhere(), hint);
}

void LiveHub::SendAll(std::vector<ReplicaId> to, const v1::RelayFrame& frame) {
  if (!send_) return;
  std::sort(to.begin(), to.end());
  to.erase(std::unique(to.begin(), to.end()), to.end());
  for (const ReplicaId& replica : to) {
    if (replica != self_.id) send_(replica, frame);
  }
}

absl::Status LiveHub::Point(const Connection& by, v1::Attention attention) {
  const Room room = Find(by.session);
  if (room == nullptr) return absl::OkStatus();
  std::vector<ReplicaId> elsewhere;
  absl::Status status = room->Point(by.practitioner, attention, elsewhere);
  if (!status.ok()) return status;
  v1::RelayFrame frame;
  frame.set_live_session_id(by.session.ToString());
  *frame.mutable_attention() = std::move(attention);
  SendAll(std::move(elsewhere), frame);
  return absl::OkStatus();
}

absl::Status LiveHub::Pass(const Connection& by, v1::Signal signal) {
  const Room room = Find(by.session);
  if (room == nullptr) return absl::OkStatus();
  std::vector<ReplicaId> elsewhere;
  absl::Status status = room->Pass(by.practitioner, signal, elsewhere);
  if (!status.ok()) return status;
  v1::RelayFrame frame;
  frame.set_live_session_id(by.session.ToString());
  *frame.mutable_signal() = std::move(signal);
  SendAll(std::move(elsewhere), frame);
  return absl::OkStatus();
}

void LiveHub::Relay(const v1::RelayFramesRequest& request) {
  for (const v1::RelayFrame& frame : request.frames()) {
    const absl::StatusOr<LiveSessionId> id = LiveSessionId::Parse(frame.live_session_id());
    const Room room = id.ok() ? Find(*id) : nullptr;
    if (room == nullptr) continue;
    if (frame.has_attention()) {
      room->ShowAttention(frame.attention());
    } else if (frame.has_signal()) {
      room->ShowSignal(frame.signal());
    } else if (room->Reached(frame.last_number())) {
      Wake(*id);
    }
  }
}

void LiveHub::Wake(LiveSessionId id) {
  const absl::MutexLock lock(&mutex_);
  behind_.push_back(id);
}

void LiveHub::Work() {
  absl::Time renew_at = absl::InfinitePast();
  absl::Time poll_at = absl::InfinitePast();
  while (true) {
    std::vector<LiveSessionId> behind;
    std::vector<Connection> left;
    bool stop = false;
    {
      const absl::MutexLock lock(&mutex_);
      auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stop_ || !behind_.empty() || !left_.empty();
      };
      mutex_.AwaitWithDeadline(absl::Condition(&something), std::min(renew_at, poll_at));
      behind.swap(behind_);
      left.swap(left_);
      stop = stop_;
    }
    std::sort(behind.begin(), behind.end());
    behind.erase(std::unique(behind.begin(), behind.end()), behind.end());
    for (const LiveSessionId& id : behind) {
      if (const Room room = Find(id)) Fetch(room);
    }
    WriteLeft(left);
    if (stop) return;
    if (absl::Now() >= renew_at) {
      Renew();
      renew_at = absl::Now() + options_.renewal;
    }
    if (absl::Now() >= poll_at) {
      Poll();
      poll_at = absl::Now() + options_.poll;
    }
  }
}

void LiveHub::Fetch(const Room& room) {
  for (bool missing = true; missing;) {
    const auto entries = store_.Entries(room->id(), room->last(), kFetch, Deadline());
    if (!entries.ok()) return Complain("a transcript cannot be read", entries.status());
    if (entries->empty()) break;
    missing = room->Show(*entries);
  }
  ReadAdmitted(room);
}

void LiveHub::Poll() {
  std::vector<LiveSessionId> ids;
  for (const Room& room : Rooms()) ids.push_back(room->id());
  const auto reached = store_.LastNumbers(ids, Deadline());
  if (!reached.ok()) return Complain("transcripts cannot be polled", reached.status());
  for (const auto& [id, number] : *reached) {
    const Room room = Find(id);
    if (room != nullptr && room->Reached(number)) Fetch(room);
  }
}

void LiveHub::Renew() {
  const absl::Status renewed = store_.Renew(self_, options_.lease, Deadline());
  if (!renewed.ok()) return Complain("the replica's lease is not renewed", renewed);
  const auto replicas = store_.Replicas(Deadline());
  if (!replicas.ok()) return Complain("the replicas cannot be listed", replicas.status());
  if (on_replicas_) on_replicas_(*replicas);
  const auto lapsed = store_.Lapsed(Deadline());
  if (!lapsed.ok()) return Complain("lapsed connections cannot be listed", lapsed.status());
  WriteLeft(*lapsed);
  WriteLeft(std::exchange(unwritten_, {}));
}

void LiveHub::WriteLeft(const std::vector<Connection>& left) {
  for (const Connection& one : left) {
    const auto entry = store_.Leave(one, Deadline());
    if (!entry.ok()) {
      Complain("that somebody left cannot be written", entry.status());
      unwritten_.push_back(one);
    } else if (*entry) {
      Publish(**entry);
    }
  }
}

}  // namespace yilian::consultation
