#include "common/outbox/feed.h"

#include "common/outbox/feed_test_server.h"
#include "common/outbox/outbox_fixture.h"

namespace yilian::outbox {
namespace {

using event::v1::StreamRequest;
using event::v1::StreamResponse;
using status::IsOk;
using status::StatusIs;
using test_support::Eventually;
using testing::ElementsAre;
using testing::IsEmpty;

class FeedTest : public OutboxTest {
 protected:
  void SetUp() override {
    OutboxTest::SetUp();
    if (IsSkipped()) return;
    sequencer_ = std::make_unique<Sequencer>(*pool_);
    MakeFeed({});
  }
  void TearDown() override {
    feed_.reset();
    sequencer_.reset();
  }
  void MakeFeed(FeedOptions options) {
    feed_ = std::make_unique<Feed>(*pool_, *sequencer_, options);
  }

  std::shared_ptr<QueuedStream> Open(const TestCall& call, int64_t cursor,
                                     std::vector<std::string> types = {}) {
    StreamRequest request;
    request.set_cursor(cursor);
    request.set_subscriber("test");
    for (std::string& type : types) request.add_types(std::move(type));
    auto stream = std::make_shared<QueuedStream>();
    EXPECT_THAT(feed_->Stream(call, request, stream), IsOk());
    return stream;
  }

  // Versions of the events that came, until the cursor has reached `cursor`.
  static std::vector<int64_t> VersionsUpTo(QueuedStream& stream, int64_t cursor) {
    std::vector<int64_t> versions;
    int64_t reached = -1;
    EXPECT_TRUE(Eventually([&] {
      while (const auto message = stream.Take()) {
        EXPECT_GE(message->cursor(), reached) << "a cursor never goes back";
        reached = message->cursor();
        for (const auto& event : message->events()) versions.push_back(event.aggregate_version());
      }
      return reached >= cursor;
    })) << "the cursor stands at "
        << reached;
    return versions;
  }

