// A service's own stream of changes: what the event feed shows an organization, in the words of the
// service's proto, with a sealed token to go on from.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/crypto/sealed.h"
#include "common/outbox/feed.h"
#include "common/rpc/call.h"
#include "common/rpc/server_stream.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::outbox {

// A place in the stream as a text that no other organization can use and nobody can read: how many
// events the region has is not for its members to count. A value; refers to the sealer.
class ResumeTokens {
 public:
  // `purpose` names the stream: "referral.watch".
  ResumeTokens(const crypto::Sealer& sealer, std::string purpose, const base::Uuid& organization)
      : sealer_(&sealer), purpose_(std::move(purpose)), organization_(organization) {}

  absl::StatusOr<std::string> At(int64_t position) const;
  // INVALID_ARGUMENT (SEALED_TOKEN_INVALID) for a token that was not given to this organization.
  absl::StatusOr<int64_t> Position(const std::string& token) const;

 private:
  const crypto::Sealer* sealer_;
  std::string purpose_;
  base::Uuid organization_;
};

struct WatchOptions {
  Feed& feed;
  const crypto::Sealer& sealer;
  std::string purpose;               // of the resume tokens
  std::vector<std::string> types{};  // of events; empty: all of which `Show` knows
};

// The feed's request that goes on from the token, or begins now where it is empty.
absl::StatusOr<event::v1::StreamRequest> WatchFrom(const WatchOptions& options,
                                                   const ResumeTokens& tokens,
                                                   const std::string& resume_token);

// Given to the feed in the place of its own stream: the feed's thread writes, nothing of this holds
// a thread or a connection. The feed shows only events whose audience names the organization.
// `Response` has `resume_token` and `caught_up`.
template <typename Response>
class Watch final : public rpc::ServerStream<event::v1::StreamResponse> {
 public:
  using Reader = rpc::ServerStream<Response>;
  // Adds the event, in the service's words; leaves out one that it does not know.
  using Show = std::function<void(event::v1::Event&, Response&)>;
  Watch(std::shared_ptr<Reader> reader, ResumeTokens tokens, Show show)
      : reader_(std::move(reader)), tokens_(std::move(tokens)), show_(std::move(show)) {}

  bool Write(event::v1::StreamResponse message) override {
    Response out;
    for (event::v1::Event& event : *message.mutable_events()) show_(event, out);
    absl::StatusOr<std::string> token = tokens_.At(message.cursor());
    if (!token.ok()) {
      reader_->Finish(token.status());
      return false;
    }
    out.set_resume_token(*std::move(token));
    out.set_caught_up(message.caught_up());
    return reader_->Write(std::move(out));
  }
  int pending() const override { return reader_->pending(); }
  void OnDrained(std::function<void()> callback) override {
    reader_->OnDrained(std::move(callback));
  }
  void Post(std::function<void()> work) override { reader_->Post(std::move(work)); }
  void OnDone(std::function<void()> callback) override { reader_->OnDone(std::move(callback)); }
  void Finish(const absl::Status& status) override { reader_->Finish(status); }

 private:
  const std::shared_ptr<Reader> reader_;
  const ResumeTokens tokens_;
  const Show show_;
};

// For a handler: returns at once; the stream lives on in the feed.
template <typename Response>
absl::Status StartWatch(const WatchOptions& options, const rpc::Call& call,
                        const std::string& resume_token,
                        std::shared_ptr<rpc::ServerStream<Response>> stream,
                        typename Watch<Response>::Show show) {
  ResumeTokens tokens(options.sealer, options.purpose, call.caller().organization_id);
  const absl::StatusOr<event::v1::StreamRequest> from = WatchFrom(options, tokens, resume_token);
  if (!from.ok()) return from.status();
  return options.feed.Stream(
      call, *from,
      std::make_shared<Watch<Response>>(std::move(stream), std::move(tokens), std::move(show)));
}

}  // namespace yilian::outbox
