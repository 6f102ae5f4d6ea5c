// Live sessions over the wire, on a real database, with two replicas in this process.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "services/consultation/rpc/live_session_fixture.h"

namespace yilian::consultation {
namespace {

TEST_F(LiveSessionTest, AllSeeTheSameWordsInOneOrderOnEveryReplica) {
  std::vector<std::unique_ptr<LiveClient>> clients;
  clients.push_back(Joined(doctor_, 0));
  clients.push_back(Admitted(*clients[0], expert_, 1));
  clients.push_back(Admitted(*clients[0], second_, 0));
  clients.push_back(Admitted(*clients[0], LiveReplicas::Doctor(2), 1));
  clock_.Advance(absl::Seconds(10));
  constexpr int kEach = 15;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < clients.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < kEach; ++n) clients[i]->Send(ChatOf(std::to_string(n)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const size_t all = 1 + 3 * 2 + 4 * kEach;
  for (const auto& client : clients) {
    EXPECT_TRUE(client->Await([&](const Heard& heard) {
      return heard.entries.size() == all && heard.accepted.size() >= kEach;
    }));
  }
  const std::vector<v1::TranscriptEntry> stored = Stored();
  ExpectGapless(stored);
  for (const auto& client : clients) {
    EXPECT_EQ(BytesOf(client->heard().entries), BytesOf(stored));
    EXPECT_TRUE(client->heard().refusals.empty());
  }
}

TEST_F(LiveSessionTest, WhoComesLateOrBackGetsWhatTheyLackAndNothingTwice) {
  const auto doctor = Joined(doctor_, 0);
  SayOften(*doctor, 90, "更多");  // more than a stream takes at once
  const auto late = Admitted(*doctor, expert_, 1);
  ASSERT_TRUE(late->Await([&](const Heard& heard) { return heard.entries.size() >= 93; }));
  ExpectGapless(late->heard().entries);
  late->Break();
  SayOften(*doctor, 1, "您不在时");
  late->Join(replicas_->Channel(0), session_);
  EXPECT_TRUE(late->Await([](const Heard& heard) {
    return std::any_of(heard.entries.begin(), heard.entries.end(),
                       [](const auto& one) { return one.text() == "您不在时"; });
  }));
  ExpectGapless(late->heard().entries);
}

TEST_F(LiveSessionTest, AMessageThatIsSentAgainIsOneEntryAlsoAtAnotherReplica) {
  const auto doctor = Joined(doctor_, 0);
  const v1::JoinSessionRequest chat = ChatOf("窦性心律");
  doctor->Send(chat);
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.accepted.size() == 1; }));
  doctor->Join(replicas_->Channel(1), session_);
  doctor->Send(chat);
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.accepted.size() == 2; }));
  EXPECT_EQ(doctor->heard().accepted[0].number(), doctor->heard().accepted[1].number());
  v1::JoinSessionRequest other = chat;
  other.mutable_chat()->set_text("心房颤动");
  doctor->Send(other);
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.refusals.size() == 1; }));
  EXPECT_EQ(doctor->heard().refusals[0].reason(), "REQUEST_ID_REUSED");
  const auto stored = Stored();
  EXPECT_EQ(std::count_if(stored.begin(), stored.end(),
                          [](const auto& one) { return one.kind() == v1::ENTRY_KIND_CHAT; }),
            1);
}