  // Versions from..to, one event each, committed one by one.
  void CommitVersions(int from, int to) {
    std::vector<NewEvent> events;
    for (int version = from; version <= to; ++version) events.push_back(Event({}, version));
    Commit(events);
    sequencer_->Notify();
  }
  void AwaitNumbered(int64_t position) {
    ASSERT_TRUE(Eventually([&] { return LastPosition(*Hold()).value_or(0) >= position; }));
  }
  static std::vector<int64_t> Range(int64_t from, int64_t to) {
    std::vector<int64_t> all;
    for (int64_t version = from; version <= to; ++version) all.push_back(version);
    return all;
  }

  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(FeedTest, StoredEventsComeFirstThenEachAsItIsCommitted) {
  CommitVersions(1, 3);
  AwaitNumbered(3);
  auto stream = Open(CallOfService(), 1);
  EXPECT_THAT(VersionsUpTo(*stream, 3), ElementsAre(2, 3));
  CommitVersions(4, 4);
  EXPECT_THAT(VersionsUpTo(*stream, 4), ElementsAre(4));
}

TEST_F(FeedTest, AnEventReachesTheWireWithAllItsFields) {
  const base::Uuid aggregate = base::Uuid::V7();
  NewEvent given = Event(aggregate, 5);
  given.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Commit({given});
  AwaitNumbered(1);
  auto stream = Open(CallOfService(), 0);
  std::optional<StreamResponse> message;
  ASSERT_TRUE(
      Eventually([&] { return (message = stream->Take()) && message->events_size() == 1; }));
  const event::v1::Event& event = message->events(0);
  EXPECT_EQ(event.position(), 1);
  EXPECT_EQ(event.event_id(), Read().front().event_id.ToString());
  EXPECT_EQ(event.aggregate_type(), "counter");
  EXPECT_EQ(event.aggregate_id(), aggregate.ToString());
  EXPECT_EQ(event.type(), "Counted");
  EXPECT_EQ(event.traceparent(), given.traceparent);
  EXPECT_EQ(event.occurred_at().seconds() * 1'000'000 + event.occurred_at().nanos() / 1000,
            absl::ToUnixMicros(At()));
  StreamRequest payload;
  EXPECT_TRUE(event.payload().UnpackTo(&payload));
}

TEST_F(FeedTest, AnOrganizationSeesOnlyWhatNamesItAndItsCursorPassesTheRest) {
  const base::Uuid clinic = base::Uuid::V7();
  const base::Uuid hospital = base::Uuid::V7();
  Commit({Event({}, 1, {clinic}), Event({}, 2, {clinic, hospital}), Event({}, 3, {hospital}),
          Event({}, 4)});
  AwaitNumbered(4);
  EXPECT_THAT(VersionsUpTo(*Open(CallOfOrganization(clinic), 0), 4), ElementsAre(1, 2));
  EXPECT_THAT(VersionsUpTo(*Open(CallOfOrganization(hospital), 0), 4), ElementsAre(2, 3));
  EXPECT_THAT(VersionsUpTo(*Open(CallOfOrganization(base::Uuid::V7()), 0), 4), IsEmpty());
  EXPECT_THAT(VersionsUpTo(*Open(CallOfService(), 0), 4), ElementsAre(1, 2, 3, 4));
}

TEST_F(FeedTest, APersonOfAnOrganizationIsNoServiceEvenBehindAServicesCertificate) {
  const base::Uuid clinic = base::Uuid::V7();
  Commit({Event({}, 1, {clinic}), Event({}, 2)});
  AwaitNumbered(2);
  rpc::Caller caller;
  caller.service = "gateway";
  caller.user_id = base::Uuid::V7();
  caller.organization_id = clinic;
  EXPECT_THAT(VersionsUpTo(*Open(TestCall(caller), 0), 2), ElementsAre(1));
}

TEST_F(FeedTest, ACallerWithoutAnOrganizationGetsNothing) {
  rpc::Caller caller;
  caller.user_id = base::Uuid::V7();
  EXPECT_THAT(feed_->Stream(TestCall(caller), {}, std::make_shared<QueuedStream>()),
              StatusIs(absl::StatusCode::kPermissionDenied, "NO_ORGANIZATION"));
}

TEST_F(FeedTest, OnlyTheTypesAskedForCome) {
  Commit({Event({}, 1, {}, "Opened"), Event({}, 2, {}, "Closed"), Event({}, 3, {}, "Opened")});
  AwaitNumbered(3);
  EXPECT_THAT(VersionsUpTo(*Open(CallOfService(), 0, {"Opened"}), 3), ElementsAre(1, 3));
}

TEST_F(FeedTest, WhoIsFurtherBehindThanTheRingGetsEveryEventOnceInOrder) {
  MakeFeed({.ring = 10, .page = 7});
  CommitVersions(1, 100);
  AwaitNumbered(100);
  auto near = Open(CallOfService(), 100);
  EXPECT_THAT(VersionsUpTo(*near, 100), IsEmpty());
  auto far = Open(CallOfService(), 0);
  CommitVersions(101, 130);
  EXPECT_EQ(VersionsUpTo(*far, 130), Range(1, 130));
  EXPECT_EQ(VersionsUpTo(*near, 130), Range(101, 130));
}

TEST_F(FeedTest, ASlowReaderIsWaitedForAndHoldsUpNobody) {
  MakeFeed({.ring = 10, .page = 2});
  CommitVersions(1, 60);
  auto slow = Open(CallOfService(), 0);
  auto quick = Open(CallOfService(), 0);
  EXPECT_EQ(VersionsUpTo(*quick, 60), Range(1, 60));
  EXPECT_LE(slow->most_pending(), 8) << "far below the 64 at which the frame cuts off";
  EXPECT_EQ(VersionsUpTo(*slow, 60), Range(1, 60));
}

TEST_F(FeedTest, AnIdleStreamHasASignOfLife) {
  MakeFeed({.heartbeat = absl::Milliseconds(40)});
  auto stream = Open(CallOfService(), 0);
  int heartbeats = 0;
  EXPECT_TRUE(Eventually([&] {
    while (const auto message = stream->Take()) {
      EXPECT_EQ(message->events_size(), 0);
      EXPECT_EQ(message->cursor(), 0);
      ++heartbeats;
    }
    return heartbeats >= 3;
  }));
}

TEST_F(FeedTest, AReaderIsToldAtOnceThatItHasWhatWasThere) {
  MakeFeed({.heartbeat = absl::Hours(1), .page = 7});
  CommitVersions(1, 100);
  AwaitNumbered(100);
  for (const bool any_for_it : {true, false}) {
    auto stream = Open(any_for_it ? CallOfService() : CallOfOrganization(base::Uuid::V7()), 0);
    int events = 0;
    std::optional<StreamResponse> message;
    EXPECT_TRUE(Eventually([&] {
      while ((message = stream->Take())) {
        events += message->events_size();
        if (message->caught_up()) return true;
        EXPECT_LT(message->cursor(), 100);
      }
      return false;
    }));
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->cursor(), 100);
    EXPECT_EQ(events, any_for_it ? 100 : 0);
  }
}

TEST_F(FeedTest, AReaderOfNothingIsToldSoAtOnce) {
  MakeFeed({.heartbeat = absl::Hours(1)});
  auto stream = Open(CallOfService(), 0);
  std::optional<StreamResponse> message;
  ASSERT_TRUE(Eventually([&] { return (message = stream->Take()).has_value(); }));
  EXPECT_TRUE(message->caught_up());
  CommitVersions(1, 1);
  EXPECT_THAT(VersionsUpTo(*stream, 1), ElementsAre(1));
}

TEST_F(FeedTest, IdleStreamsHoldNoConnection) {
  std::vector<std::shared_ptr<QueuedStream>> streams;
  for (int i = 0; i < 300; ++i) streams.push_back(Open(CallOfService(), 0));
  for (const auto& stream : streams) VersionsUpTo(*stream, 0);
  EXPECT_EQ(feed_->streams(), 300);
  // The sequencer takes one for an instant now and then; 300 streams would take every one for good.
  EXPECT_TRUE(Eventually([&] { return pool_->GetStats().idle == pool_->GetStats().open; }));
  for (const auto& stream : streams) stream->End();
  EXPECT_EQ(feed_->streams(), 0);
}

TEST_F(FeedTest, ACursorPastTheLastEventIsRefused) {
  CommitVersions(1, 2);
  AwaitNumbered(2);
  StreamRequest request;
  request.set_cursor(3);
  EXPECT_THAT(feed_->Stream(CallOfService(), request, std::make_shared<QueuedStream>()),
              StatusIs(absl::StatusCode::kInvalidArgument, "CURSOR_AHEAD"));
  request.set_cursor(2);
  EXPECT_THAT(feed_->Stream(CallOfService(), request, std::make_shared<QueuedStream>()), IsOk());
}

TEST_F(FeedTest, DrainingEndsStreamsSoThatSubscribersGoElsewhere) {
  auto stream = Open(CallOfService(), 0);
  feed_->Drain();
  EXPECT_TRUE(stream->finished());
  EXPECT_THAT(stream->status(), StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
  EXPECT_THAT(feed_->Stream(CallOfService(), {}, std::make_shared<QueuedStream>()),
              StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
}

}  // namespace
}  // namespace yilian::outbox
