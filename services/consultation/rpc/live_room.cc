#include "services/consultation/rpc/live_room.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/observe/metrics.h"
#include "services/consultation/domain/live_session_errors.h"
#include "services/consultation/rpc/live_convert.h"

namespace yilian::consultation {
namespace {

v1::JoinSessionResponse FrameOf(const TranscriptEntry& entry) {
  v1::JoinSessionResponse frame;
  *frame.mutable_entry() = convert::ToProto(entry);
  return frame;
}

bool Crowded(const LiveConnection& connection) {
  if (connection.stream->pending() < kCrowded) return false;
  static observe::Counter& dropped = observe::Metrics::Process().GetCounter(
      "yilian_live_frames_dropped_total", "Frames of live sessions that were not kept.",
      {{"where", "reader"}});
  dropped.Increment();
  return true;
}

absl::Status GivenUp() {
  return absl::UnavailableError("this replica was silent for too long; resume with after_number");
}

}  // namespace

LiveRoom::LiveRoom(LiveSession session, std::vector<Participant> roll)
    : id_(session.id), session_(session), reached_(session_.last_number), roll_(std::move(roll)) {}

const Participant* LiveRoom::Find(PractitionerId who) const {
  for (const Participant& one : roll_) {
    if (one.practitioner == who) return &one;
  }
  return nullptr;
}

void LiveRoom::Add(const std::shared_ptr<LiveConnection>& connection, const Joined& joined,
                   int64_t after) {
  const absl::MutexLock lock(&mutex_);
  connection->sent = after;
  connections_.push_back(connection);
  // Before its turn among the entries, so that whoever joined can be heard at once.
  ApplyToRoll(joined.change.entry, roll_);
  connection->stream->Write(
      convert::WelcomeOf(joined.change.after, joined.change.participant, joined.roll));
}

bool LiveRoom::Remove(const LiveConnection& connection) {
  const absl::MutexLock lock(&mutex_);
  const auto same = [&](const auto& one) { return one.get() == &connection; };
  std::erase_if(connections_, same);
  std::erase_if(admitted_, same);
  return !connections_.empty();
}

bool LiveRoom::Show(const std::vector<TranscriptEntry>& entries) {
  const absl::MutexLock lock(&mutex_);
  for (const TranscriptEntry& entry : entries) {
    reached_ = std::max(reached_, entry.number);
    if (entry.number == session_.last_number + 1) ShowOne(entry);
  }
  return reached_ > session_.last_number;
}

bool LiveRoom::Reached(int64_t number) {
  const absl::MutexLock lock(&mutex_);
  reached_ = std::max(reached_, number);
  return reached_ > session_.last_number;
}

int64_t LiveRoom::last() const {
  const absl::MutexLock lock(&mutex_);
  return session_.last_number;
}

void LiveRoom::ShowOne(const TranscriptEntry& entry) {
  session_.last_number = entry.number;
  if (entry.kind == EntryKind::kEnded) session_.ended_at = entry.at;
  ApplyToRoll(entry, roll_);
  const v1::JoinSessionResponse frame = FrameOf(entry);
  for (const auto& one : connections_) {
    if (!one->live || one->sent >= entry.number) continue;
    one->stream->Write(frame);
    one->sent = entry.number;
  }
  if (entry.kind == EntryKind::kAdmitted) Admit(entry.subject);
  Cut(entry);
}

void LiveRoom::Cut(const TranscriptEntry& entry) {
  for (const auto& one : connections_) {
    const bool own = one->key.practitioner == entry.by;
    const bool same = one->key.id == entry.connection;
    const bool joined = entry.kind == EntryKind::kJoined || entry.kind == EntryKind::kWaiting;
    if (joined && own && !same) one->stream->Finish(errors::JoinedElsewhere());
    if (entry.kind == EntryKind::kLeft && same) one->stream->Finish(GivenUp());
    if (entry.kind == EntryKind::kRemoved && one->key.practitioner == entry.subject) {
      one->stream->Finish(errors::RemovedFromSession());
    }
    if (entry.kind != EntryKind::kEnded) continue;
    // Whoever still reads the history gets this entry with it, and then the end.
    const Participant* const who = Find(one->key.practitioner);
    const bool waits = who != nullptr && who->standing == LiveStanding::kWaiting;
    if (one->live || waits) one->stream->Finish(absl::OkStatus());
  }
}

void LiveRoom::Admit(PractitionerId who) {
  const Participant* const participant = Find(who);
  for (const auto& one : connections_) {
    if (one->key.practitioner != who || participant == nullptr) continue;
    one->stream->Write(convert::WelcomeOf(session_, *participant, roll_));
    admitted_.push_back(one);
  }
}

std::vector<std::shared_ptr<LiveConnection>> LiveRoom::TakeAdmitted() {
  const absl::MutexLock lock(&mutex_);
  return std::exchange(admitted_, {});
}

bool LiveRoom::BeginReading(LiveConnection& connection, int64_t& after) {
  const absl::MutexLock lock(&mutex_);
  const Participant* const participant = Find(connection.key.practitioner);
  const bool waits = participant == nullptr || participant->standing != LiveStanding::kAdmitted;
  if (connection.live || connection.reading || waits) return false;
  if (connection.sent >= session_.last_number) {
    connection.live = true;
    if (session_.ended_at) connection.stream->Finish(absl::OkStatus());
    return false;
  }
  // The rest when the reader has taken what waits: see OnDrained.
  if (connection.stream->pending() >= kCrowded) return false;
  connection.reading = true;
  after = connection.sent;
  return true;
}

bool LiveRoom::LacksSomething(const LiveConnection& connection) const {
  const absl::MutexLock lock(&mutex_);
  const Participant* const who = Find(connection.key.practitioner);
  return !connection.live && !connection.reading && who != nullptr &&
         who->standing == LiveStanding::kAdmitted;
}

void LiveRoom::ContinueReading(LiveConnection& connection,
                               const std::vector<TranscriptEntry>& entries) {
  const absl::MutexLock lock(&mutex_);
  connection.reading = false;
  for (const TranscriptEntry& entry : entries) {
    if (entry.number != connection.sent + 1) continue;
    if (!connection.stream->Write(FrameOf(entry))) return;
    connection.sent = entry.number;
  }
}

absl::Status LiveRoom::Point(PractitionerId by, v1::Attention& attention,
                             std::vector<ReplicaId>& elsewhere) {
  const absl::MutexLock lock(&mutex_);
  const Participant* const who = Find(by);
  if (who == nullptr) return errors::ParticipantNotFound();
  RETURN_IF_ERROR(who->CheckMayBeHeard());
  attention.set_practitioner_id(by.ToString());
  SendAttention(attention);
  for (const Participant& one : roll_) {
    if (one.IsPresent() && one.standing == LiveStanding::kAdmitted)
      elsewhere.push_back(one.replica);
  }
  return absl::OkStatus();
}

absl::Status LiveRoom::Pass(PractitionerId by, v1::Signal& signal,
                            std::vector<ReplicaId>& elsewhere) {
  const absl::StatusOr<PractitionerId> to = PractitionerId::Parse(signal.to_practitioner_id());
  if (!to.ok()) return to.status();
  const absl::MutexLock lock(&mutex_);
  const Participant* const who = Find(by);
  if (who == nullptr) return errors::ParticipantNotFound();
  RETURN_IF_ERROR(who->CheckTakesPart());
  const Participant* const other = Find(*to);
  if (other == nullptr || !other->IsPresent() || other->standing != LiveStanding::kAdmitted) {
    return errors::ParticipantNotFound();
  }
  signal.set_from_practitioner_id(by.ToString());
  if (!SendSignal(signal)) elsewhere.push_back(other->replica);
  return absl::OkStatus();
}

void LiveRoom::ShowAttention(const v1::Attention& attention) {
  const absl::MutexLock lock(&mutex_);
  SendAttention(attention);
}

void LiveRoom::ShowSignal(const v1::Signal& signal) {
  const absl::MutexLock lock(&mutex_);
  SendSignal(signal);
}

void LiveRoom::SendAttention(const v1::Attention& attention) {
  v1::JoinSessionResponse frame;
  *frame.mutable_attention() = attention;
  for (const auto& one : connections_) {
    if (!one->live || Crowded(*one)) continue;
    if (one->key.practitioner.ToString() != attention.practitioner_id()) one->stream->Write(frame);
  }
}

bool LiveRoom::SendSignal(const v1::Signal& signal) {
  v1::JoinSessionResponse frame;
  *frame.mutable_signal() = signal;
  bool here = false;
  for (const auto& one : connections_) {
    if (one->key.practitioner.ToString() != signal.to_practitioner_id()) continue;
    here = true;
    if (!Crowded(*one)) one->stream->Write(frame);
  }
  return here;
}

std::vector<ReplicaId> LiveRoom::Elsewhere() const {
  const absl::MutexLock lock(&mutex_);
  std::vector<ReplicaId> replicas;
  for (const Participant& one : roll_) {
    if (one.IsPresent()) replicas.push_back(one.replica);
  }
  return replicas;
}

}  // namespace yilian::consultation