TEST_F(LiveSessionTest, TheWaitingRoomShowsNothingAndSaysNothing) {
  const auto doctor = Joined(doctor_, 0);
  doctor->Send(ChatOf("秘密"));
  const auto waiting = Client(expert_);
  waiting->Join(replicas_->Channel(1), session_);
  ASSERT_TRUE(waiting->Await([](const Heard& heard) { return heard.welcomes.size() == 1; }));
  EXPECT_EQ(waiting->heard().welcomes[0].you().standing(), v1::STANDING_WAITING);
  EXPECT_EQ(waiting->heard().welcomes[0].participants_size(), 0);
  waiting->Send(ChatOf("让我进来"));
  waiting->Send(PointAt(1, 1));
  waiting->Send(OfferTo(doctor_.id(), "v=0"));
  ASSERT_TRUE(waiting->Await([](const Heard& heard) { return heard.refusals.size() == 3; }));
  for (const v1::Refusal& refusal : waiting->heard().refusals) {
    EXPECT_EQ(refusal.reason(), "WAITING_FOR_ADMISSION");
    EXPECT_FALSE(refusal.chinese().empty());
  }
  EXPECT_TRUE(waiting->heard().entries.empty());
  doctor->Send(ModerationOf(v1::MODERATOR_ACT_ADMIT, expert_.id()));
  ASSERT_TRUE(waiting->Await([](const Heard& heard) { return heard.entries.size() == 4; }));
  EXPECT_EQ(waiting->heard().welcomes[1].you().standing(), v1::STANDING_ADMITTED);
  EXPECT_EQ(BytesOf(waiting->heard().entries), BytesOf(Stored()));
}

TEST_F(LiveSessionTest, AModeratorMutesRemovesAndEndsOnWhateverReplica) {
  const auto doctor = Joined(doctor_, 0);
  const auto expert = Admitted(*doctor, expert_, 1);
  const auto second = Admitted(*doctor, second_, 1);
  expert->Send(ModerationOf(v1::MODERATOR_ACT_END));
  ASSERT_TRUE(expert->Await([](const Heard& heard) { return heard.refusals.size() == 1; }));
  EXPECT_EQ(expert->heard().refusals[0].reason(), "NOT_A_MODERATOR");
  doctor->Send(ModerationOf(v1::MODERATOR_ACT_MUTE, expert_.id()));
  ASSERT_TRUE(expert->Await(
      [](const Heard& heard) { return heard.entries.back().kind() == v1::ENTRY_KIND_MUTED; }));
  expert->Send(ChatOf("听得到吗"));
  expert->Send(PointAt(5, 5));
  ASSERT_TRUE(expert->Await([](const Heard& heard) { return heard.refusals.size() == 3; }));
  EXPECT_EQ(expert->heard().refusals[1].reason(), "MUTED");
  EXPECT_EQ(expert->heard().refusals[2].reason(), "MUTED");
  doctor->Send(ModerationOf(v1::MODERATOR_ACT_REMOVE, expert_.id()));
  ASSERT_TRUE(expert->Await([](const Heard& heard) { return heard.ended.has_value(); }));
  EXPECT_THAT(*expert->heard().ended,
              StatusIs(StatusCode::kPermissionDenied, "REMOVED_FROM_SESSION"));
  EXPECT_THAT(JoinAs(expert_, First(session_)),
              StatusIs(StatusCode::kPermissionDenied, "REMOVED_FROM_SESSION"));
  doctor->Send(ModerationOf(v1::MODERATOR_ACT_END));
  for (LiveClient* client : {doctor.get(), second.get()}) {
    ASSERT_TRUE(client->Await([](const Heard& heard) { return heard.ended.has_value(); }));
    EXPECT_THAT(*client->heard().ended, IsOk());
    EXPECT_EQ(client->heard().entries.back().kind(), v1::ENTRY_KIND_ENDED);
  }
  EXPECT_THAT(JoinAs(doctor_, First(session_)),
              StatusIs(StatusCode::kFailedPrecondition, "SESSION_ENDED"));
}

