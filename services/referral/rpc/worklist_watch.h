// One stream of WatchReferrals: what the event feed sends, as a referral's reader sees it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/server_stream.h"
#include "services/referral/domain/types.h"
#include "yilian/event/v1/event.pb.h"
#include "yilian/referral/v1/worklist.pb.h"

namespace yilian::referral {

// A place in the stream as a text that no other organization can use and nobody can read: how many
// events the region has is not for its members to count. A value; refers to the sealer.
class ResumeTokens {
 public:
  ResumeTokens(const crypto::Sealer& sealer, OrganizationId organization)
      : sealer_(&sealer), organization_(organization) {}

  absl::StatusOr<std::string> At(int64_t position) const;
  // INVALID_ARGUMENT (SEALED_TOKEN_INVALID) for a token that was not given to this organization.
  absl::StatusOr<int64_t> Position(const std::string& token) const;

 private:
  const crypto::Sealer* sealer_;
  OrganizationId organization_;
};

// Given to the feed in the place of its own stream: the feed's thread writes, nothing of this holds
// a thread or a connection. The feed shows only events whose audience names the organization.
class ReferralWatch final : public rpc::ServerStream<event::v1::StreamResponse> {
 public:
  using Reader = rpc::ServerStream<v1::WatchReferralsResponse>;
  ReferralWatch(std::shared_ptr<Reader> reader, ResumeTokens tokens)
      : reader_(std::move(reader)), tokens_(tokens) {}

  bool Write(event::v1::StreamResponse message) override;
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
};

}  // namespace yilian::referral
