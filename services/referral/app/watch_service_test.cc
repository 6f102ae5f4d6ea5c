// WatchReferrals as a hospital's system meets it: a real server with mutual TLS, a network that
// breaks, a replica that goes away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "common/status/error.h"
#include "services/referral/app/service_fixture.h"
#include "tests/support/tcp_gate.h"
#include "yilian/referral/v1/worklist.grpc.pb.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using Service = v1::ReferralWorklistService;

// One call, read as far as a test wants.
class Watcher {
 public:
  explicit Watcher(std::shared_ptr<grpc::Channel> channel, const std::string& token = "")
      : stub_(Service::NewStub(channel)) {
    v1::WatchReferralsRequest request;
    request.set_resume_token(token);
    // Nobody waits for ever: the stream ends with an error where a message does not come.
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    context_.set_wait_for_ready(true);
    reader_ = stub_->WatchReferrals(&context_, request);
  }
  ~Watcher() { Leave(); }

  // The next message, or false at the stream's end.
  bool Read() {
    v1::WatchReferralsResponse message;
    if (!reader_->Read(&message)) return false;
    token_ = message.resume_token();
    caught_up_ = message.caught_up();
    for (const v1::ReferralEvent& event : message.events()) {
      events_.push_back(event.event_id());
      referrals_.push_back(event.change().referral_id());
    }
    return true;
  }
  bool AwaitCaughtUp() {
    while (!caught_up_) {
      if (!Read()) return false;
    }
    return true;
  }
  // Until so many changes have come since the call began.
  bool Await(size_t changes) {
    while (referrals_.size() < changes) {
      if (!Read()) return false;
    }
    return true;
  }
  absl::Status End() {
    while (Read()) {
    }
    return Finish();
  }
  absl::Status Finish() {
    done_ = true;
    return status::FromGrpc(reader_->Finish());
  }
  void Leave() {
    if (done_) return;
    context_.TryCancel();
    Finish().IgnoreError();
  }

  const std::string& token() const { return token_; }
  const std::vector<std::string>& events() const { return events_; }
  const std::vector<std::string>& referrals() const { return referrals_; }

 private:
  std::unique_ptr<Service::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchReferralsResponse>> reader_;
  std::string token_;
  bool caught_up_ = false;
  bool done_ = false;
  std::vector<std::string> events_;
  std::vector<std::string> referrals_;
};

class WatchServiceTest : public ::testing::Test, public ServiceFixture {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    ASSERT_NO_FATAL_FAILURE(OpenSchema());
    context_ = NewReplica(Config());
    ASSERT_NE(context_, nullptr);
  }

  void ReferSome(int count) {
    for (int i = 0; i < count; ++i) made_.push_back(Refer(kTownship, kHospital).ToString());
  }

  std::vector<std::string> made_;
};

TEST_F(WatchServiceTest, WhatHappensWhileTheNetworkIsAwayComesOnceAfterwards) {
  const auto gate = test_support::TcpGate::ToPort(context_->port());
  Watcher first(ChannelOf(kHospital, gate->port()));
  ASSERT_TRUE(first.AwaitCaughtUp());
  ReferSome(3);
  ASSERT_TRUE(first.Await(3));

  gate->Refuse();
  EXPECT_THAT(first.End(), StatusIs(absl::StatusCode::kUnavailable));
  ReferSome(4);
  gate->Restore();
  Watcher second(ChannelOf(kHospital, gate->port()), first.token());
  ReferSome(2);
  ASSERT_TRUE(second.Await(made_.size() - first.referrals().size()));

  std::vector<std::string> seen = first.referrals();
  seen.insert(seen.end(), second.referrals().begin(), second.referrals().end());
  EXPECT_EQ(seen, made_) << "in the order of their commits, none lost and none twice";
  // From an older token the same events come again, under the same ids, for a reader to know them.
  Watcher again(ChannelOf(kHospital, gate->port()), first.token());
  ASSERT_TRUE(again.Await(second.events().size()));
  EXPECT_EQ(again.events(), second.events());
}

TEST_F(WatchServiceTest, AReplicaThatGoesAwaySendsItsReadersToAnother) {
  const auto other = NewReplica(Config());
  ASSERT_NE(other, nullptr);
  Watcher first(ChannelOf(kHospital, context_->port()));
  ASSERT_TRUE(first.AwaitCaughtUp());
  ReferSome(2);
  ASSERT_TRUE(first.Await(2));

  context_->Drain(absl::Seconds(5));
  EXPECT_THAT(first.End(), StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
  context_.reset();
  ReferSome(3);
  Watcher second(ChannelOf(kHospital, other->port()), first.token());
  ASSERT_TRUE(second.Await(made_.size() - first.referrals().size()));
  std::vector<std::string> seen = first.referrals();
  seen.insert(seen.end(), second.referrals().begin(), second.referrals().end());
  EXPECT_EQ(seen, made_);
  second.Leave();
  other->Drain(absl::Seconds(5));
}

TEST_F(WatchServiceTest, AStrangerSeesItsOwnAloneAndTakesNobodysPlace) {
  Watcher stranger(ChannelOf(kStranger, context_->port()));
  ASSERT_TRUE(stranger.AwaitCaughtUp());
  Watcher hospital(ChannelOf(kHospital, context_->port()));
  ASSERT_TRUE(hospital.AwaitCaughtUp());
  Refer(kTownship, kHospital, false);  // a draft: the referrer's alone
  ReferSome(3);
  const std::string own = Refer(kStranger, kTownship).ToString();
  ASSERT_TRUE(hospital.Await(3));
  EXPECT_EQ(hospital.referrals(), made_);
  // Events come in order: what is behind the others' shows that they were left out.
  ASSERT_TRUE(stranger.Await(1));
  EXPECT_THAT(stranger.referrals(), ElementsAre(own));

  Watcher thief(ChannelOf(kStranger, context_->port()), hospital.token());
  EXPECT_THAT(thief.End(), StatusIs(absl::StatusCode::kInvalidArgument, "SEALED_TOKEN_INVALID"));
}

}  // namespace
}  // namespace yilian::referral