TEST_F(LiveSessionTest, CursorsGoToAllSignalsToOneAndNeitherIsKept) {
  const auto doctor = Joined(doctor_, 0);
  const auto expert = Admitted(*doctor, expert_, 1);
  const auto second = Admitted(*doctor, second_, 0);
  const size_t before = Stored().size();
  // A replica learns where the others are within a moment; a frame before that is one lost.
  ASSERT_TRUE(Eventually([&] {
    doctor->Send(PointAt(1234, 5678));
    clock_.Advance(absl::Seconds(1));
    return expert->Await([](const Heard& heard) { return !heard.attentions.empty(); },
                         absl::Milliseconds(50));
  }));
  ASSERT_TRUE(second->Await([](const Heard& heard) { return !heard.attentions.empty(); }));
  EXPECT_EQ(expert->heard().attentions[0].practitioner_id(), doctor_.id());
  EXPECT_EQ(expert->heard().attentions[0].x(), 1234);
  v1::JoinSessionRequest offer = OfferTo(expert_.id(), "v=0");
  offer.mutable_signal()->set_from_practitioner_id(second_.id());
  doctor->Send(offer);
  ASSERT_TRUE(expert->Await([](const Heard& heard) { return heard.signals.size() == 1; }));
  EXPECT_EQ(expert->heard().signals[0].from_practitioner_id(), doctor_.id())
      << "whatever the sender says who they are";
  EXPECT_EQ(expert->heard().signals[0].offer(), "v=0");
  doctor->Send(OfferTo(LiveReplicas::Expert(9).id(), "v=0"));
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.refusals.size() == 1; }));
  EXPECT_EQ(doctor->heard().refusals[0].reason(), "PARTICIPANT_NOT_FOUND");
  v1::JoinSessionRequest turn;
  turn.mutable_turn();
  doctor->Send(turn);
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.turns.size() == 1; }));
  EXPECT_TRUE(second->heard().signals.empty());
  EXPECT_TRUE(doctor->heard().attentions.empty()) << "nobody is shown their own cursor";
  EXPECT_EQ(Stored().size(), before);
}

TEST_F(LiveSessionTest, WhoHasNoRightIsToldAsIfThereWereNothing) {
  const absl::Status foreign = JoinAs(LiveReplicas::Stranger(1), First(session_));
  EXPECT_THAT(foreign, StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_EQ(foreign, JoinAs(LiveReplicas::Stranger(1), First(base::Uuid::V7().ToString())));
  EXPECT_THAT(JoinAs(doctor_, ChatOf("谁在？")),
              StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  v1::JoinSessionRequest ahead = First(session_);
  ahead.set_after_number(1000);
  EXPECT_THAT(JoinAs(doctor_, ahead), StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_TRUE(Eventually([&] { return Stored().back().kind() == v1::ENTRY_KIND_LEFT; }))
      << "whom that sent away is not there";
}

TEST_F(LiveSessionTest, AnOversizedOrLooseFrameHarmsNobodyElse) {
  const auto doctor = Joined(doctor_, 0);
  const auto expert = Admitted(*doctor, expert_, 0);
  v1::JoinSessionRequest loose = ChatOf("无编号");
  loose.clear_request_id();
  expert->Send(loose);
  ASSERT_TRUE(expert->Await([](const Heard& heard) { return heard.refusals.size() == 1; }));
  EXPECT_EQ(expert->heard().refusals[0].reason(), "FIELD_INVALID");
  ASSERT_EQ(expert->heard().refusals[0].fields_size(), 1);
  expert->Send(ChatOf(std::string(4001, 'x')));
  ASSERT_TRUE(expert->Await([](const Heard& heard) { return heard.ended.has_value(); }));
  EXPECT_THAT(*expert->heard().ended, StatusIs(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  doctor->Send(ChatOf("继续"));
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.accepted.size() == 2; }));
  EXPECT_FALSE(doctor->heard().ended.has_value());
}

TEST_F(LiveSessionTest, WhoSendsTooMuchIsRefusedUntilTheyHaveWaited) {
  const auto doctor = Joined(doctor_, 0);
  for (int i = 0; i < 25; ++i) doctor->Send(ChatOf(std::to_string(i)));
  ASSERT_TRUE(doctor->Await([](const Heard& heard) {
    return heard.accepted.size() == 20 && heard.refusals.size() == 5;
  }));
  EXPECT_EQ(doctor->heard().refusals[0].reason(), "TOO_MANY_FRAMES");
  for (int i = 0; i < 300; ++i) doctor->Send(PointAt(i, i));
  doctor->Send(HandOf(true));
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.refusals.size() == 7; }));
  EXPECT_TRUE(doctor->heard().refusals[5].request_id().empty())
      << "told once that cursors are dropped, then of the hand";
  EXPECT_FALSE(doctor->heard().refusals[6].request_id().empty());
  clock_.Advance(absl::Seconds(1));
  doctor->Send(ChatOf("等过了"));
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.accepted.size() == 21; }));
}

