#include "services/consultation/testing/live_client.h"

#include <utility>

#include "common/base/uuid.h"
#include "common/status/error.h"
#include "tests/support/eventually.h"

namespace yilian::consultation {
namespace {

v1::JoinSessionRequest Durable() {
  v1::JoinSessionRequest frame;
  frame.set_request_id(base::Uuid::V7().ToString());
  return frame;
}

}  // namespace

LiveClient::LiveClient(std::string token, OnFrame on_frame)
    : token_(std::move(token)), on_frame_(std::move(on_frame)) {}

LiveClient::~LiveClient() { Break(); }

void LiveClient::Join(const std::shared_ptr<grpc::Channel>& replica, const std::string& session) {
  v1::JoinSessionRequest first;
  first.set_live_session_id(session);
  first.set_after_number(heard().last_number());
  Open(replica, first);
  Listen();
}

void LiveClient::Open(const std::shared_ptr<grpc::Channel>& replica,
                      const v1::JoinSessionRequest& first) {
  Break();
  {
    const std::lock_guard lock(mutex_);
    heard_.ended.reset();
  }
  stub_ = v1::LiveSessionService::NewStub(replica);
  context_ = std::make_unique<grpc::ClientContext>();
  context_->AddMetadata("authorization", "Bearer " + token_);
  stream_ = stub_->JoinSession(context_.get());
  stream_->Write(first);
}

void LiveClient::Listen() {
  reader_ = std::thread([this] { Read(); });
}

bool LiveClient::Send(const v1::JoinSessionRequest& frame) {
  return stream_ != nullptr && stream_->Write(frame);
}

void LiveClient::Read() {
  v1::JoinSessionResponse frame;
  while (stream_->Read(&frame)) {
    if (on_frame_) on_frame_(frame);
    Keep(std::move(frame));
  }
  const absl::Status status = status::FromGrpc(stream_->Finish());
  const std::lock_guard lock(mutex_);
  heard_.ended = status;
}

void LiveClient::Keep(v1::JoinSessionResponse frame) {
  const std::lock_guard lock(mutex_);
  if (frame.has_entry()) heard_.entries.push_back(std::move(*frame.mutable_entry()));
  if (frame.has_welcome()) heard_.welcomes.push_back(std::move(*frame.mutable_welcome()));
  if (frame.has_accepted()) heard_.accepted.push_back(std::move(*frame.mutable_accepted()));
  if (frame.has_refusal()) heard_.refusals.push_back(std::move(*frame.mutable_refusal()));
  if (frame.has_attention()) heard_.attentions.push_back(std::move(*frame.mutable_attention()));
  if (frame.has_signal()) heard_.signals.push_back(std::move(*frame.mutable_signal()));
  if (frame.has_turn()) heard_.turns.push_back(std::move(*frame.mutable_turn()));
}

absl::Status LiveClient::Leave() {
  if (stream_ == nullptr) return absl::OkStatus();
  stream_->WritesDone();
  if (reader_.joinable()) reader_.join();
  stream_.reset();
  return heard().ended.value_or(absl::OkStatus());
}

void LiveClient::Break() {
  if (stream_ == nullptr) return;
  context_->TryCancel();
  if (!reader_.joinable()) Listen();
  reader_.join();
  stream_.reset();
}

bool LiveClient::Await(const std::function<bool(const Heard&)>& condition,
                       absl::Duration patience) const {
  return test_support::Eventually(
      [&] {
        const std::lock_guard lock(mutex_);
        return condition(heard_);
      },
      patience);
}

Heard LiveClient::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

v1::JoinSessionRequest ChatOf(const std::string& text) {
  v1::JoinSessionRequest frame = Durable();
  frame.mutable_chat()->set_text(text);
  return frame;
}

v1::JoinSessionRequest HandOf(bool raised) {
  v1::JoinSessionRequest frame = Durable();
  frame.mutable_hand()->set_raised(raised);
  return frame;
}

v1::JoinSessionRequest ModerationOf(v1::ModeratorAct act, const std::string& practitioner) {
  v1::JoinSessionRequest frame = Durable();
  frame.mutable_moderation()->set_act(act);
  frame.mutable_moderation()->set_practitioner_id(practitioner);
  return frame;
}

v1::JoinSessionRequest PointAt(int x, int y) {
  v1::JoinSessionRequest frame;
  frame.mutable_attention()->set_x(x);
  frame.mutable_attention()->set_y(y);
  frame.mutable_attention()->set_pointing(true);
  return frame;
}

v1::JoinSessionRequest OfferTo(const std::string& practitioner, const std::string& offer) {
  v1::JoinSessionRequest frame;
  frame.mutable_signal()->set_to_practitioner_id(practitioner);
  frame.mutable_signal()->set_offer(offer);
  return frame;
}

}  // namespace yilian::consultation
