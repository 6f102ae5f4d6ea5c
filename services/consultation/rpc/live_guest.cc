#include "services/consultation/rpc/live_guest.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/consultation/domain/live_session_errors.h"
#include "services/consultation/rpc/convert.h"
#include "services/consultation/rpc/live_convert.h"

namespace yilian::consultation {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

bool Allowance::Take(absl::Time now) {
  const absl::Time from = std::max(paid_until_, now);
  if (from - now > each_ * (burst_ - 1)) return false;
  paid_until_ = from + each_;
  return true;
}

LiveGuest::LiveGuest(const LiveDeps& deps, const rpc::Call& call,
                     std::shared_ptr<LiveStream> stream)
    : deps_(deps),
      by_(convert::ActorOf(call.caller())),
      opened_(call.write_context()),
      stream_(std::move(stream)) {}

unit::WriteContext LiveGuest::ContextOf(const base::Uuid& request,
                                        const std::string& content) const {
  unit::WriteContext context = opened_;
  context.key.request_id = request;
  std::vector<std::string> digests = deps_.fingerprints.Of("request", content);
  context.key.request_hash = std::move(digests.front());
  context.key.earlier_hashes.assign(std::make_move_iterator(digests.begin() + 1),
                                    std::make_move_iterator(digests.end()));
  context.deadline = absl::Now() + kPatience;
  context.arrived_at.reset();
  return context;
}

void LiveGuest::Take(const v1::JoinSessionRequest& frame) {
  if (connection_ == nullptr) {
    const absl::Status joined = Join(frame);
    if (!joined.ok()) return stream_->Finish(joined);
  } else if (!frame.live_session_id().empty() &&
             frame.live_session_id() != connection_->key.session.ToString()) {
    return stream_->Finish(errors::FieldInvalid(
        {{"live_session_id", "is the session of the first message, or empty"}}));
  }
  const absl::Status served = Serve(frame);
  if (!served.ok()) Refuse(frame.request_id(), served);
}

absl::Status LiveGuest::Join(const v1::JoinSessionRequest& first) {
  if (first.live_session_id().empty()) {
    return errors::FieldInvalid({{"live_session_id", "is required in the first message"}});
  }
  ASSIGN_OR_RETURN(const LiveSessionId session, LiveSessionId::Parse(first.live_session_id()));
  const ConnectionId connection = ConnectionId::New(absl::Now());
  Joined joined;
  // The connection is new, so that no earlier outcome can be the answer.
  RETURN_IF_ERROR(deps_.store
                      .Join<v1::TranscriptEntry>(ContextOf(connection.uuid(), ""), session, by_,
                                                 connection, deps_.hub.self(),
                                                 [&](const Joined& outcome) {
                                                   joined = outcome;
                                                   return convert::ToProto(outcome.change.entry);
                                                 })
                      .status());
  auto made = std::make_shared<LiveConnection>(
      Connection{.session = session, .practitioner = by_.practitioner, .id = connection}, stream_);
  if (first.after_number() >= joined.change.entry.number) {
    deps_.hub.Leave(made);
    return errors::FieldInvalid({{"after_number", "is the number of an entry that you have"}});
  }
  deps_.hub.Enter(made, joined, first.after_number());
  const absl::MutexLock lock(&mutex_);
  connection_ = std::move(made);
  if (gone_) deps_.hub.Leave(connection_);
  return absl::OkStatus();
}

absl::Status LiveGuest::Serve(const v1::JoinSessionRequest& frame) {
  ASSIGN_OR_RETURN(const std::optional<SessionCommand> command, convert::CommandOf(frame));
  if (command) return Keep(*command, frame);
  if (frame.frame_case() == v1::JoinSessionRequest::FRAME_NOT_SET) return absl::OkStatus();
  RETURN_IF_ERROR(Spend(frames_));
  if (frame.has_attention()) return deps_.hub.Point(connection_->key, frame.attention());
  if (frame.has_signal()) return deps_.hub.Pass(connection_->key, frame.signal());
  return GiveTurn();
}

absl::Status LiveGuest::Spend(Allowance& allowance) {
  if (allowance.Take(deps_.clock.Now())) {
    told_off_ = false;
    return absl::OkStatus();
  }
  return errors::TooManyFrames(allowance.per_second(), allowance.each());
}

absl::Status LiveGuest::Keep(const SessionCommand& command, const v1::JoinSessionRequest& frame) {
  RETURN_IF_ERROR(Spend(entries_));
  v1::JoinSessionRequest content = frame;
  content.clear_request_id();
  content.clear_after_number();
  content.set_live_session_id(connection_->key.session.ToString());
  std::optional<TranscriptEntry> made;
  ASSIGN_OR_RETURN(const v1::TranscriptEntry entry,
                   deps_.store.Act<v1::TranscriptEntry>(
                       ContextOf(command.request, content.SerializeAsString()),
                       connection_->key.session, by_, command, [&](const TranscriptEntry& outcome) {
                         made = outcome;
                         return convert::ToProto(outcome);
                       }));
  // Of a repeated request the entry is there already, where its own number is; what this attempt
  // made was rolled back.
  if (made && made->number == entry.number()) deps_.hub.Publish(*made);
  v1::JoinSessionResponse answer;
  answer.mutable_accepted()->set_request_id(frame.request_id());
  answer.mutable_accepted()->set_number(entry.number());
  stream_->Write(std::move(answer));
  return absl::OkStatus();
}

absl::Status LiveGuest::GiveTurn() {
  if (deps_.turn.urls.empty()) return errors::TurnUnavailable();
  const TurnPass pass = MakeTurnPass(deps_.turn, by_.practitioner.ToString(), deps_.clock.Now());
  v1::JoinSessionResponse answer;
  v1::TurnCredentials& turn = *answer.mutable_turn();
  for (const std::string& url : deps_.turn.urls) turn.add_urls(url);
  turn.set_username(pass.username);
  turn.set_password(pass.password);
  wire::SetTime(turn.mutable_expires_at(), pass.expires_at);
  stream_->Write(std::move(answer));
  return absl::OkStatus();
}

void LiveGuest::Refuse(const std::string& request_id, const absl::Status& why) {
  // Who sends too many frames that are not kept is told once, not as often as they send.
  if (request_id.empty() && absl::IsResourceExhausted(why)) {
    if (told_off_) return;
    told_off_ = true;
  }
  stream_->Write(convert::RefusalOf(request_id, why));
}

void LiveGuest::SaidAll() { stream_->Finish(absl::OkStatus()); }

void LiveGuest::Gone() {
  const absl::MutexLock lock(&mutex_);
  gone_ = true;
  if (connection_ != nullptr) deps_.hub.Leave(connection_);
}

}  // namespace yilian::consultation