TEST_F(LiveSessionTest, AReaderWhoStopsIsCutAndTheOthersHearEverything) {
  const auto doctor = Joined(doctor_, 0);
  const auto expert = Admitted(*doctor, expert_, 0);
  const auto slow = Admitted(*doctor, second_, 0);
  slow->Break();
  v1::JoinSessionRequest first = First(session_);
  first.set_after_number(slow->heard().last_number());
  slow->Open(replicas_->Channel(0), first);
  ASSERT_TRUE(Eventually([&] { return Stored().back().kind() == v1::ENTRY_KIND_JOINED; }));
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "心";
  constexpr int kChats = 180;  // 2.1 MB: more than windows and queue take
  SayOften(*doctor, kChats, text);
  const auto chats = [&](const Heard& heard) {
    return std::count_if(heard.entries.begin(), heard.entries.end(),
                         [](const auto& one) { return one.kind() == v1::ENTRY_KIND_CHAT; });
  };
  for (LiveClient* client : {doctor.get(), expert.get()}) {
    EXPECT_TRUE(client->Await([&](const Heard& heard) { return chats(heard) == kChats; }));
    EXPECT_FALSE(client->heard().ended.has_value());
  }
  slow->Listen();
  ASSERT_TRUE(slow->Await([](const Heard& heard) { return heard.ended.has_value(); }));
  // Who does not even take the end within five seconds is cancelled: the frame's own tests.
  if (!absl::IsCancelled(*slow->heard().ended)) {
    EXPECT_THAT(*slow->heard().ended, StatusIs(StatusCode::kResourceExhausted, "SLOW_READER"));
  }
  EXPECT_LT(chats(slow->heard()), kChats);
  slow->Join(replicas_->Channel(1), session_);
  EXPECT_TRUE(slow->Await([&](const Heard& heard) { return chats(heard) == kChats; }));
  ExpectGapless(slow->heard().entries);
}

TEST_F(LiveSessionTest, WhoJoinsAgainTakesTheirPlaceFromTheOldConnection) {
  const auto doctor = Joined(doctor_, 0);
  const auto again = Joined(doctor_, 1);
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.ended.has_value(); }));
  EXPECT_THAT(*doctor->heard().ended, StatusIs(StatusCode::kAborted, "JOINED_ELSEWHERE"));
  again->Send(ChatOf("还在"));
  EXPECT_TRUE(again->Await([](const Heard& heard) { return heard.accepted.size() == 1; }));
  const auto stored = Stored();
  EXPECT_TRUE(std::none_of(stored.begin(), stored.end(), [](const auto& one) {
    return one.kind() == v1::ENTRY_KIND_LEFT;
  })) << "they never left";
}

TEST_F(LiveSessionTest, AReplicaThatGoesDownIsLeftForAnotherAndNoWordIsLost) {
  const auto doctor = Joined(doctor_, 0);
  const auto expert = Admitted(*doctor, expert_, 1);
  const v1::JoinSessionRequest word = ChatOf("最后一句");
  expert->Send(word);
  replicas_->Stop(1);
  ASSERT_TRUE(expert->Await([](const Heard& heard) { return heard.ended.has_value(); }));
  EXPECT_EQ(expert->heard().ended->code(), StatusCode::kUnavailable);
  expert->Join(replicas_->Channel(0), session_);
  expert->Send(word);
  ASSERT_TRUE(expert->Await([&](const Heard& heard) {
    return std::any_of(heard.accepted.begin(), heard.accepted.end(),
                       [&](const auto& one) { return one.request_id() == word.request_id(); });
  }));
  const auto all = [&](const Heard& heard) { return heard.entries.size() == Stored().size(); };
  EXPECT_TRUE(expert->Await(all));
  EXPECT_TRUE(doctor->Await(all));
  EXPECT_EQ(BytesOf(expert->heard().entries), BytesOf(doctor->heard().entries));
  EXPECT_EQ(BytesOf(expert->heard().entries), BytesOf(Stored()));
}

