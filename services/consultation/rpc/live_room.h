// The participants of one live session who are connected to this replica, and what they are shown.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/bidi_stream.h"
#include "services/consultation/domain/live_session_store.h"
#include "yilian/consultation/v1/live_session.pb.h"

namespace yilian::consultation {

using LiveStream = rpc::BidiStream<v1::JoinSessionRequest, v1::JoinSessionResponse>;

// More than so many messages wait for a reader: what is not kept is not sent to them. The stream
// itself cuts a reader off at 64.
inline constexpr int kCrowded = 16;

// One participant's stream. What is not const is guarded by the room.
struct LiveConnection {
  LiveConnection(Connection of, std::shared_ptr<LiveStream> to) : key(of), stream(std::move(to)) {}
  const Connection key;
  const std::shared_ptr<LiveStream> stream;
  int64_t sent = 0;      // the last entry that was sent, or that the client had
  bool live = false;     // is sent entries as they come; until then they are read for it
  bool reading = false;  // somebody is at that
};

// Entries come in any order and leave in that of their numbers: a gap is a transaction that this
// replica has not heard of yet, which the database has. Never blocks; thread-safe.
class LiveRoom {
 public:
  LiveRoom(LiveSession session, std::vector<Participant> roll);

  const LiveSessionId& id() const { return id_; }
  void Add(const std::shared_ptr<LiveConnection>& connection, const Joined& joined, int64_t after);
  // Whether somebody is left.
  bool Remove(const LiveConnection& connection);

  // Shows what follows without a gap; returns whether something is missing before the rest.
  bool Show(const std::vector<TranscriptEntry>& entries);
  // A transcript has come so far; whether entries are missing here.
  bool Reached(int64_t number);
  int64_t last() const;

  // What a connection that is not live lacks: entries `after`. False: nothing any more, it is live
  // now; or it waits, or has enough to take for the moment. Each Begin that says true is followed
  // by a read of the database and Continue.
  bool BeginReading(LiveConnection& connection, int64_t& after);
  // Whether it is worth a handler thread to go on reading.
  bool LacksSomething(const LiveConnection& connection) const;
  void ContinueReading(LiveConnection& connection, const std::vector<TranscriptEntry>& entries);
  // Those who were admitted and have not been shown anything yet.
  std::vector<std::shared_ptr<LiveConnection>> TakeAdmitted();

  // From a participant here: checked, told to all others here. The replicas where others are.
  absl::Status Point(PractitionerId by, v1::Attention& attention,
                     std::vector<ReplicaId>& elsewhere);
  absl::Status Pass(PractitionerId by, v1::Signal& signal, std::vector<ReplicaId>& elsewhere);
  // From another replica: checked there.
  void ShowAttention(const v1::Attention& attention);
  void ShowSignal(const v1::Signal& signal);
  std::vector<ReplicaId> Elsewhere() const;

 private:
  const Participant* Find(PractitionerId who) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ShowOne(const TranscriptEntry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Cut(const TranscriptEntry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Admit(PractitionerId who) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendAttention(const v1::Attention& attention) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether they are here.
  bool SendSignal(const v1::Signal& signal) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const LiveSessionId id_;
  mutable absl::Mutex mutex_;
  LiveSession session_ ABSL_GUARDED_BY(mutex_);  // last_number: shown so far
  int64_t reached_ ABSL_GUARDED_BY(mutex_);      // known to be there
  std::vector<Participant> roll_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<LiveConnection>> connections_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<LiveConnection>> admitted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace yilian::consultation
