#include <google/protobuf/any.pb.h>

#include "common/outbox/inspect.h"
#include "common/outbox/numbering.h"
#include "common/outbox/outbox_fixture.h"

namespace yilian::outbox {
namespace {

using status::IsOk;
using status::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(OutboxTest, AnEventComesBackAsItWasAppended) {
  const base::Uuid aggregate = base::Uuid::V7();
  const base::Uuid clinic = base::Uuid::V7();
  const base::Uuid hospital = base::Uuid::V7();
  NewEvent event = Event(aggregate, 7, {clinic, hospital});
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Commit({event});
  Sequencer sequencer(*pool_);
  ASSERT_TRUE(test_support::Eventually([&] { return !Read().empty(); }));

  const StoredEvent stored = Read().front();
  EXPECT_EQ(stored.position, 1);
  EXPECT_FALSE(stored.event_id.is_nil());
  EXPECT_EQ(stored.aggregate_type, "counter");
  EXPECT_EQ(stored.aggregate_id, aggregate);
  EXPECT_EQ(stored.aggregate_version, 7);
  EXPECT_EQ(stored.type, "Counted");
  EXPECT_EQ(stored.occurred_at, At());
  EXPECT_EQ(stored.traceparent, event.traceparent);
  EXPECT_THAT(stored.audience, ElementsAre(clinic, hospital));
  google::protobuf::Any any;
  event::v1::StreamRequest payload;
  ASSERT_TRUE(any.ParseFromString(stored.payload));
  ASSERT_TRUE(any.UnpackTo(&payload));
  EXPECT_EQ(payload.cursor(), 7);
}

TEST_F(OutboxTest, TheTypeIsThePayloadsShortName) {
  EXPECT_EQ(NewEvent::Of("counter", base::Uuid::V7(), 1, event::v1::StreamRequest(), At(), {}).type,
            "StreamRequest");
}

TEST_F(OutboxTest, ManyEventsOfOneWriteKeepTheirOrder) {
  std::vector<NewEvent> events;
  for (int version = 1; version <= 1203; ++version) events.push_back(Event(base::Uuid(), version));
  Commit(events);
  Sequencer sequencer(*pool_);
  ASSERT_TRUE(test_support::Eventually([&] { return Read().size() == events.size(); }));
  int64_t expected = 0;
  for (const StoredEvent& event : Read()) {
    ++expected;
    ASSERT_EQ(event.position, expected);
    ASSERT_EQ(event.aggregate_version, expected);
  }
}

TEST_F(OutboxTest, ReadAfterGivesAPage) {
  Commit({Event(base::Uuid(), 1), Event(base::Uuid(), 2), Event(base::Uuid(), 3)});
  Sequencer sequencer(*pool_);
  ASSERT_TRUE(test_support::Eventually([&] { return Read().size() == 3; }));
  EXPECT_THAT(Read(1, 1), ElementsAre(testing::Field(&StoredEvent::position, 2)));
  EXPECT_THAT(Read(3), IsEmpty());
}

TEST_F(OutboxTest, AnAudienceThatDoesNotFitIsRefused) {
  const std::vector<base::Uuid> everybody(513, base::Uuid::V7());
  EXPECT_THAT(mysql::RunTransaction(*pool_, {.name = "test", .deadline = Soon()},
                                    [&](mysql::Session& session) {
                                      return Append(session, {Event(base::Uuid(), 1, everybody)});
                                    }),
              StatusIs(absl::StatusCode::kInternal, "AUDIENCE_TOO_LARGE"));
}

TEST_F(OutboxTest, BacklogTellsWhatIsNotNumbered) {
  Commit({Event(base::Uuid(), 1), Event(base::Uuid(), 2)});
  auto lease = Hold();
  auto before = ReadBacklog(*lease);
  ASSERT_THAT(before, IsOk());
  EXPECT_EQ(before->unnumbered, 2);
  EXPECT_EQ(before->oldest, At());
  EXPECT_EQ(before->last_position, 0);

  Sequencer sequencer(*pool_);
  ASSERT_TRUE(test_support::Eventually([&] { return Read().size() == 2; }));
  auto after = ReadBacklog(*lease);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->unnumbered, 0);
  EXPECT_EQ(after->oldest, std::nullopt);
  EXPECT_EQ(after->last_position, 2);
  EXPECT_EQ(after->epoch, 1);
}

}  // namespace
}  // namespace yilian::outbox