TEST_F(LiveSessionTest, WhoeverWasOnAReplicaThatFellSilentHasLeft) {
  const auto doctor = Joined(doctor_, 0);
  const Replica silent{.id = ReplicaId(base::Uuid::V7()), .target = "127.0.0.1:1"};
  const ConnectionId connection(base::Uuid::V7());
  ASSERT_THAT(replicas_->store().Join<v1::TranscriptEntry>(
                  test_support::WriteAs(expert_.organization), *LiveSessionId::Parse(session_),
                  {.organization = OrganizationId(expert_.organization),
                   .practitioner = PractitionerId(expert_.practitioner)},
                  connection, silent.id,
                  [](const consultation::Joined& outcome) {
                    return convert::ToProto(outcome.change.entry);
                  }),
              IsOk());
  ASSERT_THAT(
      replicas_->store().Renew(silent, absl::ZeroDuration(), absl::Now() + absl::Seconds(20)),
      IsOk());
  EXPECT_TRUE(doctor->Await([&](const Heard& heard) {
    return heard.entries.back().kind() == v1::ENTRY_KIND_LEFT &&
           heard.entries.back().practitioner_id() == expert_.id();
  })) << "an entry that nobody hinted at is found by the poll";
}

TEST_F(LiveSessionTest, OfOneConsultationOneSessionIsOpenAndEitherSideReadsIt) {
  const auto doctor = Joined(doctor_, 0);
  const auto stub = v1::LiveSessionService::NewStub(replicas_->Channel(1));
  const auto as = [&](const LivePerson& person) {
    return rpc::ClientCall(absl::Seconds(10)).WithToken(replicas_->TokenOf(person));
  };
  using Stub = v1::LiveSessionService::Stub;
  v1::ListTranscriptRequest read;
  read.set_live_session_id(session_);
  const auto transcript = as(doctor_).Invoke(*stub, &Stub::ListTranscript, read);
  ASSERT_THAT(transcript, IsOk());
  EXPECT_EQ(transcript->entries_size(), 1);
  EXPECT_THAT(as(expert_).Invoke(*stub, &Stub::ListTranscript, read),
              StatusIs(StatusCode::kFailedPrecondition, "WAITING_FOR_ADMISSION"))
      << "the waiting room has no other door";
  v1::OpenLiveSessionRequest open;
  open.set_request_id(base::Uuid::V7().ToString());
  open.set_consultation_id(transcript->live_session().consultation_id());
  const auto found = as(expert_).Invoke(*stub, &Stub::OpenLiveSession, open);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->live_session_id(), session_);
  doctor->Send(ModerationOf(v1::MODERATOR_ACT_END));
  ASSERT_TRUE(doctor->Await([](const Heard& heard) { return heard.ended.has_value(); }));
  EXPECT_THAT(as(expert_).Invoke(*stub, &Stub::ListTranscript, read), IsOk());
  open.set_request_id(base::Uuid::V7().ToString());
  const auto next = as(expert_).Invoke(*stub, &Stub::OpenLiveSession, open);
  ASSERT_THAT(next, IsOk());
  EXPECT_NE(next->live_session_id(), session_);
  v1::ListLiveSessionsRequest list;
  list.set_consultation_id(open.consultation_id());
  const auto both = as(doctor_).Invoke(*stub, &Stub::ListLiveSessions, list);
  ASSERT_THAT(both, IsOk());
  EXPECT_EQ(both->live_sessions_size(), 2);
  const LivePerson stranger = LiveReplicas::Stranger(1);
  open.set_request_id(base::Uuid::V7().ToString());
  EXPECT_THAT(as(stranger).Invoke(*stub, &Stub::OpenLiveSession, open),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(as(stranger).Invoke(*stub, &Stub::ListTranscript, read),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(as(stranger).Invoke(*stub, &Stub::ListLiveSessions, list),
              StatusIs(StatusCode::kNotFound, "NOT_FOUND"));
}

}  // namespace
}  // namespace yilian::consultation
