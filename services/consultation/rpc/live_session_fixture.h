// Two replicas and the people of one live session, for tests over the wire on a real database.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/rpc/client_call.h"
#include "common/status/matchers.h"
#include "services/consultation/rpc/live_convert.h"
#include "services/consultation/testing/live_client.h"
#include "services/consultation/testing/live_replicas.h"
#include "tests/support/eventually.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"

namespace yilian::consultation {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using test_support::Eventually;

inline std::string BytesOf(const std::vector<v1::TranscriptEntry>& entries) {
  std::string bytes;
  for (const v1::TranscriptEntry& one : entries) bytes += one.SerializeAsString() + '\n';
  return bytes;
}

class LiveSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    replicas_ = std::make_unique<LiveReplicas>(
        clock_,
        LiveHub::Options{.poll = absl::Milliseconds(100), .renewal = absl::Milliseconds(100)});
    replicas_->turn() = {.urls = {"turn:turn.example:3478"}, .secret = "north of the lake"};
    replicas_->Start();
    replicas_->Start();
    session_ = replicas_->OpenSession();
  }

  std::unique_ptr<LiveClient> Client(const LivePerson& person) {
    return std::make_unique<LiveClient>(replicas_->TokenOf(person));
  }
  // Joined, and shown the transcript up to its own arrival.
  std::unique_ptr<LiveClient> Joined(const LivePerson& person, size_t replica) {
    auto client = Client(person);
    client->Join(replicas_->Channel(replica), session_);
    EXPECT_TRUE(client->Await([&](const Heard& heard) { return Knows(heard, person); }));
    return client;
  }
  static bool Knows(const Heard& heard, const LivePerson& person) {
    return std::any_of(heard.entries.begin(), heard.entries.end(), [&](const auto& one) {
      return one.kind() == v1::ENTRY_KIND_JOINED && one.practitioner_id() == person.id();
    });
  }
  // The expert waits until the doctor lets them in.
  std::unique_ptr<LiveClient> Admitted(LiveClient& moderator, const LivePerson& person,
                                       size_t replica) {
    auto client = Client(person);
    client->Join(replicas_->Channel(replica), session_);
    EXPECT_TRUE(client->Await([](const Heard& heard) { return heard.welcomes.size() == 1; }));
    EXPECT_TRUE(moderator.Send(ModerationOf(v1::MODERATOR_ACT_ADMIT, person.id())));
    EXPECT_TRUE(client->Await([](const Heard& heard) {
      return heard.welcomes.size() == 2 &&
             heard.last_number() >= heard.welcomes[1].live_session().last_number();
    }));
    return client;
  }
  // As many chats, each accepted; the participant's time goes on meanwhile, so that none is too
  // much.
  void SayOften(LiveClient& client, size_t times, const std::string& text) {
    const size_t before = client.heard().accepted.size();
    for (size_t said = 0; said < times; ++said) {
      ASSERT_TRUE(client.Send(ChatOf(text)));
      if ((said + 1) % 10 != 0 && said + 1 != times) continue;
      ASSERT_TRUE(client.Await(
          [&](const Heard& heard) { return heard.accepted.size() == before + said + 1; }));
      clock_.Advance(absl::Seconds(10));
    }
  }
  std::vector<v1::TranscriptEntry> Stored() {
    const auto entries = replicas_->store().Entries(*LiveSessionId::Parse(session_), 0, 10'000,
                                                    absl::Now() + absl::Seconds(20));
    EXPECT_THAT(entries, IsOk());
    std::vector<v1::TranscriptEntry> out;
    for (const TranscriptEntry& one : *entries) out.push_back(convert::ToProto(one));
    return out;
  }
  void ExpectGapless(const std::vector<v1::TranscriptEntry>& entries) {
    for (size_t i = 0; i < entries.size(); ++i) {
      ASSERT_EQ(entries[i].number(), static_cast<int64_t>(i) + 1);
    }
  }
  // Ends a stream whose first message is this, and says how.
  absl::Status JoinAs(const LivePerson& person, const v1::JoinSessionRequest& first) {
    const auto client = Client(person);
    client->Open(replicas_->Channel(0), first);
    client->Listen();
    EXPECT_TRUE(client->Await([](const Heard& heard) { return heard.ended.has_value(); }));
    return client->heard().ended.value_or(absl::UnknownError("still open"));
  }
  v1::JoinSessionRequest First(const std::string& session) {
    v1::JoinSessionRequest first;
    first.set_live_session_id(session);
    return first;
  }

  const LivePerson doctor_ = LiveReplicas::Doctor(1);
  const LivePerson expert_ = LiveReplicas::Expert(1);
  const LivePerson second_ = LiveReplicas::Expert(2);
  base::FakeClock clock_{absl::FromUnixSeconds(1764000000)};
  std::unique_ptr<LiveReplicas> replicas_;
  std::string session_;
};

}  // namespace yilian::consultation
