// The live sessions that this replica serves, and their way to those that others serve.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/consultation/domain/live_session_store.h"
#include "services/consultation/rpc/live_room.h"
#include "yilian/consultation/v1/live_session.pb.h"

namespace yilian::consultation {

// What is durable reaches other replicas through the database alone: a word that anybody sees is
// one that no crash takes back, and there is one order. A hint by the direct way says when to read;
// should it be lost, the poll finds the entry within `poll`. What is not kept (cursors, WebRTC
// signals) goes the direct way only, to those replicas where somebody of the session is.
//
// The outbox feed is not that way: an entry would be one event more to write, number and keep for
// each subscriber of the service, and come after the sequencer's turn; measured figures stand in
// tests/bench/RESULTS.md.
//
// One thread for everything that waits for the database beside the calls. Thread-safe; outlives the
// server.
class LiveHub {
 public:
  struct Options {
    absl::Duration poll = absl::Milliseconds(500);
    absl::Duration renewal = absl::Seconds(2);
    // A replica that is silent for so long is gone; longer than any pause that is survived.
    absl::Duration lease = absl::Seconds(15);
  };
  // Passes a frame on to a replica; must not block. May be empty: there are no others.
  using Send = std::function<void(ReplicaId to, const v1::RelayFrame& frame)>;
  // The replicas there are, this one among them; on the hub's thread.
  using OnReplicas = std::function<void(const std::vector<Replica>& replicas)>;

  LiveHub(LiveSessionStore& store, Replica self, Send send, OnReplicas on_replicas,
          Options options);
  ~LiveHub();  // writes down who has left, then ends

  ReplicaId self() const { return self_.id; }

  // On a handler thread, after the join is committed; shows what the connection lacks.
  void Enter(const std::shared_ptr<LiveConnection>& connection, const Joined& joined,
             int64_t after);
  // On any thread: the stream is over.
  void Leave(const std::shared_ptr<LiveConnection>& connection);
  // Entries that this replica committed.
  void Publish(const TranscriptEntry& entry);
  absl::Status Point(const Connection& by, v1::Attention attention);
  absl::Status Pass(const Connection& by, v1::Signal signal);
  // From another replica; does not block.
  void Relay(const v1::RelayFramesRequest& request);

 private:
  using Room = std::shared_ptr<LiveRoom>;
  Room Find(LiveSessionId id) const;
  std::vector<Room> Rooms() const;
  void Read(const std::shared_ptr<LiveConnection>& connection, const Room& room);
  void PostRead(const std::shared_ptr<LiveConnection>& connection, const Room& room);
  void ReadAdmitted(const Room& room);
  void Tell(LiveRoom& room, int64_t number);
  void SendAll(std::vector<ReplicaId> to, const v1::RelayFrame& frame);
  void Wake(LiveSessionId id);

  void Work();
  void Fetch(const Room& room);
  void Poll();
  void Renew();
  void WriteLeft(const std::vector<Connection>& left);

  LiveSessionStore& store_;
  const Replica self_;
  const Send send_;
  const OnReplicas on_replicas_;
  const Options options_;

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<LiveSessionId, Room> rooms_ ABSL_GUARDED_BY(mutex_);
  std::vector<LiveSessionId> behind_ ABSL_GUARDED_BY(mutex_);
  std::vector<Connection> left_ ABSL_GUARDED_BY(mutex_);
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Connection> unwritten_;  // tried again; of the thread alone
  std::thread thread_;
};

}  // namespace yilian::consultation
